"""The calendar: phases with planned dates, written in preparation, and the dates on which they happened."""

from dataclasses import dataclass
from datetime import date

import sqlalchemy as sa
from sqlalchemy.orm import Session

from consulta import clock
from consulta.changes import Change, transaction
from consulta.errors import GuardRefused, Invalid, Problem
from consulta.people.actors import Actor
from consulta.permissions import Permission
from consulta.plans.models import TITLE_MAX, Phase, PhaseKind, Plan, PlanState
from consulta.plans.rules import check_line, check_period
from consulta.text import clean, clean_line

NOTE_MAX = 500


@dataclass(frozen=True)
class PhasePlan:
    """What is planned for a phase."""

    kind: PhaseKind
    label: str
    planned_start_on: date
    planned_end_on: date
    note: str = ""

    def cleaned(self) -> "PhasePlan":
        return PhasePlan(
            self.kind, clean_line(self.label), self.planned_start_on, self.planned_end_on, clean(self.note)
        )

    def problems(self) -> list[Problem]:
        problems = check_line("label", self.label, TITLE_MAX)
        problems += check_period(self.planned_start_on, self.planned_end_on, "planned_end_on", "period_reversed")
        return problems + (check_line("note", self.note, NOTE_MAX) if self.note else [])

    def write(self, phase: Phase) -> None:
        phase.kind, phase.label, phase.note = self.kind, self.label, self.note or None
        phase.planned_start_on, phase.planned_end_on = self.planned_start_on, self.planned_end_on


def add_phase(
    session: Session, *, actor: Actor, plan_id: int, planned: PhasePlan, form_key: str | None = None
) -> Phase:
    """A new row at the end of the calendar, while the plan is in preparation."""
    planned = planned.cleaned()
    if problems := planned.problems():
        raise Invalid(*problems)
    with transaction(session, actor=actor) as change:
        plan = change.lock(Plan, plan_id)
        change.require(Permission.PLAN_MANAGE, plan)
        content = {"act": "phase.add", "plan": plan_id, "planned": planned}
        claim = change.claim(form_key, **content)
        if claim.earlier:
            return change.lock(Phase, int(claim.earlier))
        _insist_on_preparation(plan)
        last = session.scalar(sa.select(sa.func.max(Phase.position)).where(Phase.plan_id == plan_id)) or 0
        phase = Phase(plan_id=plan_id, position=last + 1)
        planned.write(phase)
        change.create(phase, "phase.add", label=phase.label)
        claim.fill(phase.id)
        change.stale(plan, frame=True)
    return phase


def edit_phase(session: Session, *, actor: Actor, phase_id: int, version: int | None, planned: PhasePlan) -> Phase:
    """Change what is planned, while the plan is in preparation."""
    planned = planned.cleaned()
    if problems := planned.problems():
        raise Invalid(*problems)
    with transaction(session, actor=actor) as change:
        phase, plan = _lock(change, phase_id, version)
        _insist_on_preparation(plan)
        before = [phase.planned_start_on.isoformat(), phase.planned_end_on.isoformat()]
        planned.write(phase)
        change.edit(phase, "phase.edit", before=before)
        change.stale(plan, frame=True)
    return phase


def remove_phase(session: Session, *, actor: Actor, phase_id: int, version: int | None) -> None:
    """Take a row out of the calendar, while the plan is in preparation."""
    with transaction(session, actor=actor) as change:
        phase, plan = _lock(change, phase_id, version)
        _insist_on_preparation(plan)
        change.record("phase.remove", phase, label=phase.label)
        session.delete(phase)
        change.stale(plan, frame=True)


def record_phase(
    session: Session,
    *,
    actor: Actor,
    phase_id: int,
    version: int | None,
    actual_start_on: date | None,
    actual_end_on: date | None,
    note: str = "",
) -> Phase:
    """Write when a phase began and ended in fact; the planned dates stay beside them."""
    note, today = clean(note), clock.today()
    problems = check_line("note", note, NOTE_MAX) if note else []
    if actual_end_on is not None and actual_start_on is None:
        problems.append(Problem("actual_start_on", "missing"))
    if actual_start_on and actual_end_on:
        problems += check_period(actual_start_on, actual_end_on, "actual_end_on", "period_reversed")
    for field, day in (("actual_start_on", actual_start_on), ("actual_end_on", actual_end_on)):
        if day is not None and day > today:
            problems.append(Problem(field, "date_in_future"))
    if problems:
        raise Invalid(*problems)
    with transaction(session, actor=actor) as change:
        phase, plan = _lock(change, phase_id, version)
        phase.actual_start_on, phase.actual_end_on, phase.note = actual_start_on, actual_end_on, note or None
        change.edit(phase, "phase.record", start=str(actual_start_on or ""), end=str(actual_end_on or ""))
        change.stale(plan, frame=True)
    return phase


def _lock(change: Change, phase_id: int, version: int | None) -> tuple[Phase, Plan]:
    phase = change.lock(Phase, phase_id, seen=version)
    plan = change.lock(Plan, phase.plan_id)
    change.require(Permission.PLAN_MANAGE, plan)
    return phase, plan


def _insist_on_preparation(plan: Plan) -> None:
    if plan.state is not PlanState.PREPARATION:
        raise GuardRefused("only_in_preparation")
