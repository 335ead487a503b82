"""What public pages say about a proposal: the knots of its thread, its state as a sentence, what follows."""

from collections.abc import Sequence
from datetime import date
from functools import lru_cache
from typing import Any

from consulta import clock
from consulta.contributions.models import ContributionState
from consulta.decisions.models import Outcome
from consulta.plans.models import Plan, PlanState
from consulta.plans.rules import Window, Work, admits, days_left, window
from consulta.proposals.models import ProposalState
from consulta.proposals.paths import Standing, Step
from consulta.proposals.stages import Stage
from consulta.web.filters import long_date
from consulta.web.i18n import gettext, ngettext
from consulta.web.i18n import lazy_gettext as _l

STEP_LABELS = {
    Step.RECEIVED: _l("Recibida"),
    Step.PUBLISHED: _l("Publicada"),
    Step.SYSTEMATIZED: _l("Sistematizada"),
    Step.AT_INSTITUTION: _l("En la institución"),
    Step.DECIDED: _l("Con decisión"),
    Step.IN_MATRIX: _l("En la matriz"),
}
OUTCOME_SENTENCES = {
    Outcome.INCLUDED: _l("La propuesta se incorporó al plan."),
    Outcome.PARTIALLY_INCLUDED: _l("La propuesta se incorporó en parte al plan."),
    Outcome.NOT_INCLUDED: _l("La propuesta no se incorporó al plan."),
}
# Where most proposals of a plan are while it is in a state.
PLAN_STEPS = {
    PlanState.OPEN: Stage.RECEIVED,
    PlanState.SYSTEMATIZATION: Stage.SYSTEMATIZED,
    PlanState.INSTITUTIONAL_ANALYSIS: Stage.SENT,
    PlanState.DRAFTING: Stage.DECIDED,
    PlanState.IN_APPROVAL: Stage.IN_MATRIX,
}
PLAN_THREAD = {
    Stage.RECEIVED: _l("Recibidas"),
    Stage.ADMITTED: _l("Publicadas"),
    Stage.SYSTEMATIZED: _l("Sistematizadas"),
    Stage.SENT: _l("Enviadas"),
    Stage.DECIDED: _l("Con decisión"),
    Stage.IN_MATRIX: _l("En la matriz"),
}


@lru_cache(maxsize=4096)
def written_date(day: date) -> str:
    """«1 de junio de 2018», kept, since a page writes the same days again and again."""
    return long_date(day)


def joined(names: Sequence[str]) -> str:
    """«A», «A y B», «A, B y C»"""
    if len(names) < 2:
        return "".join(names)
    return gettext("%(first)s y %(last)s", first=", ".join(names[:-1]), last=names[-1])


def steps_of(standing: Standing) -> list[Step]:
    """The knots of its thread: a proposal that is not included ends with its decision."""
    return [step for step in Step if step is not Step.IN_MATRIX or standing.reaches_matrix]


def small_path(standing: Standing) -> list[dict[str, Any]]:
    """The steps for a row of a list, which shows the word of the present one alone."""
    order = list(Step)
    present = order.index(standing.step)
    rows = []
    for position, step in enumerate(steps_of(standing)):
        label = STEP_LABELS[step]
        state = "present" if position == present else "done" if position < present else "future"
        if state == "present" and step is Step.AT_INSTITUTION and standing.holder_codes:
            label = gettext("En %(institutions)s", institutions=joined(standing.holder_codes))
        late = state == "present" and standing.late
        rows.append({"label": label, "state": state, "late": late})
    return rows


def state_label(standing: Standing) -> str | None:
    """The word of its state tag when it is not the plain one."""
    if standing.late:
        return gettext("Respuesta atrasada")
    if standing.state is ProposalState.MERGED and standing.main_folio:
        return gettext("Unida a %(folio)s", folio=standing.main_folio)
    if standing.state is ProposalState.FORWARDED:
        if standing.holder_codes:
            return gettext("Enviada a %(institutions)s", institutions=joined(standing.holder_codes))
        return gettext("Con respuesta de la institución")
    return None


def state_tag(standing: Standing) -> tuple[str, Any, str | None]:
    """Kind, value and word of the tag that a list shows."""
    if standing.outcome is not None:
        return "outcome", standing.outcome, None
    if standing.late:
        return "referral", "overdue", state_label(standing)
    return "proposal", standing.state, state_label(standing)


def state_sentence(standing: Standing) -> str:
    """Where a proposal is, in a sentence."""
    if standing.outcome is not None:
        return str(OUTCOME_SENTENCES[standing.outcome])
    match standing.state:
        case ProposalState.FORWARDED if standing.holders:
            return ngettext(
                "La propuesta está con la institución que debe responder: %(names)s.",
                "La propuesta está con las instituciones que deben responder: %(names)s.",
                len(standing.holders),
                names=joined(standing.holders),
            )
        case ProposalState.FORWARDED:
            return gettext("Las instituciones consultadas ya no deben respuesta.")
        case ProposalState.MERGED:
            return gettext("La propuesta se unió a otra que pide lo mismo.")
        case ProposalState.SYSTEMATIZED:
            return gettext("La propuesta ya tiene tema y resumen.")
        case ProposalState.INADMISSIBLE:
            return gettext("La propuesta no se admitió.")
        case ProposalState.WITHDRAWN:
            return gettext("Su autor retiró la propuesta.")
        case ProposalState.VOIDED:
            return gettext("La propuesta se anuló porque se creó por error.")
        case _:
            return gettext("La propuesta se recibió y se admitió.")


def next_sentence(plan: Plan, standing: Standing) -> str:
    """What comes next; empty when nothing does."""
    match standing.state:
        case ProposalState.RECEIVED:
            return gettext("Después, el equipo le dará un tema y un resumen.")
        case ProposalState.SYSTEMATIZED:
            return gettext("Después, el equipo la enviará a la institución competente.")
        case ProposalState.FORWARDED if standing.holders:
            return gettext("Después, el equipo decidirá con esa respuesta y publicará la justificación.")
        case ProposalState.FORWARDED:
            return gettext("Después, el equipo publicará la decisión y su justificación junto con los resultados.")
        case ProposalState.MERGED:
            return gettext("Sigue el camino de la propuesta principal.")
        case ProposalState.DECIDED if standing.step is Step.IN_MATRIX and plan.state is not PlanState.APPROVED:
            return gettext("Después, la autoridad aprobará el plan con sus compromisos.")
        case _:
            return ""


def tombstone(row: Any) -> str:
    """What stands in the place of words that are not shown."""
    if row.state is ContributionState.HIDDEN:
        if row.reason_text:
            return gettext("Este texto se ocultó. Motivo: %(reason)s", reason=row.reason_text)
        return gettext("Este texto se ocultó.")
    return gettext("Su autor retiró este aporte.")


def plan_thread(plan: Plan, counts: dict[Stage, int], list_url: str) -> list[dict[str, Any]]:
    """The thread of a whole plan, with how many proposals came to each knot."""
    order = list(PLAN_THREAD)
    now = PLAN_STEPS.get(plan.state)
    present = order.index(now) if now else (-1 if plan.state is PlanState.PREPARATION else len(order))
    return [
        {
            "label": str(PLAN_THREAD[stage]),
            "count": f"{counts[stage]:,}",
            "url": f"{list_url}?paso={stage.value}" if counts[stage] else None,
            "state": "present" if position == present else "done" if position < present else "future",
        }
        for position, stage in enumerate(order)
    ]


def window_sentence(plan: Plan) -> str:
    """When one can take part, seen from today."""
    place = window(plan, clock.now())
    if place is Window.UNSET or plan.opens_on is None or plan.closes_on is None:
        return gettext("Las fechas de la consulta aún no se publican.")
    if place is Window.BEFORE:
        return gettext("La consulta abre el %(date)s.", date=long_date(plan.opens_on))
    if not admits(plan, Work.CONTRIBUTE, clock.now()):
        return gettext("La consulta cerró el %(date)s.", date=long_date(closed_on(plan)))
    left = days_left(plan, clock.today())
    if not left:
        return gettext("Hoy es el último día para escribir.")
    return ngettext(
        "Queda %(num)s día: la consulta cierra el %(date)s.",
        "Quedan %(num)s días: la consulta cierra el %(date)s.",
        left,
        date=long_date(plan.closes_on),
    )


def closed_on(plan: Plan) -> date | None:
    """The last day on which contributions were taken."""
    if plan.window_closed_at is not None:
        return min(clock.local_date(plan.window_closed_at), plan.closes_on or date.max)
    return plan.closes_on
