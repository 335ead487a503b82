"""Dispatches, referrals and responses."""

from datetime import timedelta
from typing import Any

from sqlalchemy.orm import Session

from consulta import clock
from consulta.people.models import Institution
from consulta.plans.models import Plan
from consulta.proposals.models import Proposal
from consulta.referrals.models import Dispatch, Referral, ReferralState, Response, ResponseOutcome
from consulta.text import sanitize
from tests.factories import SCRIPT, number, store
from tests.factories.people import make_institution


def make_dispatch(session: Session, plan: Plan, institution: Institution | None = None, **changes: Any) -> Dispatch:
    n = number()
    fields: dict[str, Any] = {
        "folio": f"REM-2018-{n:04d}",
        "plan_id": plan.id,
        "institution_id": (institution or make_institution(session)).id,
        "cover_text": f"Les remitimos estas propuestas. {SCRIPT}",
        "sent_at": clock.now(),
        "due_on": clock.today() + timedelta(days=21),
    }
    return store(session, Dispatch(**{**fields, **changes}))


def make_referral(
    session: Session, proposal: Proposal, institution: Institution | None = None, **changes: Any
) -> Referral:
    """A sent referral in its own dispatch; the proposal's state is the test's to set."""
    dispatch = changes.pop("dispatch", None) or make_dispatch(session, proposal.plan, institution)
    fields: dict[str, Any] = {
        "dispatch_id": dispatch.id,
        "proposal_id": proposal.id,
        "institution_id": dispatch.institution_id,
        "state": ReferralState.SENT,
        "sent_at": dispatch.sent_at,
        "due_on": dispatch.due_on,
    }
    return store(session, Referral(**{**fields, **changes}))


def make_response(session: Session, referral: Referral, **changes: Any) -> Response:
    """The next version of an answer; the referral's state is the test's to set."""
    text = changes.pop("justification", f"La institución puede hacerlo con su presupuesto actual. {SCRIPT}")
    fields: dict[str, Any] = {
        "number": len(referral.responses) + 1,
        "outcome": ResponseOutcome.INCLUDE,
        "reasons": [],
        "answered_at": clock.now(),
    }
    response = store(
        session,
        Response(
            referral_id=referral.id, justification=text, justification_html=sanitize(text), **{**fields, **changes}
        ),
    )
    session.expire(referral)
    return response
