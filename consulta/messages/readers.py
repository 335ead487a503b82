"""Who reads a message: the addresses of persons and institutions, and the people behind a proposal or a role."""

from collections.abc import Iterable

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from consulta.contributions.models import Contribution
from consulta.people.models import Institution, Membership, Person, Role
from consulta.proposals.models import Proposal, ProposalSource


def address_of(session: Session, *, person_id: int | None = None, institution_id: int | None = None) -> str | None:
    """Where to write to a person or to an institution; None when there is no address."""
    if institution_id is not None:
        institution = session.get(Institution, institution_id)
        return institution.email if institution else None
    person = session.get(Person, person_id) if person_id is not None else None
    return person.email if person else None


def authors_of(session: Session, proposal_id: int) -> list[dict[str, int]]:
    """The persons behind a proposal and those behind the proposals that were united with it."""
    own = aliased(Proposal)
    rows = session.scalars(
        sa.select(Contribution.person_id)
        .join(ProposalSource, ProposalSource.contribution_id == Contribution.id)
        .join(own, own.id == ProposalSource.proposal_id)
        .where(sa.or_(own.id == proposal_id, own.main_proposal_id == proposal_id))
        .distinct()
    )
    return _persons(rows)


def contributors_of(plan_id: int) -> sa.Select[int]:
    """The persons with an address behind the proposals of a plan, in the order of their ids."""
    return (
        sa.select(Contribution.person_id)
        .join(Person, Person.id == Contribution.person_id)
        .join(ProposalSource, ProposalSource.contribution_id == Contribution.id)
        .where(Contribution.plan_id == plan_id, Person.email.is_not(None))
        .distinct()
        .order_by(Contribution.person_id)
    )


def liaisons_of(session: Session, institution_id: int) -> list[dict[str, int]]:
    """The liaisons of an institution, and its own mailbox when it is another address."""
    persons = session.execute(
        sa.select(Person.id, Person.email)
        .join(Membership, Membership.person_id == Person.id)
        .where(Membership.institution_id == institution_id, Membership.role == Role.LIAISON)
    ).all()
    readers = _persons(person_id for person_id, _ in persons)
    mailbox = address_of(session, institution_id=institution_id)
    if mailbox and mailbox not in {email for _, email in persons}:
        readers.append({"institution_id": institution_id})
    return readers


def holders_of(session: Session, role: Role) -> list[dict[str, int]]:
    """The persons with a role."""
    return _persons(session.scalars(sa.select(Membership.person_id).where(Membership.role == role).distinct()))


def _persons(ids: Iterable[int]) -> list[dict[str, int]]:
    return [{"person_id": person_id} for person_id in sorted(ids)]
