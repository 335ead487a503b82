"""What the clock brings: windows that open and close, completions that expire, reminders. Each is done once."""

import logging
from collections.abc import Callable
from datetime import date

import sqlalchemy as sa
from sqlalchemy.orm import Session

from consulta import clock
from consulta.audit.models import AuditEntry
from consulta.changes import transaction
from consulta.contributions.drafts import forget_old_drafts
from consulta.contributions.holding import forget_addresses
from consulta.contributions.moderation import expire_observed
from consulta.database import Database
from consulta.errors import Refusal
from consulta.guests.services import forget_old_submissions
from consulta.limits.spending import forget_spent
from consulta.people.actors import CLOCK
from consulta.people.expiring import forget_what_is_over
from consulta.plans.models import Holiday, Plan, PlanState
from consulta.plans.rules import Window, window, working_days_between
from consulta.privacy.services import forget_farewells, forget_unproven
from consulta.referrals.models import AWAITING, Dispatch, Referral
from consulta.referrals.rules import REMINDER_DAYS

log = logging.getLogger("consulta.worker")
WINDOW_ACTS = {Window.OPEN: "plan.window_opened", Window.CLOSED: "plan.window_closed"}


def do_what_is_due(database: Database) -> None:
    """Everything that is due now; what one duty refuses does not keep the others waiting."""
    duties: tuple[Callable[[Session], object], ...] = (
        note_windows,
        expire_completions,
        remind_institutions,
        forget_spent,
        forget_what_is_over,
        forget_old_drafts,
        forget_old_submissions,
        forget_addresses,
        forget_unproven,
        forget_farewells,
    )
    for duty in duties:
        with database.session() as session:
            try:
                duty(session)
            except Refusal:
                log.exception("%s could not be finished", duty.__name__)


def expire_completions(session: Session) -> int:
    """Reject what was not completed in time; how many."""
    return expire_observed(session, actor=CLOCK)


def note_windows(session: Session) -> int:
    """Record that the clock opened or closed a window, and make the plan's pages stale; how many."""
    noted = 0
    for plan in session.scalars(sa.select(Plan).where(Plan.state == PlanState.OPEN)).all():
        act, day = _window_event(plan)
        if act and day and not _was_recorded(session, plan, act, day):
            noted += _note_window(session, plan.id)
    return noted


def _window_event(plan: Plan) -> tuple[str | None, date | None]:
    """The act that the present moment means for a plan, and the day of the window that it is about."""
    now = window(plan, clock.now())
    if now is Window.CLOSED and plan.window_closed_at is not None:
        return None, None  # closed by hand, and recorded then
    return WINDOW_ACTS.get(now), plan.opens_on if now is Window.OPEN else plan.closes_on


def _note_window(session: Session, plan_id: int) -> bool:
    with transaction(session, actor=CLOCK) as change:
        plan = change.lock(Plan, plan_id)
        act, day = _window_event(plan)
        if act is None or day is None or _was_recorded(session, plan, act, day):
            return False
        change.record(act, plan, on=day.isoformat())
        change.stale(plan, frame=True)
    return True


def _was_recorded(session: Session, plan: Plan, act: str, day: date) -> bool:
    details = session.scalars(
        sa.select(AuditEntry.detail).where(
            AuditEntry.object_type == Plan.__tablename__, AuditEntry.object_id == plan.id, AuditEntry.act == act
        )
    )
    return any(detail.get("on") == day.isoformat() for detail in details)


def remind_institutions(session: Session) -> int:
    """Remind of what an institution must answer soon, one mail a dispatch and due date; how many."""
    today = clock.today()
    groups = session.execute(
        sa.select(Referral.dispatch_id, Referral.due_on)
        .where(Referral.state.in_(AWAITING), Referral.due_on >= today)
        .distinct()
        .order_by(Referral.due_on, Referral.dispatch_id)
    ).all()
    holidays = frozenset(session.scalars(sa.select(Holiday.on)))
    reminded = 0
    for dispatch_id, due_on in groups:
        left = working_days_between(today, due_on, holidays)
        stage = min((days for days in REMINDER_DAYS if left <= days), default=None)
        if stage is not None:
            reminded += _remind(session, dispatch_id, due_on, stage, holidays)
    return reminded


def _remind(session: Session, dispatch_id: int, due_on: date, stage: int, holidays: frozenset[date]) -> bool:
    """Remind once of a dispatch's referrals that are due on a day, unless they were sent within the term itself."""
    act = f"referral.reminded_{stage}"
    with transaction(session, actor=CLOCK) as change:
        dispatch = change.lock(Dispatch, dispatch_id)
        waiting = [
            referral
            for referral in dispatch.referrals
            if referral.state in AWAITING
            and referral.due_on == due_on
            and referral.sent_at is not None
            and working_days_between(clock.local_date(referral.sent_at), due_on, holidays) > stage
        ]
        reminded = _reminded(session, [referral.id for referral in waiting], act, due_on)
        left = [referral for referral in waiting if referral.id not in reminded]
        for referral in left:
            change.record(act, referral, due_on=due_on.isoformat())
        if left:
            change.mail("referral_reminder", dispatch_id=dispatch.id, due_on=due_on.isoformat())
    return bool(left)


def _reminded(session: Session, ids: list[int], act: str, due_on: date) -> set[int]:
    """Those that were already reminded of this due date; an extended one is reminded anew."""
    rows = session.execute(
        sa.select(AuditEntry.object_id, AuditEntry.detail).where(
            AuditEntry.object_type == Referral.__tablename__, AuditEntry.object_id.in_(ids), AuditEntry.act == act
        )
    )
    return {object_id for object_id, detail in rows if detail.get("due_on") == due_on.isoformat()}
