"""Plans, topics and their calendar."""

from datetime import timedelta
from typing import Any

from sqlalchemy.orm import Session

from consulta import clock
from consulta.people.models import Institution
from consulta.plans.models import (
    Document,
    DocumentKind,
    Holiday,
    Moderation,
    Phase,
    PhaseKind,
    Plan,
    PlanState,
    Topic,
    TopicState,
)
from consulta.text import sanitize
from tests.factories import SCRIPT, number, store
from tests.factories.people import make_institution


def make_plan(session: Session, **changes: Any) -> Plan:
    """A plan in consultation: its window opened ten days ago and closes in ten."""
    institution: Institution | None = changes.pop("coordinator_institution", None)
    n, today = number(), clock.today()
    fields: dict[str, Any] = {
        "code": f"plan-{n}",
        "title": f"Plan {n} {SCRIPT}",
        "objective": f"Objetivo del plan {SCRIPT}",
        "period_start_on": today,
        "period_end_on": today + timedelta(days=730),
        "state": PlanState.OPEN,
        "opens_on": today - timedelta(days=10),
        "closes_on": today + timedelta(days=10),
        "response_days": 15,
    }
    fields["coordinator_institution_id"] = (institution or make_institution(session)).id
    return store(session, Plan(**{**fields, **changes}))


def make_topic(session: Session, plan: Plan, **changes: Any) -> Topic:
    n = number()
    intro = changes.pop("intro", f"Introducción del tema {n}. {SCRIPT}")
    fields: dict[str, Any] = {
        "code": f"tema-{n}",
        "name": f"Tema {n} {SCRIPT}",
        "one_line": f"En una línea {SCRIPT}",
        "position": n,
        "state": TopicState.PUBLISHED,
    }
    return store(session, Topic(plan_id=plan.id, intro=intro, intro_html=sanitize(intro), **{**fields, **changes}))


def make_trusting_topic(session: Session, plan: Plan, **changes: Any) -> Topic:
    """A topic that shows at once whatever anybody writes."""
    most = 10_000
    thresholds = {
        "approvals": 0,
        "first_day_proposals": most,
        "first_day_replies": most,
        "same_text_accounts": most,
        "burst_accounts": most,
        "text_points": most,
        "form_seconds": 0,
    }
    return make_topic(session, plan, **{"moderation": Moderation.AFTER, "thresholds": thresholds, **changes})


def make_phase(session: Session, plan: Plan, **changes: Any) -> Phase:
    n, today = number(), clock.today()
    fields: dict[str, Any] = {
        "kind": PhaseKind.CONSULTATION,
        "label": f"Etapa {n} {SCRIPT}",
        "position": n,
        "planned_start_on": today,
        "planned_end_on": today + timedelta(days=30),
    }
    return store(session, Phase(plan_id=plan.id, **{**fields, **changes}))


def make_document(session: Session, plan: Plan, **changes: Any) -> Document:
    n = number()
    content = changes.pop("content", b"texto del documento")
    fields: dict[str, Any] = {
        "title": f"Documento {n} {SCRIPT}",
        "kind": DocumentKind.METHOD,
        "issued_on": clock.today(),
        "edition": "1",
        "file_name": f"documento-{n}.txt",
        "media_type": "text/plain; charset=utf-8",
        "size": len(content),
        "sha256": "0" * 64,
        "added_at": clock.now(),
    }
    return store(session, Document(plan_id=plan.id, content=content, **{**fields, **changes}))


def make_holiday(session: Session, **changes: Any) -> Holiday:
    return store(session, Holiday(**{"label": f"Asueto {SCRIPT}", **changes}))
