"""When a plan admits something: the window's edges, working days, and what each next state asks for."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from consulta import clock
from consulta.plans.files import UploadedFile, check_file
from consulta.plans.models import Moderation, Plan, PlanState, Topic, TopicState
from consulta.plans.rules import (
    PLAN_STATES,
    TOPIC_STATES,
    Window,
    Work,
    add_working_days,
    admits,
    check_extension,
    conditions,
    may_contribute,
    next_state,
    previous_state,
    window,
    working_days_between,
)

OPENS, CLOSES = date(2018, 6, 18), date(2018, 7, 15)
NOON = datetime(2018, 6, 20, 18, tzinfo=UTC)
READY = {
    "now": clock.end_of_day(CLOSES),
    "unmoderated_count": 0,
    "pending_referral_count": 0,
    "undecided_count": 0,
    "unvalidated_count": 0,
    "decided_here": 0,
}


def plan_in(state: PlanState = PlanState.OPEN, **changes: Any) -> Plan:
    """A plan that lacks nothing for its next state."""
    topic = Topic(code="salud", name="Salud", intro="Texto", state=TopicState.PUBLISHED, moderation=Moderation.BEFORE)
    fields: dict[str, Any] = {
        "state": state,
        "opens_on": OPENS,
        "closes_on": CLOSES,
        "topics": [topic],
        "results_published_at": NOON if state is PlanState.DRAFTING else None,
        "approved_on": OPENS,
        "approval_document_id": 1,
    }
    return Plan(**{**fields, **changes})


@pytest.mark.parametrize(
    ("moment", "where"),
    [
        # 23:59:59 of the day before the first, in El Salvador
        (datetime(2018, 6, 18, 5, 59, 59, tzinfo=UTC), Window.BEFORE),
        # 00:00 of the first day
        (datetime(2018, 6, 18, 6, 0, 0, tzinfo=UTC), Window.OPEN),
        # 23:59:59 of the last day
        (datetime(2018, 7, 16, 5, 59, 59, 999999, tzinfo=UTC), Window.OPEN),
        # 00:00 of the day after
        (datetime(2018, 7, 16, 6, 0, 0, tzinfo=UTC), Window.CLOSED),
    ],
)
def test_window_opens_and_closes_at_midnight_of_el_salvador(moment: datetime, where: Window) -> None:
    assert window(plan_in(), moment) is where
    assert admits(plan_in(), Work.CONTRIBUTE, moment) is (where is Window.OPEN)


def test_window_without_dates_is_unset() -> None:
    assert window(plan_in(closes_on=None), NOON) is Window.UNSET


def test_closing_early_closes_from_that_instant() -> None:
    plan = plan_in(window_closed_at=NOON)
    assert window(plan, NOON - timedelta(microseconds=1)) is Window.OPEN
    assert window(plan, NOON) is Window.CLOSED


@pytest.mark.parametrize("state", [TopicState.DRAFT, TopicState.CLOSED])
def test_nobody_writes_under_a_topic_that_is_not_published(state: TopicState) -> None:
    assert not may_contribute(plan_in(), Topic(state=state), NOON)


def test_publishing_results_ends_the_work_on_proposals() -> None:
    plan = plan_in(PlanState.DRAFTING, results_published_at=None)
    assert admits(plan, Work.SYSTEMATIZE, NOON)
    plan.results_published_at = NOON
    assert not admits(plan, Work.SYSTEMATIZE, NOON)


@pytest.mark.parametrize(
    ("start", "days", "end"),
    [
        # Friday and one day: Monday
        (date(2018, 7, 13), 1, date(2018, 7, 16)),
        # over the August holidays, which do not count
        (date(2018, 7, 31), 2, date(2018, 8, 8)),
        # no days: the same day, even on a holiday
        (date(2018, 8, 5), 0, date(2018, 8, 5)),
    ],
)
def test_a_term_of_working_days_skips_weekends_and_holidays(start: date, days: int, end: date) -> None:
    holidays = {date(2018, 8, day) for day in range(1, 7)}
    assert add_working_days(start, days, holidays) == end
    assert working_days_between(start, end, holidays) == days
    assert working_days_between(end, start, holidays) == -days


@pytest.mark.parametrize("state", [state for state in PlanState if state is not PlanState.APPROVED])
def test_a_plan_that_lacks_nothing_may_advance(state: PlanState) -> None:
    plan = plan_in(state)
    assert all(condition.holds for condition in conditions(plan, READY))
    step = PLAN_STATES.find(state, next_state(plan))  # type: ignore[arg-type]
    assert step is not None
    assert step.guard is not None
    assert step.guard(plan, READY) is None


@pytest.mark.parametrize(
    ("state", "changes", "facts", "code"),
    [
        (PlanState.PREPARATION, {"opens_on": None}, {}, "window_unset"),
        (PlanState.PREPARATION, {"topics": []}, {}, "no_published_topic"),
        (PlanState.OPEN, {}, {"now": NOON}, "window_not_closed"),
        (PlanState.SYSTEMATIZATION, {}, {"unmoderated_count": 1}, "unmoderated_left"),
        (PlanState.INSTITUTIONAL_ANALYSIS, {}, {"pending_referral_count": 2}, "referrals_pending"),
        (PlanState.DRAFTING, {"results_published_at": None}, {}, "results_unpublished"),
        (PlanState.DRAFTING, {}, {"undecided_count": 1}, "proposals_undecided"),
        (PlanState.DRAFTING, {}, {"unvalidated_count": 1}, "commitments_unvalidated"),
        (PlanState.IN_APPROVAL, {"approved_on": None}, {}, "approval_unsigned"),
        (PlanState.IN_APPROVAL, {}, {"decided_here": 1}, "approver_decided"),
    ],
)
def test_each_missing_condition_stops_the_next_state(
    state: PlanState, changes: dict[str, Any], facts: dict[str, Any], code: str
) -> None:
    plan = plan_in(state, **changes)
    step = PLAN_STATES.find(state, next_state(plan))  # type: ignore[arg-type]
    assert step is not None
    assert step.guard is not None
    assert step.guard(plan, {**READY, **facts}) == code
    assert [c.code for c in conditions(plan, {**READY, **facts}) if not c.holds] == [code]


def test_a_published_topic_without_intro_stops_the_opening() -> None:
    plan = plan_in(PlanState.PREPARATION)
    plan.topics[0].intro = "  "
    assert [c.code for c in conditions(plan, READY) if not c.holds] == ["topic_without_intro"]


def test_one_step_back_needs_a_reason_and_ends_with_the_approval() -> None:
    for state in PlanState:
        back = previous_state(plan_in(state))
        step = PLAN_STATES.find(state, back) if back else None
        assert (step is not None and step.needs_reason) == (state not in (PlanState.PREPARATION, PlanState.APPROVED))
    assert next_state(plan_in(PlanState.APPROVED)) is None


def test_a_topic_in_use_does_not_go_back_to_draft() -> None:
    back = TOPIC_STATES.find(TopicState.PUBLISHED, TopicState.DRAFT)
    assert back is not None
    assert back.guard is not None
    assert back.guard(Topic(), {"contribution_count": 1}) == "topic_in_use"
    assert back.guard(Topic(), {"contribution_count": 0}) is None


@pytest.mark.parametrize(
    ("day", "closed_early", "today", "code"),
    [
        (CLOSES + timedelta(days=1), False, CLOSES, None),
        (CLOSES, False, OPENS, "window_not_later"),
        # one closed early may come back with its own date
        (CLOSES, True, OPENS, None),
        (CLOSES - timedelta(days=1), True, OPENS, "window_not_later"),
        (CLOSES + timedelta(days=1), False, CLOSES + timedelta(days=2), "window_in_past"),
    ],
)
def test_an_extension_is_later_and_not_past(day: date, closed_early: bool, today: date, code: str | None) -> None:
    plan = plan_in(window_closed_at=NOON if closed_early else None)
    assert [problem.code for problem in check_extension(plan, day, today)] == ([code] if code else [])


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("plan.pdf", b"%PDF-1.7 x", None),
        ("datos.csv", "región,total\n".encode(), None),
        # a page that calls itself a document, a table or a text
        ("plan.pdf", b"<html><script>alert(1)</script>", "file_mismatch"),
        ("nota.txt", b"\xef\xbb\xbf  <!DOCTYPE html>", "file_mismatch"),
        ("datos.csv", b"\x00\x01", "file_mismatch"),
        ("hoja.xlsx", b"PK\x03\x04 but no container", "file_mismatch"),
        ("plan.html", b"<p>", "file_kind"),
        ("plan.pdf.exe", b"MZ", "file_kind"),
        (".pdf", b"%PDF-", "file_kind"),
        ("plan.pdf", b"", "file_empty"),
        ("", b"", "file_missing"),
        ("plan.pdf", b"%PDF-" + b"0" * (10 * 1024 * 1024), "file_too_large"),
    ],
)
def test_a_file_is_judged_by_its_content(name: str, content: bytes, code: str | None) -> None:
    assert [p.code for p in check_file(UploadedFile(name, content), field="upload")] == ([code] if code else [])


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("../../etc/passwd.pdf", "passwd.pdf"),
        ("C:\\temp\\acta final.pdf", "acta final.pdf"),
        ('x"; filename="y.pdf', "x- filename-y.pdf"),
        ("metodología\u202efdp.pdf", "metodologíafdp.pdf"),
        ("a" * 300 + ".pdf", "a" * 116 + ".pdf"),
    ],
)
def test_a_file_keeps_only_a_plain_name(name: str, kept: str) -> None:
    assert UploadedFile(name, b"").safe_name == kept
