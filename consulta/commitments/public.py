"""Commitments as anybody may read them: nothing until results are published, dropped ones never."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from consulta.commitments.models import Commitment, CommitmentProposal, CommitmentState
from consulta.commitments.queries import WHOLE, plan_commitments
from consulta.contributions.models import Contribution, ContributionState
from consulta.errors import NotFound
from consulta.plans.models import Plan
from consulta.proposals.models import Proposal
from consulta.proposals.public import listed


def public_commitments(session: Session, plan: Plan) -> list[Commitment]:
    return plan_commitments(session, plan) if plan.has_results else []


def find_public_commitment(session: Session, plan: Plan, number: int) -> Commitment:
    """Raises NotFound before results are published, too."""
    statement = sa.select(Commitment).where(
        Commitment.plan_id == plan.id, Commitment.number == number, Commitment.state != CommitmentState.DROPPED
    )
    commitment = session.scalars(statement.options(*WHOLE)).one_or_none() if plan.has_results else None
    if commitment is None:
        raise NotFound("Commitment", number)
    return commitment


def answered_proposals(session: Session, commitment: Commitment) -> Sequence[Any]:
    """The proposals it answers as rows of a list, each with its words where they are shown."""
    words = sa.case((Contribution.state == ContributionState.PUBLISHED, Contribution.public_html)).label("words")
    statement = listed().add_columns(sa.type_coerce(words, Contribution.public_html.type).label("words"))
    return session.execute(
        statement.join(CommitmentProposal, CommitmentProposal.proposal_id == Proposal.id)
        .where(CommitmentProposal.commitment_id == commitment.id)
        .order_by(Proposal.id)
    ).all()
