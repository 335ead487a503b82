"""Who is erased together: a person, and the persons without an account whose address is the same."""

from collections.abc import Collection
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from consulta.contributions.models import Contribution
from consulta.people.models import Account, EmailChange, Membership, Person, PersonKind
from consulta.privacy.fates import Key


@dataclass(frozen=True)
class Subject:
    """Everything by which rows belong to who is erased."""

    persons: tuple[int, ...]
    accounts: tuple[int, ...]
    contributions: tuple[int, ...]
    names: tuple[str, ...]
    addresses: tuple[str, ...]

    def values(self, key: Key) -> tuple[int, ...] | tuple[str, ...]:
        match key:
            case Key.PERSON:
                return self.persons
            case Key.ACCOUNT:
                return self.accounts
            case Key.CONTRIBUTION:
                return self.contributions
            case Key.ADDRESS:
                return self.addresses


def persons_with(session: Session, person: Person) -> list[int]:
    """The person first, then those who wrote without an account under the same address, which the person has proven."""
    if person.email is None:
        return [person.id]
    guests = (
        sa.select(Person.id)
        .where(
            Person.email == person.email,
            Person.id != person.id,
            Person.kind == PersonKind.PERSON,
            ~sa.exists().where(Account.person_id == Person.id),
            ~sa.exists().where(Membership.person_id == Person.id),
        )
        .order_by(Person.id)
    )
    return [person.id, *session.scalars(guests)]


def find_subject(session: Session, persons: Collection[int]) -> Subject:
    """What belongs to some persons at this moment."""
    rows = session.scalars(sa.select(Person).where(Person.id.in_(persons)).order_by(Person.id)).all()
    accounts = session.scalars(sa.select(Account).where(Account.person_id.in_(persons)).order_by(Account.id)).all()
    keys = tuple(account.id for account in accounts)
    moved = session.scalars(sa.select(EmailChange.email).where(EmailChange.account_id.in_(keys)))
    addresses = {*(row.email for row in rows), *(account.email for account in accounts), *moved}
    wrote = sa.select(Contribution.id).where(Contribution.person_id.in_(persons)).order_by(Contribution.id)
    return Subject(
        persons=tuple(row.id for row in rows),
        accounts=keys,
        contributions=tuple(session.scalars(wrote)),
        names=tuple(sorted({row.public_name for row in rows})),
        addresses=tuple(sorted(address for address in addresses if address)),
    )
