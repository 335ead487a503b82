"""Reads of commitments worth a name."""

from collections.abc import Collection
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased, joinedload, selectinload

from consulta.commitments.models import Commitment, CommitmentActor, CommitmentProposal, CommitmentState
from consulta.decisions.models import WITH_COMMITMENT, Decision
from consulta.people.models import Institution
from consulta.people.rules import exists_between
from consulta.plans.models import Plan

# A draft is the team's own until it is sent.
SHOWN_TO_LEAD = (
    CommitmentState.INSTITUTION_REVIEW,
    CommitmentState.OBSERVED,
    CommitmentState.VALIDATED,
    CommitmentState.APPROVED,
)


WHOLE = (
    selectinload(Commitment.milestones),
    selectinload(Commitment.indicators),
    selectinload(Commitment.actors).joinedload(CommitmentActor.institution),
    selectinload(Commitment.proposal_links).joinedload(CommitmentProposal.proposal),
    selectinload(Commitment.lead_institution),
)


def orphaned_count(session: Session, commitment: Commitment, only: Collection[int] | None = None) -> int:
    """How many included proposals would be left without any commitment if this one no longer answered them.

    `only` limits the count to those proposals; None means all that it answers.
    """
    other_link, other = aliased(CommitmentProposal), aliased(Commitment)
    elsewhere = (
        sa.select(other_link.id)
        .join(other, other_link.commitment_id == other.id)
        .where(
            other_link.proposal_id == CommitmentProposal.proposal_id,
            other.id != commitment.id,
            other.state != CommitmentState.DROPPED,
        )
    )
    statement = (
        sa.select(sa.func.count())
        .select_from(CommitmentProposal)
        .join(
            Decision,
            sa.and_(Decision.proposal_id == CommitmentProposal.proposal_id, Decision.superseded_at.is_(None)),
        )
        .where(
            CommitmentProposal.commitment_id == commitment.id,
            Decision.outcome.in_(WITH_COMMITMENT),
            ~elsewhere.exists(),
        )
    )
    if only is not None:
        statement = statement.where(CommitmentProposal.proposal_id.in_(only))
    return session.execute(statement).scalar_one()


def plan_commitments(session: Session, plan: Plan, *, dropped: bool = False) -> list[Commitment]:
    """The commitments of a plan by number, with everything they hold; dropped ones only when asked."""
    statement = sa.select(Commitment).where(Commitment.plan_id == plan.id).order_by(Commitment.number)
    if not dropped:
        statement = statement.where(Commitment.state != CommitmentState.DROPPED)
    return list(session.scalars(statement.options(*WHOLE)))


def commitment_by_number(session: Session, plan: Plan, number: int) -> Commitment | None:
    statement = sa.select(Commitment).where(Commitment.plan_id == plan.id, Commitment.number == number)
    return session.scalars(statement.options(*WHOLE)).one_or_none()


def institution_commitments(
    session: Session, institution_ids: Collection[int], states: Collection[CommitmentState]
) -> list[Commitment]:
    """Commitments that these institutions lead, in these states, oldest first."""
    statement = (
        sa.select(Commitment)
        .where(Commitment.lead_institution_id.in_(institution_ids), Commitment.state.in_(states))
        .order_by(Commitment.id)
    )
    return list(session.scalars(statement.options(*WHOLE, joinedload(Commitment.plan))))


@dataclass(frozen=True)
class InstitutionTray:
    """What an institution has to read now, and what it read before."""

    waiting: list[Commitment]
    earlier: list[Commitment]


def institution_tray(session: Session, institution_ids: Collection[int]) -> InstitutionTray:
    """The commitments that these institutions lead and were asked to read, the oldest first."""
    found = institution_commitments(session, institution_ids, SHOWN_TO_LEAD)
    waiting = [one for one in found if one.state is CommitmentState.INSTITUTION_REVIEW]
    return InstitutionTray(waiting, [one for one in found if one not in waiting])


def count_waiting(session: Session, institution_ids: Collection[int]) -> int:
    """How many commitments wait for these institutions to read them."""
    statement = sa.select(sa.func.count()).where(
        Commitment.lead_institution_id.in_(institution_ids), Commitment.state == CommitmentState.INSTITUTION_REVIEW
    )
    return session.execute(statement).scalar_one()


def commitment_of_institution(
    session: Session, institution_ids: Collection[int], commitment_id: int
) -> Commitment | None:
    """One that these institutions lead and were asked to read."""
    statement = sa.select(Commitment).where(
        Commitment.id == commitment_id,
        Commitment.lead_institution_id.in_(institution_ids),
        Commitment.state.in_(SHOWN_TO_LEAD),
    )
    return session.scalars(statement.options(*WHOLE, joinedload(Commitment.plan))).one_or_none()


def possible_actors(session: Session, plan: Plan, commitment: Commitment | None = None) -> list[Institution]:
    """By name, who exists at some time of the plan's period, and whoever the commitment already names."""
    named = {link.institution_id for link in commitment.actors} if commitment else set()
    named |= {commitment.lead_institution_id} if commitment else set()
    return [
        one
        for one in session.scalars(sa.select(Institution).order_by(Institution.name))
        if one.id in named or exists_between(one, plan.period_start_on, plan.period_end_on)
    ]
