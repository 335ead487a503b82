"""What the site holds of somebody, as it is told before they ask for its erasure."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from consulta.contributions.models import Contribution, ContributionState, Draft, Report, Support
from consulta.follows.models import Follow
from consulta.people.models import Account, Person
from consulta.privacy.models import Erasure


@dataclass(frozen=True)
class Holdings:
    """Everything of some persons, counted, and the texts of theirs that everybody reads."""

    texts: Sequence[Contribution]
    unpublished: int
    supports: int
    reports: int
    follows: int
    drafts: int


def erasure_of(session: Session, person_id: int | None) -> Erasure | None:
    """What a person asked for, waiting or done."""
    return session.scalars(sa.select(Erasure).where(Erasure.person_id == person_id)).one_or_none()


def address_of(session: Session, person_id: int) -> str | None:
    """Where to write to a person: the address that opens the account, else the one that was given with a text."""
    own = sa.select(sa.func.coalesce(Account.email, Person.email)).select_from(Person)
    return session.scalar(own.outerjoin(Account, Account.person_id == Person.id).where(Person.id == person_id))


def has_account(session: Session, person_id: int) -> bool:
    return session.scalar(sa.select(Account.id).where(Account.person_id == person_id)) is not None


def holdings_of(session: Session, persons: Sequence[int]) -> Holdings:
    """Two queries, however much there is."""
    mine = Contribution.person_id.in_(persons)
    is_public = Contribution.state == ContributionState.PUBLISHED
    texts = (
        sa.select(Contribution)
        .where(mine, is_public)
        .options(joinedload(Contribution.topic))
        .order_by(Contribution.received_at.desc(), Contribution.id.desc())
    )

    def counted(*conditions: sa.ColumnElement[bool]) -> Any:
        return sa.select(sa.func.count()).where(*conditions).scalar_subquery()

    chosen = sa.or_(Follow.topic_id.is_not(None), Follow.proposal_id.is_not(None))
    numbers = session.execute(
        sa.select(
            counted(mine, ~is_public),
            counted(Support.person_id.in_(persons)),
            counted(Report.person_id.in_(persons)),
            counted(Follow.person_id.in_(persons), chosen),
            counted(Draft.person_id.in_(persons)),
        )
    ).one()
    return Holdings(session.scalars(texts).all(), *numbers)
