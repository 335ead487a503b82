"""The open plan of the demonstration: invented, around the day of loading, with something in every tray."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from consulta import clock
from consulta.commitments.models import Commitment
from consulta.demo.commitments import load_commitments
from consulta.demo.days import Days, live_through
from consulta.demo.lives import Stage
from consulta.demo.people import loader_actor
from consulta.demo.representatives import load_representatives
from consulta.demo.setting import load_documents, load_topics
from consulta.demo.texts import at, read
from consulta.people.actors import Actor
from consulta.people.models import Institution
from consulta.plans.calendar import PhasePlan, add_phase, record_phase
from consulta.plans.models import PhaseKind, Plan, PlanState
from consulta.plans.services import PlanText, create_plan, move_plan
from consulta.plans.window import set_window

CODE = "demostracion"
NOTICE = "Plan inventado para probar el sitio. Nada de lo que contiene es real."


def load_open_plan(session: Session) -> None:
    """Load the plan, or go on where a load stopped; its days count from the one it was created for."""
    actor, source = loader_actor(session), read("demonstration_plan")
    plan = session.scalars(sa.select(Plan).where(Plan.code == CODE)).one_or_none()
    if plan is None:
        plan = _create(session, actor, source, clock.today() - timedelta(days=source["loaded_on_day"]))
    plan_id = plan.id
    days = Days(plan.opens_on or clock.today() - timedelta(days=source["loaded_on_day"]))
    names = [(row["code"], row["name"]) for row in source["topics"]]
    texts = {row["code"]: row for row in source["topics"]}
    load_topics(session, actor, plan_id, CODE, names, at(days.on(-15), 9), texts)
    if plan.state is PlanState.PREPARATION:
        _schedule(session, actor, plan_id, source, days)
    load_documents(session, actor, plan_id, CODE, at(days.on(0), 9))
    load_representatives(session, actor, days)
    stage = Stage(session, plan_id, CODE)
    live_through(stage, source["proposals"], days)
    if session.scalar(sa.select(Commitment.id).where(Commitment.plan_id == plan_id).limit(1)) is None:
        _load_commitments(stage, source["commitments"], days)


def _create(session: Session, actor: Actor, source: Mapping[str, Any], opening: date) -> Plan:
    coordinator = sa.select(Institution).where(Institution.code == source["coordinator_institution"])
    text = PlanText(
        title=source["title"],
        objective=source["objective"],
        period_start_on=opening + timedelta(days=source["period_start_day"]),
        period_end_on=opening + timedelta(days=source["period_end_day"]),
        coordinator_institution_id=session.scalars(coordinator).one().id,
    )
    with clock.set_to(at(opening - timedelta(days=30), 8)):
        return create_plan(
            session, actor=actor, code=CODE, text=text, external_ref="demo:plan:open", demo_notice=NOTICE
        )


def _schedule(session: Session, actor: Actor, plan_id: int, source: Mapping[str, Any], days: Days) -> None:
    """Window and calendar; the plan opens on its day."""
    with clock.set_to(at(days.on(source["notice_published_day"]), 8)):
        set_window(
            session,
            actor=actor,
            plan_id=plan_id,
            version=None,
            opens_on=days.on(0),
            closes_on=days.on(source["closes_day"]),
            notice_published_on=days.on(source["notice_published_day"]),
        )
        phases = [
            add_phase(
                session,
                actor=actor,
                plan_id=plan_id,
                planned=PhasePlan(
                    PhaseKind(row["kind"]),
                    row["label"],
                    days.on(row["planned_start_day"]),
                    days.on(row["planned_end_day"]),
                ),
            ).id
            for row in source["phases"]
        ]
    with clock.set_to(at(days.on(0), 0)):
        move_plan(session, actor=actor, plan_id=plan_id, version=None, to=PlanState.OPEN)
        for key, row in zip(phases, source["phases"], strict=True):
            if row["actual_start_day"] is not None:
                end = row["actual_end_day"]
                record_phase(
                    session,
                    actor=actor,
                    phase_id=key,
                    version=None,
                    actual_start_on=days.on(row["actual_start_day"]),
                    actual_end_on=days.on(end) if end is not None else None,
                )


def _load_commitments(stage: Stage, rows: list[dict[str, Any]], days: Days) -> None:
    dated = [
        {**_dated(row, days), "milestones": [_dated(milestone, days) for milestone in row["milestones"]]}
        for row in rows
    ]
    links = {row["number"]: [stage.proposal(ref).id for ref in row["proposals"]] for row in rows}
    load_commitments(stage, dated, links, clock.now())


def _dated(row: Mapping[str, Any], days: Days) -> dict[str, Any]:
    """A row whose `start_day` and `end_day` are dates."""
    found = dict(row)
    for name in ("start", "end"):
        if row.get(f"{name}_day") is not None:
            found[name] = days.on(row[f"{name}_day"]).isoformat()
    return found
