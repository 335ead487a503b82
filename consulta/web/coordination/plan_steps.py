"""A plan's next step in words: what it asks for, what is still missing, and where each is done."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import url_for

from consulta.plans.models import Plan
from consulta.plans.rules import Condition, conditions
from consulta.web.i18n import lazy_gettext as _l
from consulta.web.wording import PLANS, PROPOSALS

# code of the condition: (what is said when it holds, where it is done)
STEPS: dict[str, tuple[Any, str]] = {
    "window_unset": (_l("Las fechas de apertura y cierre están puestas."), "coordination.window.edit"),
    "no_published_topic": (_l("Hay temas publicados."), "coordination.topics.index"),
    "topic_without_intro": (_l("Cada tema publicado tiene su introducción."), "coordination.topics.index"),
    "window_not_closed": (_l("El plazo para recibir propuestas ya cerró."), "coordination.window.edit"),
    "unmoderated_left": (_l("Todos los aportes están moderados."), "coordination.moderation.index"),
    "referrals_pending": (_l("Ninguna institución debe una respuesta."), "coordination.referrals.index"),
    "results_unpublished": (_l("Los resultados son públicos."), "coordination.results.show"),
    "proposals_undecided": (_l("Cada propuesta tiene su decisión."), "coordination.decisions.index"),
    "commitments_unvalidated": (_l("Cada compromiso está validado."), "coordination.commitments.index"),
    "approver_decided": (_l("Quien aprueba no decidió propuestas de este plan."), ""),
    "approval_unsigned": (_l("El plan tiene fecha de firma y documento."), "coordination.approval.edit"),
}
SITE_TRAYS = {"coordination.moderation.index", "coordination.referrals.index", "coordination.decisions.index"}


@dataclass(frozen=True)
class Step:
    """One condition in words."""

    sentence: str
    holds: bool
    count: int
    href: str


def steps_of(plan: Plan, facts: Mapping[str, Any]) -> list[Step]:
    """What the plan's next state asks for, in the order in which its machine judges it."""
    return [_step(plan, condition) for condition in conditions(plan, facts)]


def _step(plan: Plan, condition: Condition) -> Step:
    done, endpoint = STEPS[condition.code]
    missing = {**PROPOSALS, **PLANS}[condition.code]
    return Step(str(done if condition.holds else missing), condition.holds, condition.count, _address(plan, endpoint))


def _address(plan: Plan, endpoint: str) -> str:
    """The page where a condition is met; trays of the whole site take the plan from the query."""
    if endpoint in SITE_TRAYS:
        return url_for(endpoint, plan=plan.code)
    return url_for(endpoint, plan_code=plan.code) if endpoint else ""
