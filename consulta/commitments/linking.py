"""Which proposals a commitment answers, and which it may answer, for whoever writes it."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from consulta.contributions.models import Contribution
from consulta.decisions.models import Decision, Outcome
from consulta.plans.models import Plan
from consulta.proposals.models import Proposal, ProposalSource, ProposalState
from consulta.search.terms import TERMS_MAX, words

# A commitment may answer those that are ordered by topic, whatever was decided.
LINKABLE = (ProposalState.SYSTEMATIZED, ProposalState.FORWARDED, ProposalState.DECIDED)


@dataclass(frozen=True)
class LinkableProposal:
    """A proposal that a commitment answers or may answer; the outcome is for the team only."""

    id: int
    folio: str
    wording: str
    state: ProposalState
    outcome: Outcome | None


def linked_proposals(session: Session, proposal_ids: Collection[int]) -> list[LinkableProposal]:
    """These proposals by folio, each with the outcome of its current decision."""
    statement = _linkable().where(Proposal.id.in_(proposal_ids)).order_by(Proposal.folio)
    return [LinkableProposal(*row) for row in session.execute(statement).all()]


def search_linkable(
    session: Session, plan: Plan, query: str, *, besides: Collection[int], limit: int = 20
) -> list[LinkableProposal]:
    """Proposals of a plan that a commitment may answer and that hold every word of `query`, by folio."""
    wanted = words(query)[:TERMS_MAX]
    if not wanted:
        return []
    text = sa.func.coalesce(Proposal.title, "") + " " + sa.func.coalesce(Proposal.summary, "") + " " + Proposal.folio
    source = (
        sa.select(sa.func.coalesce(Contribution.public_title, "") + " " + Contribution.public_body)
        .join(ProposalSource, ProposalSource.contribution_id == Contribution.id)
        .where(ProposalSource.proposal_id == Proposal.id, ProposalSource.position == 1)
        .scalar_subquery()
    )
    holds = [sa.func.lower(text + " " + source).like(_loose(word), escape="!") for word in wanted]
    statement = _linkable().where(
        Proposal.plan_id == plan.id, Proposal.state.in_(LINKABLE), Proposal.id.not_in(besides), *holds
    )
    return [LinkableProposal(*row) for row in session.execute(statement.order_by(Proposal.folio).limit(limit)).all()]


def _loose(word: str) -> str:
    """A pattern that holds whatever the accents and the case: any letter may stand where one could be written."""
    return "%" + "".join("_" if letter in "aeiouünñ" else "!_" if letter == "_" else letter for letter in word) + "%"


def _linkable() -> sa.Select[Any]:
    wording = sa.func.coalesce(Proposal.summary, Proposal.title, "")
    columns: tuple[Any, ...] = (Proposal.id, Proposal.folio, wording, Proposal.state, Decision.outcome)
    return sa.select(*columns).outerjoin(
        Decision, sa.and_(Decision.proposal_id == Proposal.id, Decision.superseded_at.is_(None))
    )
