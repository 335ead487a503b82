"""The window in which a plan takes contributions: its dates, its extensions, and closing it early."""

from datetime import date

from sqlalchemy.orm import Session

from consulta import clock
from consulta.changes import transaction
from consulta.errors import GuardRefused, Invalid, Problem
from consulta.people.actors import Actor
from consulta.permissions import Permission
from consulta.plans.models import Plan, PlanState, WindowExtension
from consulta.plans.rules import Window, check_extension, check_period, window
from consulta.text import clean

REASON_MAX = 1000


def set_window(
    session: Session,
    *,
    actor: Actor,
    plan_id: int,
    version: int | None,
    opens_on: date,
    closes_on: date,
    notice_published_on: date | None = None,
) -> Plan:
    """Set the dates while the plan is in preparation; afterwards the closing date only moves by extension."""
    problems = check_period(opens_on, closes_on, "closes_on", "window_reversed")
    if notice_published_on is not None:
        problems += check_period(notice_published_on, opens_on, "notice_published_on", "notice_after_opening")
    if problems:
        raise Invalid(*problems)
    with transaction(session, actor=actor) as change:
        plan = change.lock(Plan, plan_id, seen=version)
        change.require(Permission.PLAN_MANAGE, plan)
        if plan.state is not PlanState.PREPARATION:
            raise GuardRefused("only_in_preparation")
        before = _dates(plan)
        plan.opens_on, plan.closes_on, plan.notice_published_on = opens_on, closes_on, notice_published_on
        plan.window_closed_at = None
        change.edit(plan, "plan.set_window", before=before, after=_dates(plan))
        change.stale(plan, frame=True)
    return plan


def extend_window(
    session: Session, *, actor: Actor, plan_id: int, version: int | None, closes_on: date, reason: str
) -> Plan:
    """Close later, keeping the old date and the reason on record; a window closed early opens again."""
    reason = _required(reason)
    with transaction(session, actor=actor, reason=reason) as change:
        plan = change.lock(Plan, plan_id, seen=version)
        change.require(Permission.PLAN_MANAGE, plan)
        if plan.state is not PlanState.OPEN or plan.closes_on is None:
            raise GuardRefused("only_in_consultation")
        if problems := check_extension(plan, closes_on, clock.local_date(change.now)):
            raise Invalid(*problems)
        before = _dates(plan)
        extension = WindowExtension(
            plan_id=plan.id,
            old_closes_on=clock.local_date(plan.window_closed_at) if plan.window_closed_at else plan.closes_on,
            new_closes_on=closes_on,
            reason=reason,
            extended_at=change.now,
        )
        session.add(extension)
        plan.closes_on, plan.window_closed_at = closes_on, None
        change.edit(plan, "plan.extend_window", before=before, after=_dates(plan))
        change.stale(plan, frame=True)
    return plan


def close_window(session: Session, *, actor: Actor, plan_id: int, version: int | None, reason: str) -> Plan:
    """Close now, before the published date; the date stays as it was announced, and the reason is public."""
    reason = _required(reason)
    with transaction(session, actor=actor, reason=reason) as change:
        plan = change.lock(Plan, plan_id, seen=version)
        change.require(Permission.PLAN_MANAGE, plan)
        if plan.state is not PlanState.OPEN:
            raise GuardRefused("only_in_consultation")
        if window(plan, change.now) is not Window.OPEN:
            raise GuardRefused("window_not_open")
        plan.window_closed_at = change.now
        session.add(
            WindowExtension(
                plan_id=plan.id,
                old_closes_on=plan.closes_on,
                new_closes_on=clock.local_date(change.now),
                reason=reason,
                extended_at=change.now,
            )
        )
        change.edit(plan, "plan.close_window")
        change.stale(plan, frame=True)
    return plan


def _dates(plan: Plan) -> list[str | None]:
    return [day.isoformat() if day else None for day in (plan.opens_on, plan.closes_on)]


def _required(reason: str) -> str:
    reason = clean(reason)
    if not reason:
        raise Invalid(Problem("reason", "reason_missing"))
    if len(reason) > REASON_MAX:
        raise Invalid(Problem("reason", "text_too_long", {"max": REASON_MAX, "length": len(reason)}))
    return reason
