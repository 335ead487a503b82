"""How much work waits in each tray, counted from the rows themselves in a few queries."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from consulta import clock
from consulta.commitments.models import Commitment, CommitmentState
from consulta.contributions.models import Contribution, ContributionState, PendingEdit, Report, ReportState
from consulta.moderation.trays import REPORTABLE
from consulta.proposals.models import Proposal, ProposalSource, ProposalState
from consulta.referrals.models import AWAITING, Referral
from consulta.representation.models import Representation, RepresentationState

REPORTS_READ_WITHIN = timedelta(hours=24)


@dataclass(frozen=True)
class Pile:
    """How many wait, since when the oldest does, and how many are past their day."""

    count: int
    oldest: date | datetime | None = None
    late: int = 0


@dataclass(frozen=True)
class Workload:
    pending: Pile
    reported: Pile
    rewritten: Pile
    observed: Pile
    to_systematize: Pile
    to_forward: Pile
    awaiting: Pile
    to_decide: Pile
    in_review: Pile
    to_confirm: Pile


def read_workload(session: Session, today: date) -> Workload:
    contributions = _contributions(session, today)
    proposals = _proposals(session)
    in_review = sa.select(sa.func.count()).where(Commitment.state == CommitmentState.INSTITUTION_REVIEW)
    return Workload(
        pending=contributions[ContributionState.PENDING],
        reported=_reported(session, clock.now()),
        rewritten=_rewritten(session),
        observed=contributions[ContributionState.OBSERVED],
        to_systematize=proposals[ProposalState.RECEIVED],
        to_forward=proposals[ProposalState.SYSTEMATIZED],
        awaiting=_awaiting(session, today),
        to_decide=proposals[ProposalState.FORWARDED],
        in_review=Pile(session.scalar(in_review) or 0),
        to_confirm=_to_confirm(session),
    )


def _contributions(session: Session, today: date) -> dict[ContributionState, Pile]:
    states = (ContributionState.PENDING, ContributionState.OBSERVED)
    late = sa.func.sum(sa.case((Contribution.complete_by < today, 1), else_=0))
    statement = (
        sa.select(Contribution.state, sa.func.count(), sa.func.min(Contribution.received_at), late)
        .where(Contribution.state.in_(states))
        .group_by(Contribution.state)
    )
    found = {state: Pile(count, oldest, int(late)) for state, count, oldest, late in session.execute(statement)}
    return {state: found.get(state, Pile(0)) for state in states}


def _reported(session: Session, now: datetime) -> Pile:
    """Contributions with reports that nobody has read; late after the hours that the site promises."""
    opened = (
        sa.select(Report.contribution_id, sa.func.min(Report.reported_at).label("since"))
        .join(Report.contribution)
        .where(Report.state == ReportState.OPEN, Contribution.state.in_(REPORTABLE))
        .group_by(Report.contribution_id)
        .subquery()
    )
    late = sa.func.coalesce(sa.func.sum(sa.case((opened.c.since < now - REPORTS_READ_WITHIN, 1), else_=0)), 0)
    count, oldest, overdue = session.execute(sa.select(sa.func.count(), sa.func.min(opened.c.since), late)).one()
    return Pile(count, oldest, int(overdue))


def _rewritten(session: Session) -> Pile:
    """New words of authors that wait while the old ones stay public."""
    waiting = sa.select(sa.func.count(), sa.func.min(PendingEdit.written_at)).join(PendingEdit.contribution)
    shown = (PendingEdit.rejected_at.is_(None), Contribution.state == ContributionState.PUBLISHED)
    return Pile(*session.execute(waiting.where(*shown)).one())


def _to_confirm(session: Session) -> Pile:
    """People who ask to represent an organisation."""
    waiting = sa.select(sa.func.count(), sa.func.min(Representation.asked_at))
    return Pile(*session.execute(waiting.where(Representation.state == RepresentationState.WAITING)).one())


def _proposals(session: Session) -> dict[ProposalState, Pile]:
    """Received ones with a source that can be read, systematised ones, and forwarded ones that nobody still has."""
    readable = (ContributionState.PUBLISHED, ContributionState.HIDDEN)
    has_source = (
        sa.select(ProposalSource.id)
        .join(Contribution, Contribution.id == ProposalSource.contribution_id)
        .where(ProposalSource.proposal_id == Proposal.id, Contribution.state.in_(readable))
        .exists()
    )
    is_held = sa.select(Referral.id).where(Referral.proposal_id == Proposal.id, Referral.state.in_(AWAITING)).exists()
    ready: list[Any] = [
        sa.and_(Proposal.state == ProposalState.RECEIVED, has_source),
        Proposal.state == ProposalState.SYSTEMATIZED,
        sa.and_(Proposal.state == ProposalState.FORWARDED, ~is_held),
    ]
    statement = (
        sa.select(Proposal.state, sa.func.count(), sa.func.min(Proposal.received_at))
        .where(sa.or_(*ready))
        .group_by(Proposal.state)
    )
    found = {state: Pile(count, oldest) for state, count, oldest in session.execute(statement)}
    states = (ProposalState.RECEIVED, ProposalState.SYSTEMATIZED, ProposalState.FORWARDED)
    return {state: found.get(state, Pile(0)) for state in states}


def _awaiting(session: Session, today: date) -> Pile:
    late = sa.func.coalesce(sa.func.sum(sa.case((Referral.due_on < today, 1), else_=0)), 0)
    statement = sa.select(sa.func.count(), sa.func.min(Referral.sent_at), late).where(Referral.state.in_(AWAITING))
    count, oldest, overdue = session.execute(statement).one()
    return Pile(count, oldest, int(overdue))
