"""How far the proposals of a plan came, as anybody may know: conditions, so that a count and its list agree."""

import enum
from datetime import date

import sqlalchemy as sa
from sqlalchemy.orm import Session

from consulta.commitments.models import Commitment, CommitmentProposal, CommitmentState
from consulta.contributions.models import Contribution, ContributionState
from consulta.decisions.models import WITH_COMMITMENT, Decision, Outcome
from consulta.plans.models import Plan
from consulta.proposals.models import Proposal, ProposalSource, ProposalState
from consulta.proposals.rules import ADMITTED
from consulta.referrals.models import AWAITING, ENDED_WITHOUT_ANSWER, Referral, ReferralState

Condition = sa.ColumnElement[bool]

# Sources whose words count as published, hidden ones included: hiding keeps the proposal admitted.
ONCE_PUBLISHED = (ContributionState.PUBLISHED, ContributionState.HIDDEN)
# These have a page without words: why it is not admitted, that it was withdrawn, that it was a mistake.
WITHOUT_WORDS = (ProposalState.INADMISSIBLE, ProposalState.WITHDRAWN, ProposalState.VOIDED)


class Stage(enum.Enum):
    """How far proposals came: each is a count and the list behind it. The values stand in addresses."""

    RECEIVED = "recibidas"
    ADMITTED = "publicadas"
    SYSTEMATIZED = "sistematizadas"
    DISTINCT = "distintas"
    SENT = "enviadas"
    AWAITING = "en-espera"
    DECIDED = "decididas"
    INCLUDED = "incorporadas"
    IN_MATRIX = "en-la-matriz"


def has_published_source() -> Condition:
    return (
        sa.exists()
        .where(
            ProposalSource.proposal_id == Proposal.id,
            ProposalSource.contribution_id == Contribution.id,
            Contribution.state.in_(ONCE_PUBLISHED),
        )
        .correlate(Proposal)
    )


def is_visible() -> Condition:
    """Whether anybody may know of it: nothing that waits for moderation."""
    return sa.or_(Proposal.state.in_(WITHOUT_WORDS), has_published_source())


def was_referred() -> Condition:
    """Whether it is, or was until it answered, at an institution."""
    ended = (ReferralState.PENDING_SEND, *ENDED_WITHOUT_ANSWER)
    return sa.exists().where(Referral.proposal_id == Proposal.id, Referral.state.not_in(ended)).correlate(Proposal)


def decided_as(*outcomes: Outcome) -> Condition:
    return (
        sa.exists()
        .where(Decision.proposal_id == Proposal.id, Decision.superseded_at.is_(None), Decision.outcome.in_(outcomes))
        .correlate(Proposal)
    )


def stage_condition(stage: Stage, has_results: bool) -> Condition:
    """Which proposals came that far; what decisions say counts only once results are public."""
    at_institution = (ProposalState.FORWARDED, ProposalState.DECIDED)
    admitted = sa.and_(Proposal.state.in_(ADMITTED), has_published_source())
    decided: Condition = sa.and_(Proposal.state == ProposalState.DECIDED, sa.literal(has_results))
    match stage:
        case Stage.RECEIVED:
            return Proposal.state != ProposalState.VOIDED
        case Stage.ADMITTED:
            return admitted
        case Stage.SYSTEMATIZED:
            return Proposal.state.in_((ProposalState.SYSTEMATIZED, ProposalState.MERGED, *at_institution))
        case Stage.DISTINCT:
            return sa.and_(admitted, Proposal.state != ProposalState.MERGED)
        case Stage.SENT:
            return sa.and_(Proposal.state.in_(at_institution), was_referred())
        case Stage.AWAITING:
            return (
                sa.exists().where(Referral.proposal_id == Proposal.id, Referral.state.in_(AWAITING)).correlate(Proposal)
            )
        case Stage.DECIDED:
            return decided
        case Stage.INCLUDED:
            return sa.and_(decided, decided_as(*WITH_COMMITMENT))
        case Stage.IN_MATRIX:
            linked = (
                sa.exists()
                .where(
                    CommitmentProposal.proposal_id == Proposal.id,
                    CommitmentProposal.commitment_id == Commitment.id,
                    Commitment.state != CommitmentState.DROPPED,
                )
                .correlate(Proposal)
            )
            return sa.and_(decided, linked)


def stage_counts(session: Session, plan: Plan, *conditions: Condition) -> dict[Stage, int]:
    """How many proposals of a plan reached each stage; one query."""
    stages = list(Stage)
    sums = [sa.func.count(sa.case((stage_condition(stage, plan.has_results), 1))) for stage in stages]
    row = session.execute(sa.select(*sums).where(Proposal.plan_id == plan.id, *conditions)).one()
    return dict(zip(stages, row, strict=True))


def late_count(session: Session, plan: Plan, today: date) -> int:
    """Proposals of which an institution owes an answer past its date."""
    statement = sa.select(sa.func.count(sa.distinct(Referral.proposal_id))).join_from(Referral, Proposal)
    return session.execute(
        statement.where(Proposal.plan_id == plan.id, Referral.state.in_(AWAITING), Referral.due_on < today)
    ).scalar_one()
