"""What still blocks the publication of results, item by item."""

from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from consulta.commitments.models import Commitment, CommitmentProposal, CommitmentState
from consulta.contributions.models import Contribution, ContributionState
from consulta.contributions.rules import NOT_MODERATED
from consulta.decisions.models import WITH_COMMITMENT, Decision
from consulta.plans.models import Plan
from consulta.proposals.models import Proposal, ProposalSource, ProposalState
from consulta.proposals.rules import ADMITTED
from consulta.referrals.models import Referral, ReferralState, Response

SHOWN = 50


@dataclass(frozen=True)
class Blocker:
    """One kind of thing that is missing: how many, and the first of them as (folio or key, what it is)."""

    code: str
    count: int
    items: tuple[tuple[str, str], ...]


def blocking_proposals(session: Session, plan: Plan) -> list[Blocker]:
    """Blockers that are proposals or contributions, each with its folios."""
    found = [
        _blocker(session, "unmoderated", _unmoderated(plan)),
        _blocker(session, "undecided", _undecided(plan)),
        _blocker(session, "without_public_reason", _without_public_reason(plan)),
        _blocker(session, "without_commitment", _without_commitment(plan)),
    ]
    return [blocker for blocker in found if blocker.count]


def _blocker(session: Session, code: str, statement: sa.Select[str, str | None]) -> Blocker:
    count = session.execute(sa.select(sa.func.count()).select_from(statement.subquery())).scalar_one()
    rows = session.execute(statement.limit(SHOWN)).all() if count else []
    return Blocker(code, count, tuple((str(key), text or "") for key, text in rows))


def _words() -> sa.ColumnElement[str | None]:
    """What tells a proposal from another: its summary, else its title, else what its first source says."""
    said = (
        sa.select(Contribution.public_body)
        .join(ProposalSource, ProposalSource.contribution_id == Contribution.id)
        .where(ProposalSource.proposal_id == Proposal.id)
        .order_by(ProposalSource.id)
        .limit(1)
    )
    return sa.func.coalesce(Proposal.summary, sa.func.nullif(Proposal.title, ""), said.scalar_subquery())


def _unmoderated(plan: Plan) -> sa.Select[str, str | None]:
    """Contributions, replies included, that wait for a moderator or for their author; keyed by id."""
    words = sa.func.coalesce(sa.func.nullif(Contribution.public_title, ""), Contribution.public_body)
    return (
        sa.select(sa.cast(Contribution.id, sa.Text), words)
        .where(Contribution.plan_id == plan.id, Contribution.state.in_(NOT_MODERATED))
        .order_by(Contribution.id)
    )


def _undecided(plan: Plan) -> sa.Select[str, str | None]:
    """Admitted ones without a current decision; a merged one inherits that of its main one."""
    waiting = [s for s in ADMITTED if s not in (ProposalState.DECIDED, ProposalState.MERGED)]
    return (
        sa.select(Proposal.folio, _words())
        .where(Proposal.plan_id == plan.id, Proposal.state.in_(waiting))
        .order_by(Proposal.id)
    )


def _without_public_reason(plan: Plan) -> sa.Select[str, str | None]:
    reasoned = (
        sa.select(ProposalSource.id)
        .join(Contribution, ProposalSource.contribution_id == Contribution.id)
        .where(
            ProposalSource.proposal_id == Proposal.id,
            Contribution.state == ContributionState.REJECTED,
            sa.func.length(sa.func.coalesce(Contribution.reason_text, "")) > 0,
        )
    )
    return (
        sa.select(Proposal.folio, _words())
        .where(Proposal.plan_id == plan.id, Proposal.state == ProposalState.INADMISSIBLE, ~reasoned.exists())
        .order_by(Proposal.id)
    )


def _without_commitment(plan: Plan) -> sa.Select[str, str | None]:
    linked = (
        sa.select(CommitmentProposal.id)
        .join(Commitment, CommitmentProposal.commitment_id == Commitment.id)
        .where(CommitmentProposal.proposal_id == Proposal.id, Commitment.state != CommitmentState.DROPPED)
    )
    return (
        sa.select(Proposal.folio, _words())
        .join(Decision, sa.and_(Decision.proposal_id == Proposal.id, Decision.superseded_at.is_(None)))
        .where(Proposal.plan_id == plan.id, Decision.outcome.in_(WITH_COMMITMENT), ~linked.exists())
        .order_by(Proposal.id)
    )


@dataclass(frozen=True)
class PublicTexts:
    """How many texts become public with the results."""

    decisions: int
    responses: int


def count_public_texts(session: Session, plan: Plan) -> PublicTexts:
    """Current decisions, and the answers of institutions that hold."""
    decisions = (
        sa.select(sa.func.count())
        .select_from(Decision)
        .join(Proposal, Decision.proposal_id == Proposal.id)
        .where(Proposal.plan_id == plan.id, Decision.superseded_at.is_(None))
    )
    responses = (
        sa.select(sa.func.count(sa.distinct(Response.referral_id)))
        .select_from(Response)
        .join(Referral, Response.referral_id == Referral.id)
        .join(Proposal, Referral.proposal_id == Proposal.id)
        .where(Proposal.plan_id == plan.id, Referral.state == ReferralState.ANSWERED)
    )
    return PublicTexts(session.execute(decisions).scalar_one(), session.execute(responses).scalar_one())
