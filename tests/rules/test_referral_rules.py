"""When a referral is late, who can receive one, what it may become and what an answer must say."""

from datetime import date
from itertools import product
from types import SimpleNamespace
from typing import Any

import pytest

from consulta.people.models import PUBLIC_BODIES, Institution, InstitutionKind
from consulta.permissions import Permission
from consulta.referrals.models import AWAITING, Reason, Referral, ReferralState, ResponseOutcome
from consulta.referrals.rules import (
    REFERRAL_STATES,
    can_receive,
    check_due_date,
    check_reason,
    check_response,
    is_overdue,
    refuse_extension,
)

S = ReferralState
DUE = date(2026, 3, 20)
REFER, ANSWER = Permission.PROPOSAL_REFER, Permission.REFERRAL_ANSWER
# Every move there is: (from, to) and who makes it. All others are refused.
MOVES = {
    (None, S.PENDING_SEND): REFER,
    (S.PENDING_SEND, S.SENT): REFER,
    (S.PENDING_SEND, S.CANCELLED): REFER,
    (S.SENT, S.ACKNOWLEDGED): ANSWER,
    (S.SENT, S.ANSWERED): ANSWER,
    (S.SENT, S.RETURNED): ANSWER,
    (S.SENT, S.CANCELLED): REFER,
    (S.SENT, S.NO_ANSWER): REFER,
    (S.ACKNOWLEDGED, S.ANSWERED): ANSWER,
    (S.ACKNOWLEDGED, S.RETURNED): ANSWER,
    (S.ACKNOWLEDGED, S.CANCELLED): REFER,
    (S.ACKNOWLEDGED, S.NO_ANSWER): REFER,
    (S.NO_ANSWER, S.ANSWERED): ANSWER,
}


@pytest.mark.parametrize(("before", "after"), list(product([None, *S], S)))
def test_every_pair_of_states_is_a_known_move_or_none(before: S | None, after: S) -> None:
    transition = REFERRAL_STATES.find(before, after)
    assert (transition.permission if transition else None) == MOVES.get((before, after))


@pytest.mark.parametrize(("has_results", "missing"), [(False, None), (True, "results_are_public")])
@pytest.mark.parametrize("before", [S.SENT, S.ACKNOWLEDGED, S.NO_ANSWER])
def test_an_answer_comes_before_results(before: S, has_results: bool, missing: str | None) -> None:
    transition = REFERRAL_STATES.find(before, S.ANSWERED)
    referral: Any = SimpleNamespace(proposal=SimpleNamespace(plan=SimpleNamespace(has_results=has_results)))
    assert transition is not None
    assert transition.guard is not None
    assert transition.guard(referral, {}) == missing


@pytest.mark.parametrize("state", S)
@pytest.mark.parametrize(("today", "past"), [(date(2026, 3, 19), False), (DUE, False), (date(2026, 3, 21), True)])
def test_late_is_awaited_past_the_last_day(state: S, today: date, past: bool) -> None:
    assert is_overdue(Referral(state=state, due_on=DUE), today) is (past and state in AWAITING)


@pytest.mark.parametrize("kind", InstitutionKind)
def test_public_bodies_receive(kind: InstitutionKind) -> None:
    assert can_receive(Institution(kind=kind), DUE) is (kind in PUBLIC_BODIES)


@pytest.mark.parametrize(
    ("valid_from", "valid_to", "expected"),
    [
        (None, None, True),
        (DUE, DUE, True),  # both ends included
        (date(2026, 3, 21), None, False),
        (None, date(2026, 3, 19), False),
    ],
)
def test_an_institution_receives_while_it_exists(
    valid_from: date | None, valid_to: date | None, expected: bool
) -> None:
    institution = Institution(kind=InstitutionKind.MINISTRY, valid_from=valid_from, valid_to=valid_to)
    assert can_receive(institution, DUE) is expected


@pytest.mark.parametrize(
    ("due_on", "after", "codes"),
    [
        (date(2026, 3, 23), None, []),  # Monday
        (DUE, None, ["due_not_future"]),
        (date(2026, 3, 21), None, ["due_not_working_day"]),  # Saturday
        (date(2026, 3, 24), None, ["due_not_working_day"]),  # holiday
        (date(2026, 3, 23), date(2026, 3, 23), ["due_not_later"]),
        (date(2026, 3, 25), date(2026, 3, 23), []),
    ],
)
def test_a_due_date_is_a_later_working_day(due_on: date, after: date | None, codes: list[str]) -> None:
    problems = check_due_date(due_on=due_on, today=DUE, holidays={date(2026, 3, 24)}, after=after)
    assert [problem.code for problem in problems] == codes


@pytest.mark.parametrize("state", S)
@pytest.mark.parametrize("extended_from", [None, DUE])
def test_an_extension_is_given_once_while_awaited(state: S, extended_from: date | None) -> None:
    expected = "not_awaiting" if state not in AWAITING else "extended_already" if extended_from else None
    assert refuse_extension(Referral(state=state, extended_from=extended_from)) == expected


@pytest.mark.parametrize(("reason", "ok"), [("", False), ("x", True), ("x" * 1000, True), ("x" * 1001, False)])
def test_a_reason_has_words_but_not_too_many(reason: str, ok: bool) -> None:
    assert (check_reason(reason=reason) == []) is ok


@pytest.mark.parametrize("outcome", ResponseOutcome)
@pytest.mark.parametrize("reason", [None, *Reason])
@pytest.mark.parametrize("detail", ["", "En el portal de datos."])
@pytest.mark.parametrize("length", [0, 39, 40, 5000, 5001])
def test_every_answer_is_judged_by_its_parts(
    outcome: ResponseOutcome, reason: Reason | None, detail: str, length: int
) -> None:
    problems = check_response(
        outcome=outcome, justification="x" * length, reasons=[reason] if reason else [], detail=detail
    )
    expected = [] if 40 <= length <= 5000 else ["justification"]
    if reason is None and outcome is not ResponseOutcome.INCLUDE:
        expected.append("reasons")
    elif reason in (Reason.ALREADY_DONE, Reason.OTHER) and not detail:
        expected.append("reason_detail")
    assert [problem.field for problem in problems] == expected
