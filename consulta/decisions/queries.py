"""Reads of the coordinator's tray of decisions."""

import enum
from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload, selectinload

from consulta.contributions.queries import WITH_AUTHOR
from consulta.decisions.models import Decision, Outcome
from consulta.decisions.rules import suggested_outcome
from consulta.proposals.models import Proposal, ProposalSource, ProposalState
from consulta.referrals.models import ENDED_WITHOUT_ANSWER, PENDING, Referral, Response

PAGE_SIZE = 50


class Tray(enum.Enum):
    """READY: every institution answered or was marked. WAITING: somebody still owes an answer. CHANGED: decided,
    and an institution wrote afterwards."""

    READY = "ready"
    WAITING = "waiting"
    DECIDED = "decided"
    CHANGED = "changed"


@dataclass(frozen=True)
class TrayPage:
    """Some proposals, and the id after which the next ones come."""

    proposals: Sequence[Proposal]
    next_after: int | None


def count_trays(session: Session, plan_id: int) -> dict[Tray, int]:
    """How many proposals of a plan are in each tray."""
    columns = [sa.func.count().filter(_in_tray(tray)).label(tray.value) for tray in Tray]
    row = session.execute(sa.select(*columns).select_from(Proposal).where(Proposal.plan_id == plan_id)).one()
    return {tray: row._mapping[tray.value] for tray in Tray}


def tray_page(
    session: Session, plan_id: int, tray: Tray, *, after: int | None = None, limit: int = PAGE_SIZE
) -> TrayPage:
    """The proposals of a tray with their answers and decisions, oldest first."""
    query = sa.select(Proposal).where(Proposal.plan_id == plan_id, _in_tray(tray))
    if after is not None:
        query = query.where(Proposal.id > after)
    found = session.scalars(
        query.order_by(Proposal.id)
        .limit(limit + 1)
        .options(
            joinedload(Proposal.topic_final),
            selectinload(Proposal.referrals).joinedload(Referral.institution),
            selectinload(Proposal.referrals).selectinload(Referral.responses),
            selectinload(Proposal.decisions),
        )
    ).all()
    page = found[:limit]
    return TrayPage(page, page[-1].id if len(found) > limit else None)


def find_for_decision(session: Session, folio: str) -> Proposal | None:
    """A proposal with its sources, answers and decisions."""
    words = selectinload(Proposal.source_links).joinedload(ProposalSource.contribution)
    merged = selectinload(Proposal.merged_proposals).selectinload(Proposal.source_links)
    return session.scalars(
        sa.select(Proposal)
        .where(Proposal.folio == folio)
        .options(
            joinedload(Proposal.plan),
            joinedload(Proposal.topic_final),
            joinedload(Proposal.topic_received),
            words.options(*WITH_AUTHOR),
            merged.joinedload(ProposalSource.contribution).options(*WITH_AUTHOR),
            selectinload(Proposal.referrals).joinedload(Referral.institution),
            selectinload(Proposal.referrals).joinedload(Referral.suggested_institution),
            selectinload(Proposal.referrals).selectinload(Referral.responses),
            selectinload(Proposal.decisions).joinedload(Decision.decided_by),
        )
    ).one_or_none()


def answers_of(proposal: Proposal) -> list[Response]:
    """The answers that hold, one an institution."""
    return [referral.response for referral in proposal.referrals if referral.response is not None]


def current_decision(proposal: Proposal) -> Decision | None:
    return next((decision for decision in proposal.decisions if decision.superseded_at is None), None)


def suggestion(proposal: Proposal) -> Outcome | None:
    """The outcome that the answers suggest, or None."""
    return suggested_outcome([answer.outcome for answer in answers_of(proposal)])


def _in_tray(tray: Tray) -> sa.ColumnElement[bool]:
    pending = sa.exists().where(Referral.proposal_id == Proposal.id, Referral.state.in_(PENDING))
    live = sa.exists().where(Referral.proposal_id == Proposal.id, Referral.state.not_in(ENDED_WITHOUT_ANSWER))
    if tray is Tray.READY:
        return sa.and_(Proposal.state == ProposalState.FORWARDED, live, ~pending)
    if tray is Tray.WAITING:
        return sa.and_(Proposal.state == ProposalState.FORWARDED, pending)
    if tray is Tray.DECIDED:
        return Proposal.state == ProposalState.DECIDED
    later = (
        sa.exists()
        .where(
            Referral.proposal_id == Proposal.id,
            Response.referral_id == Referral.id,
            Decision.proposal_id == Proposal.id,
            Decision.superseded_at.is_(None),
            Response.answered_at > Decision.decided_at,
        )
        .correlate(Proposal)
    )
    return sa.and_(Proposal.state == ProposalState.DECIDED, later)
