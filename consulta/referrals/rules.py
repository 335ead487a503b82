"""What a referral may become, when it is late, and what an answer must say."""

from collections.abc import Container, Mapping, Sequence
from datetime import date
from typing import Any

from consulta.errors import Problem
from consulta.people.models import Institution
from consulta.people.rules import exists_between
from consulta.permissions import Permission
from consulta.plans.rules import is_working_day
from consulta.referrals.models import (
    AWAITING,
    COVER_MAX,
    COVER_MIN,
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
REASON_MAX = 1000


def is_overdue(referral: Referral, today: date) -> bool:
    """Whether its institution still owes an answer and `due_on`, itself still in time, has passed."""
    return referral.state in AWAITING and today > referral.due_on


def can_receive(institution: Institution, today: date) -> bool:
    """Whether proposals can be sent to it: a public body that exists on a day, both ends of its validity included."""
    return institution.is_public_body and exists_between(institution, today, today)


def check_dispatch(*, proposal_count: int, institution_count: int, cover_text: str) -> list[Problem]:
    """What is wrong with a cleaned letter before its proposals and institutions are looked at."""
    problems = []
    if not proposal_count:
        problems.append(Problem("proposals", "proposals_missing"))
    if not institution_count:
        problems.append(Problem("institutions", "institutions_missing"))
    if not cover_text:
        problems.append(Problem("cover_text", "cover_missing"))
    elif len(cover_text) < COVER_MIN:
        problems.append(Problem("cover_text", "text_too_short", {"min": COVER_MIN, "length": len(cover_text)}))
    elif len(cover_text) > COVER_MAX:
        problems.append(Problem("cover_text", "text_too_long", {"max": COVER_MAX, "length": len(cover_text)}))
    return problems


def check_due_date(*, due_on: date, today: date, holidays: Container[date], after: date | None = None) -> list[Problem]:
    """An answer is due on a working day still to come; an extension's also after the date it replaces."""
    if due_on <= today:
        return [Problem("due_on", "due_not_future")]
    if not is_working_day(due_on, holidays):
        return [Problem("due_on", "due_not_working_day")]
    if after is not None and due_on <= after:
        return [Problem("due_on", "due_not_later")]
    return []


def refuse_extension(referral: Referral) -> str | None:
    """The code of what forbids a later date: it is given once, while the answer is awaited."""
    if referral.state not in AWAITING:
        return "not_awaiting"
    return "extended_already" if referral.extended_from is not None else None


def check_reason(*, reason: str) -> list[Problem]:
    """A reason that others read: why it is returned, cancelled, extended or reopened."""
    if not reason:
        return [Problem("reason", "reason_missing")]
    if len(reason) > REASON_MAX:
        return [Problem("reason", "text_too_long", {"max": REASON_MAX, "length": len(reason)})]
    return []


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
    if len(detail) > REASON_MAX:
        return [Problem("reason_detail", "text_too_long", {"max": REASON_MAX, "length": len(detail)})]
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
