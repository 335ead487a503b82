"""What is still outstanding in a plan: the counts that its state machine's guards judge."""

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from consulta.commitments.models import Commitment, CommitmentState
from consulta.contributions.models import Contribution
from consulta.contributions.rules import NOT_MODERATED
from consulta.decisions.models import Decision
from consulta.plans.models import Plan
from consulta.proposals.models import Proposal, ProposalState
from consulta.referrals.models import AWAITING, Dispatch, Referral, ReferralState

# A merged one follows its main one; the others are outside every count.
UNDECIDED = (ProposalState.RECEIVED, ProposalState.SYSTEMATIZED, ProposalState.FORWARDED)
SETTLED = (CommitmentState.VALIDATED, CommitmentState.APPROVED, CommitmentState.DROPPED)


def guard_facts(session: Session, plan: Plan, *, person_id: int | None = None) -> Mapping[str, Any]:
    """Every count that a move of the plan may need; `decided_here` counts the decisions of `person_id` in it."""
    pending = (ReferralState.PENDING_SEND, *AWAITING)
    return {
        "unmoderated_count": _count(
            session, Contribution, Contribution.plan_id == plan.id, Contribution.state.in_(NOT_MODERATED)
        ),
        "pending_referral_count": session.scalar(
            sa.select(sa.func.count())
            .select_from(Referral)
            .join(Dispatch)
            .where(Dispatch.plan_id == plan.id, Referral.state.in_(pending))
        ),
        "undecided_count": _count(session, Proposal, Proposal.plan_id == plan.id, Proposal.state.in_(UNDECIDED)),
        "unvalidated_count": _count(
            session, Commitment, Commitment.plan_id == plan.id, Commitment.state.not_in(SETTLED)
        ),
        "decided_here": _decided_by(session, plan, person_id),
    }


def _count(session: Session, model: Any, *conditions: sa.ColumnElement[bool]) -> int:
    return session.scalar(sa.select(sa.func.count()).select_from(model).where(*conditions)) or 0


def _decided_by(session: Session, plan: Plan, person_id: int | None) -> int:
    if person_id is None:
        return 0
    statement = sa.select(sa.func.count()).select_from(Decision).join(Proposal)
    return session.scalar(statement.where(Proposal.plan_id == plan.id, Decision.decided_by_id == person_id)) or 0
