"""What a referral may become, when it is late, and what an answer must say."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from consulta.errors import Problem
from consulta.permissions import Permission
from consulta.referrals.models import (
    AWAITING,
    JUSTIFICATION_MAX,
    JUSTIFICATION_MIN,
    REASONS_WITH_DETAIL,
    Reason,
    Referral,
    ReferralState,
    ResponseOutcome,
)
from consulta.states import StateMachine, Transition

REMINDER_DAYS = (5, 1)


def is_overdue(referral: Referral, today: date) -> bool:
    """Whether its institution still owes an answer and `due_on`, itself still in time, has passed."""
    return referral.state in AWAITING and today > referral.due_on


def was_answered_late(referral: Referral, answered_on: date) -> bool:
    return answered_on > referral.due_on


def check_justification(*, justification: str) -> list[Problem]:
    if not justification:
        return [Problem("justification", "justification_missing")]
    if len(justification) < JUSTIFICATION_MIN:
        facts = {"min": JUSTIFICATION_MIN, "length": len(justification)}
        return [Problem("justification", "text_too_short", facts)]
    if len(justification) > JUSTIFICATION_MAX:
        facts = {"max": JUSTIFICATION_MAX, "length": len(justification)}
        return [Problem("justification", "text_too_long", facts)]
    return []


def check_reasons(*, is_full: bool, reasons: Sequence[Reason], detail: str) -> list[Problem]:
    """Reasons are needed unless it is wholly included; some need to say where or which."""
    if not is_full and not reasons:
        return [Problem("reasons", "reasons_missing")]
    if not detail and REASONS_WITH_DETAIL.intersection(reasons):
        return [Problem("reason_detail", "reason_detail_missing")]
    return []


def check_response(
    *, outcome: ResponseOutcome, justification: str, reasons: Sequence[Reason], detail: str
) -> list[Problem]:
    """What is wrong with a cleaned answer, field by field."""
    is_full = outcome is ResponseOutcome.INCLUDE
    return check_justification(justification=justification) + check_reasons(
        is_full=is_full, reasons=reasons, detail=detail
    )


def _results_private(referral: Referral, facts: Mapping[str, Any]) -> str | None:
    return "results_are_public" if referral.proposal.plan.has_results else None


def _is_past_due(referral: Referral, facts: Mapping[str, Any]) -> str | None:
    return None if facts["today"] > referral.due_on else "not_past_due"


_S, _REFER, _ANSWER = ReferralState, Permission.PROPOSAL_REFER, Permission.REFERRAL_ANSWER
REFERRAL_STATES = StateMachine(
    Referral,
    (
        Transition(None, _S.PENDING_SEND, _REFER),
        Transition(_S.PENDING_SEND, _S.SENT, _REFER),
        Transition(_S.PENDING_SEND, _S.CANCELLED, _REFER, needs_reason=True),
        Transition(_S.SENT, _S.ACKNOWLEDGED, _ANSWER),
        Transition(_S.SENT, _S.ANSWERED, _ANSWER, _results_private),
        Transition(_S.ACKNOWLEDGED, _S.ANSWERED, _ANSWER, _results_private),
        Transition(_S.NO_ANSWER, _S.ANSWERED, _ANSWER, _results_private),
        Transition(_S.SENT, _S.RETURNED, _ANSWER, needs_reason=True),
        Transition(_S.ACKNOWLEDGED, _S.RETURNED, _ANSWER, needs_reason=True),
        Transition(_S.SENT, _S.CANCELLED, _REFER, needs_reason=True),
        Transition(_S.ACKNOWLEDGED, _S.CANCELLED, _REFER, needs_reason=True),
        Transition(_S.SENT, _S.NO_ANSWER, _REFER, _is_past_due),
        Transition(_S.ACKNOWLEDGED, _S.NO_ANSWER, _REFER, _is_past_due),
    ),
)
