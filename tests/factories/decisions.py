"""Decisions."""

from typing import Any

from sqlalchemy.orm import Session

from consulta import clock
from consulta.decisions.models import Decision, Outcome
from consulta.proposals.models import Proposal
from consulta.referrals.models import Reason
from consulta.text import sanitize
from tests.factories import SCRIPT, store


def make_decision(session: Session, proposal: Proposal, **changes: Any) -> Decision:
    """A decision not to include; the proposal's state is the test's to set."""
    text = changes.pop("justification", f"No cabe en el plazo del plan por las obras que exige. {SCRIPT}")
    fields: dict[str, Any] = {
        "number": len(proposal.decisions) + 1,
        "outcome": Outcome.NOT_INCLUDED,
        "reasons": [Reason.NO_TIME.value],
        "decided_at": clock.now(),
    }
    decision = store(
        session,
        Decision(
            proposal_id=proposal.id, justification=text, justification_html=sanitize(text), **{**fields, **changes}
        ),
    )
    session.expire(proposal)
    return decision
