"""Proposals in any state, with their sources."""

from typing import Any

from sqlalchemy.orm import Session

from consulta.contributions.models import Contribution
from consulta.plans.models import Topic
from consulta.proposals.models import Proposal, ProposalSource, ProposalState
from tests.factories import SCRIPT, number, store
from tests.factories.contributions import make_contribution


def make_proposal(session: Session, topic: Topic | None = None, **changes: Any) -> Proposal:
    """A proposal with one source (`source=`, else a new published one), systematised unless `state` says received."""
    source: Contribution = changes.pop("source", None) or make_contribution(session, topic)
    n = number()
    state = changes.pop("state", ProposalState.SYSTEMATIZED)
    fields: dict[str, Any] = {
        "folio": f"PROP-2018-{n:04d}",
        "plan_id": source.plan_id,
        "topic_received_id": source.topic_id,
        "channel": source.channel,
        "received_at": source.received_at,
        "title": source.title,
        "state": state,
    }
    if state is not ProposalState.RECEIVED:
        fields.update(topic_final_id=source.topic_id, summary=f"Resumen de la propuesta {n} {SCRIPT}")
    proposal = store(session, Proposal(**{**fields, **changes}))
    store(session, ProposalSource(proposal_id=proposal.id, contribution_id=source.id))
    session.expire(proposal)
    return proposal
