"""Publishing the results of a plan: what still blocks it, what will become public, and the one act that does it."""

from collections.abc import Callable
from typing import Any

from flask import Blueprint, flash, redirect, url_for
from flask.typing import ResponseReturnValue
from wtforms import BooleanField

from consulta import clock
from consulta.commitments.queries import plan_commitments
from consulta.decisions.models import WITH_COMMITMENT, Outcome
from consulta.errors import Invalid, Problem
from consulta.figures.services import Accounting, account
from consulta.permissions import Permission, allows, require
from consulta.plans.models import Plan
from consulta.plans.rules import Work, admits
from consulta.plans.team import all_plans, find_plan
from consulta.results.queries import Blocker, count_public_texts
from consulta.results.services import find_blockers, publish_results
from consulta.web.context import actor, db
from consulta.web.coordination.plan_choice import chosen_plan
from consulta.web.forms import Form
from consulta.web.i18n import gettext, ngettext
from consulta.web.i18n import lazy_gettext as _l

blueprint = Blueprint("results", __name__)
PATH = "/planes/<plan_code>/resultados"

# code: (heading, what to do)
BLOCKERS: dict[str, tuple[Any, Any]] = {
    "unmoderated": (_l("Aportes sin revisar"), _l("Publíquelos, o diga por qué no se admiten.")),
    "undecided": (_l("Propuestas sin decisión"), _l("Cada una necesita una decisión con su justificación.")),
    "without_public_reason": (_l("No admitidas sin motivo público"), _l("Escriba el motivo que se leerá.")),
    "without_commitment": (_l("Incorporadas sin compromiso"), _l("Vincule cada una a un compromiso del plan.")),
    "broken_sums": (_l("Sumas que no cuadran"), _l("Los datos se contradicen. Avise a quien administra el sitio.")),
    "unexplained_figures": (_l("Cifras publicadas que no cuadran"), _l("Escriba una nota que explique cada una.")),
}


class PublishForm(Form):
    confirmed = BooleanField(_l("Entiendo que las decisiones ya no podrán cambiarse."))


@blueprint.get("/resultados")
def start() -> ResponseReturnValue:
    """The results of the plan that is being worked on."""
    plan = chosen_plan(all_plans(db()), Work.PUBLISH)
    if plan is None:
        return redirect(url_for("coordination.plans.index"), 303)
    return redirect(url_for("coordination.results.show", plan_code=plan.code), 303)


@blueprint.route(PATH, methods=["GET", "POST"])
def show(plan_code: str) -> ResponseReturnValue:
    require(actor(), Permission.COORDINATION_READ)
    plan = find_plan(db(), plan_code)
    form = PublishForm(obj=plan)
    if form.is_submitted():
        require(actor(), Permission.RESULTS_PUBLISH, plan)
    if form.validate_on_submit():
        form.attempt(lambda: _publish(plan.id, form))
        if form.succeeded:
            flash(gettext("Los resultados ya son públicos. Avisaremos por correo a quienes participaron."))
            return redirect(url_for("coordination.results.show", plan_code=plan_code), 303)
        plan = find_plan(db(), plan_code)
    return _page(plan, form)


def _publish(plan_id: int, form: PublishForm) -> Plan:
    if not form.confirmed.data:
        raise Invalid(Problem("confirmed", "not_confirmed"))
    return publish_results(db(), actor=actor(), plan_id=plan_id, version=form.seen_version)


def _page(plan: Plan, form: PublishForm) -> ResponseReturnValue:
    accounting = account(db(), plan, public=False)
    blockers = [] if plan.has_results else find_blockers(db(), plan)
    is_time = admits(plan, Work.PUBLISH, clock.now())
    form.version.data = str(plan.version)
    return form.page(
        "coordination/results/show.html",
        plan=plan,
        blockers=[_blocker(plan, one) for one in blockers],
        missing=sum(one.count for one in blockers),
        is_time=is_time,
        may_publish=is_time and not blockers and allows(actor(), Permission.RESULTS_PUBLISH, plan),
        outcomes=[(outcome, accounting.counts.by_outcome[outcome.value]) for outcome in Outcome],
        summary=_summary(accounting),
        texts=count_public_texts(db(), plan),
        commitments=plan_commitments(db(), plan),
        accounting=accounting,
    )


def _summary(accounting: Accounting) -> str:
    """The first sentence that the public page of results will say."""
    counts = accounting.counts
    entered = sum(counts.by_outcome[outcome.value] for outcome in WITH_COMMITMENT)
    distinct = accounting.figure("distinct").value
    proposals = ngettext("De %(num)s propuesta distinta", "De %(num)s propuestas distintas", distinct)
    return gettext(
        "%(proposals)s, %(outcome)s.",
        proposals=proposals,
        outcome=ngettext("%(num)s entró al plan", "%(num)s entraron al plan", entered),
    )


def _blocker(plan: Plan, blocker: Blocker) -> dict[str, Any]:
    """A blocker as the page shows it, each item with the page where it is mended."""
    heading, advice = BLOCKERS[blocker.code]
    items = [
        {"href": _links(plan)[blocker.code](key), "key": _shown_key(blocker.code, key), "text": text}
        for key, text in blocker.items
    ]
    return {
        "code": blocker.code,
        "heading": str(heading),
        "advice": str(advice),
        "count": blocker.count,
        "items": items,
        "more": blocker.count - len(blocker.items),
    }


def _shown_key(code: str, key: str) -> str:
    """People know folios; the key of anything else is not shown."""
    return key if code in ("undecided", "without_public_reason", "without_commitment") else ""


def _links(plan: Plan) -> dict[str, Callable[[str], str]]:
    figures = url_for("coordination.figures.index", plan_code=plan.code)
    return {
        "unmoderated": lambda key: url_for("coordination.moderation.show", contribution_id=int(key)),
        "undecided": lambda key: url_for("coordination.decisions.edit", folio=key),
        "without_public_reason": lambda key: url_for("coordination.proposals.show", folio=key),
        "without_commitment": lambda key: url_for(
            "coordination.commitments.index", plan_code=plan.code, _anchor="lista"
        ),
        "broken_sums": lambda key: url_for("public.figures.show", plan_code=plan.code, _anchor=key.replace(".", "-")),
        "unexplained_figures": lambda key: f"{figures}#{key.replace('.', '-')}",
    }
