"""When something is possible: the plan's states, its window, and what each admits. Source: method of 2018."""

import enum
from collections.abc import Callable, Container, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from consulta import clock
from consulta.errors import Problem
from consulta.permissions import Permission
from consulta.plans.models import TITLE_MAX, Plan, PlanState, Topic, TopicState
from consulta.states import StateMachine, Transition


class Window(enum.Enum):
    """Where a moment falls with respect to the consultation's window."""

    UNSET = "unset"
    BEFORE = "before"
    OPEN = "open"
    CLOSED = "closed"


class Work(enum.Enum):
    """Kinds of work that depend on the plan's state."""

    CONTRIBUTE = "contribute"
    MODERATE = "moderate"
    PROTECT = "protect"
    """Hide what is shown, show it again, say that it was read, take personal data out."""
    SYSTEMATIZE = "systematize"
    REFER = "refer"
    RESPOND = "respond"
    DECIDE = "decide"
    COMMIT = "commit"
    PUBLISH = "publish"


_ANALYSIS = frozenset({PlanState.OPEN, PlanState.SYSTEMATIZATION, PlanState.INSTITUTIONAL_ANALYSIS, PlanState.DRAFTING})
ADMITS: Mapping[Work, frozenset[PlanState]] = {
    Work.CONTRIBUTE: frozenset({PlanState.OPEN}),
    Work.MODERATE: _ANALYSIS,
    # What is public can hurt somebody however old its plan is, and can be reported as long.
    Work.PROTECT: frozenset(PlanState),
    Work.SYSTEMATIZE: _ANALYSIS,
    Work.REFER: _ANALYSIS,
    Work.RESPOND: _ANALYSIS,
    Work.DECIDE: _ANALYSIS,
    Work.COMMIT: _ANALYSIS | {PlanState.IN_APPROVAL},
    Work.PUBLISH: frozenset({PlanState.DRAFTING}),
}
# Work that ends when results become public, whatever the state.
UNTIL_RESULTS = frozenset({Work.MODERATE, Work.SYSTEMATIZE, Work.REFER, Work.RESPOND, Work.DECIDE, Work.PUBLISH})


def window(plan: Plan, now: datetime) -> Window:
    """Open from 00:00 of `opens_on` to 23:59:59 of `closes_on` in El Salvador, both days included."""
    if plan.opens_on is None or plan.closes_on is None:
        return Window.UNSET
    if now < clock.start_of_day(plan.opens_on):
        return Window.BEFORE
    if now >= clock.end_of_day(plan.closes_on) or (plan.window_closed_at and now >= plan.window_closed_at):
        return Window.CLOSED
    return Window.OPEN


def admits(plan: Plan, work: Work, now: datetime) -> bool:
    """Whether the plan takes this kind of work now."""
    if plan.state not in ADMITS[work] or (work in UNTIL_RESULTS and plan.has_results):
        return False
    return work is not Work.CONTRIBUTE or window(plan, now) is Window.OPEN


def may_contribute(plan: Plan, topic: Topic, now: datetime) -> bool:
    """Whether anybody can write, reply or support under a topic."""
    return topic.state is TopicState.PUBLISHED and admits(plan, Work.CONTRIBUTE, now)


def days_left(plan: Plan, today: date) -> int | None:
    """Civil days until the last one, which counts as 0; None without a closing date."""
    return None if plan.closes_on is None else (plan.closes_on - today).days


def add_working_days(start: date, days: int, holidays: Container[date]) -> date:
    """The day that ends a term of `days` working days; `start` itself does not count."""
    day = start
    while days > 0:
        day += timedelta(days=1)
        if is_working_day(day, holidays):
            days -= 1
    return day


def is_working_day(day: date, holidays: Container[date]) -> bool:
    return day.weekday() < 5 and day not in holidays


def working_days_between(start: date, end: date, holidays: Container[date]) -> int:
    """Working days after `start` up to and including `end`; negative when `end` is earlier."""
    if end < start:
        return -working_days_between(end, start, holidays)
    span = (end - start).days
    return sum(is_working_day(start + timedelta(days=n), holidays) for n in range(1, span + 1))


@dataclass(frozen=True)
class Condition:
    """One thing that the next state asks for; `count` says how many are still missing, where that is a number."""

    code: str
    holds: bool
    count: int = 0


def _none_of(code: str, count: int) -> Condition:
    return Condition(code, count == 0, count)


def _to_open(plan: Plan, facts: Mapping[str, Any]) -> tuple[Condition, ...]:
    published = [topic for topic in plan.topics if topic.state is TopicState.PUBLISHED]
    return (
        Condition("window_unset", plan.opens_on is not None and plan.closes_on is not None),
        Condition("no_published_topic", bool(published)),
        _none_of("topic_without_intro", sum(not topic.intro.strip() for topic in published)),
    )


def _to_systematize(plan: Plan, facts: Mapping[str, Any]) -> tuple[Condition, ...]:
    return (Condition("window_not_closed", window(plan, facts["now"]) is Window.CLOSED),)


def _to_analyse(plan: Plan, facts: Mapping[str, Any]) -> tuple[Condition, ...]:
    return (_none_of("unmoderated_left", facts["unmoderated_count"]),)


def _to_draft(plan: Plan, facts: Mapping[str, Any]) -> tuple[Condition, ...]:
    return (_none_of("referrals_pending", facts["pending_referral_count"]),)


def _to_seek_approval(plan: Plan, facts: Mapping[str, Any]) -> tuple[Condition, ...]:
    return (
        Condition("results_unpublished", plan.has_results),
        _none_of("proposals_undecided", facts["undecided_count"]),
        _none_of("commitments_unvalidated", facts["unvalidated_count"]),
    )


def _to_approve(plan: Plan, facts: Mapping[str, Any]) -> tuple[Condition, ...]:
    """Nobody approves a plan whose proposals they decided."""
    return (
        _none_of("approver_decided", facts["decided_here"]),
        Condition("approval_unsigned", plan.approved_on is not None and plan.approval_document_id is not None),
    )


# What each state asks for before the next one.
CONDITIONS: Mapping[PlanState, Callable[[Plan, Mapping[str, Any]], tuple[Condition, ...]]] = {
    PlanState.PREPARATION: _to_open,
    PlanState.OPEN: _to_systematize,
    PlanState.SYSTEMATIZATION: _to_analyse,
    PlanState.INSTITUTIONAL_ANALYSIS: _to_draft,
    PlanState.DRAFTING: _to_seek_approval,
    PlanState.IN_APPROVAL: _to_approve,
}


def conditions(plan: Plan, facts: Mapping[str, Any]) -> tuple[Condition, ...]:
    """What the next state of a plan asks for, held or not; `facts` as for a guard."""
    asked = CONDITIONS.get(plan.state)
    return asked(plan, facts) if asked else ()


def _may_advance(plan: Plan, facts: Mapping[str, Any]) -> str | None:
    """Every condition of the next state holds."""
    return next((condition.code for condition in conditions(plan, facts) if not condition.holds), None)


def next_state(plan: Plan) -> PlanState | None:
    """The state that follows in order; None when the plan is approved."""
    order = list(PlanState)
    place = order.index(plan.state) + 1
    return order[place] if place < len(order) else None


def previous_state(plan: Plan) -> PlanState | None:
    """The state one step back; None where there is no way back."""
    place = list(PlanState).index(plan.state)
    return None if place == 0 or plan.state is PlanState.APPROVED else list(PlanState)[place - 1]


_S, _MANAGE = PlanState, Permission.PLAN_MANAGE
PLAN_STATES = StateMachine(
    Plan,
    (
        Transition(None, _S.PREPARATION, _MANAGE),
        Transition(_S.PREPARATION, _S.OPEN, _MANAGE, _may_advance),
        Transition(_S.OPEN, _S.SYSTEMATIZATION, _MANAGE, _may_advance),
        Transition(_S.SYSTEMATIZATION, _S.INSTITUTIONAL_ANALYSIS, _MANAGE, _may_advance),
        Transition(_S.INSTITUTIONAL_ANALYSIS, _S.DRAFTING, _MANAGE, _may_advance),
        Transition(_S.DRAFTING, _S.IN_APPROVAL, _MANAGE, _may_advance),
        Transition(_S.IN_APPROVAL, _S.APPROVED, Permission.PLAN_APPROVE, _may_advance),
        # One step back, with a reason, until it is approved.
        Transition(_S.OPEN, _S.PREPARATION, _MANAGE, needs_reason=True),
        Transition(_S.SYSTEMATIZATION, _S.OPEN, _MANAGE, needs_reason=True),
        Transition(_S.INSTITUTIONAL_ANALYSIS, _S.SYSTEMATIZATION, _MANAGE, needs_reason=True),
        Transition(_S.DRAFTING, _S.INSTITUTIONAL_ANALYSIS, _MANAGE, needs_reason=True),
        Transition(_S.IN_APPROVAL, _S.DRAFTING, _MANAGE, needs_reason=True),
    ),
)


def _has_intro(topic: Topic, facts: Mapping[str, Any]) -> str | None:
    return None if topic.intro.strip() else "intro_missing"


def _is_unused(topic: Topic, facts: Mapping[str, Any]) -> str | None:
    return "topic_in_use" if facts["contribution_count"] else None


_T = TopicState
TOPIC_STATES = StateMachine(
    Topic,
    (
        Transition(None, _T.DRAFT, _MANAGE),
        Transition(_T.DRAFT, _T.PUBLISHED, _MANAGE, _has_intro),
        Transition(_T.PUBLISHED, _T.DRAFT, _MANAGE, _is_unused),
        Transition(_T.PUBLISHED, _T.CLOSED, _MANAGE),
        Transition(_T.CLOSED, _T.PUBLISHED, _MANAGE, _has_intro),
    ),
)


def check_line(field: str, text: str, longest: int = TITLE_MAX) -> list[Problem]:
    """What is wrong with a required line of text."""
    if not text:
        return [Problem(field, "missing")]
    return [Problem(field, "text_too_long", {"max": longest, "length": len(text)})] if len(text) > longest else []


def check_period(start_on: date, end_on: date, field: str, code: str) -> list[Problem]:
    """A term may last one day, and never ends before it begins."""
    return [Problem(field, code)] if end_on < start_on else []


def check_extension(plan: Plan, closes_on: date, today: date) -> list[Problem]:
    """A window that was closed early may come back with its own date; otherwise the date must be a later one."""
    if plan.closes_on is None or closes_on < plan.closes_on:
        return [Problem("closes_on", "window_not_later")]
    if closes_on == plan.closes_on and plan.window_closed_at is None:
        return [Problem("closes_on", "window_not_later")]
    return [Problem("closes_on", "window_in_past")] if closes_on < today else []
