"""«Cuadre de cifras»: the sums of a plan and what was printed elsewhere, side by side."""

from collections.abc import Mapping

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from consulta import clock
from consulta.cache_versions import plan_scope
from consulta.contributions.models import Channel
from consulta.decisions.models import Outcome
from consulta.demographics.queries import organizations_of, participants_of
from consulta.figures.rules import Sum
from consulta.figures.services import account
from consulta.labels import label
from consulta.plans.models import Plan
from consulta.plans.queries import find_public_plan, public_topics
from consulta.proposals.models import ProposalState
from consulta.referrals.models import ReferralState
from consulta.web.context import db
from consulta.web.i18n import gettext
from consulta.web.i18n import lazy_gettext as _l
from consulta.web.pages import public_page

blueprint = Blueprint("figures", __name__)

HEADINGS = {
    "received.by_channel": _l("Recibidas, por canal"),
    "received.by_topic": _l("Recibidas, por el tema al que llegaron"),
    "received.by_state": _l("Recibidas, por estado"),
    "received.by_admission": _l("Recibidas, por admisión"),
    "admitted": _l("Admitidas"),
    "distinct": _l("Distintas"),
    "decided": _l("Con decisión"),
    "referrals": _l("Remisiones a instituciones"),
    "in_template": _l("Llegaron en plantilla"),
    "persons": _l("Personas distintas"),
    "received.by_origin": _l("Recibidas, por origen"),
}
PARTS = {
    "admitted": _l("Admitidas"),
    "inadmissible": _l("No admitidas"),
    "withdrawn": _l("Retiradas"),
    "unmoderated": _l("Aún sin revisar"),
    "distinct": _l("Distintas"),
    "merged": _l("Unidas a otra"),
    "decided": _l("Con decisión"),
    "pending": _l("Sin decisión"),
    "submissions": _l("De entregas de organizaciones"),
    "elsewhere": _l("De otros canales"),
    "citizen": _l("De la ciudadanía"),
    "institution": _l("De la institución coordinadora"),
    "topic.none": _l("Sin temática al recibirse"),
}
PARTICIPANTS = {"sex": _l("Por sexo"), "age_range": _l("Por edad"), "department": _l("Por departamento")}
ENUMS = {"channel": Channel, "state": ProposalState, "outcome": Outcome, "referral": ReferralState}
FILTERS = {"channel": "canal", "state": "estado", "outcome": "desenlace", "topic": "tema"}


@blueprint.get("/planes/<plan_code>/cifras")
@public_page(lambda plan_code: (plan_scope(plan_code),))
def show(plan_code: str) -> ResponseReturnValue:
    """The ledger: every sum with its parts, then what its sources printed."""
    plan = find_public_plan(db(), plan_code, clock.today())
    accounting = account(db(), plan)
    topics = {topic.code: topic.name for topic in public_topics(db(), plan)}
    return render_template(
        "public/figures/show.html",
        plan=plan,
        accounting=accounting,
        sums=[_sum_row(plan, one, topics) for one in accounting.sums if one.value or one.key != "decided"],
        participants=participants_of(db(), plan, clock.start_of_day(clock.today())),
        organizations=organizations_of(db(), plan, clock.start_of_day(clock.today())),
        participant_headings=PARTICIPANTS,
        printed=[figure for figure in accounting.figures if figure.record is not None],
    )


def _sum_row(plan: Plan, one: Sum, topics: Mapping[str, str]) -> dict[str, object]:
    """A sum as the page shows it; parts that are zero are left out of the page, not of the sum."""
    parts = [
        {"label": part_label(key, topics), "value": value, "href": _list_of(plan, key)}
        for key, value in one.parts
        if value
    ]
    return {
        "key": one.key,
        "heading": HEADINGS[one.key],
        "value": one.value,
        "total": one.total,
        "parts": parts,
        "holds": one.holds,
        "at_most": one.at_most,
    }


def part_label(key: str, topics: Mapping[str, str]) -> str:
    """The words for a part of a sum: those of its code, or the name of its topic."""
    if key in PARTS:
        return str(PARTS[key])
    kind, _, code = key.partition(".")
    if kind in ("topic", "persons"):
        return topics.get(code, code)
    return gettext(label(ENUMS[kind](code)))


def _list_of(plan: Plan, key: str) -> str | None:
    """The list of proposals that a part counts, where there is one."""
    kind, _, code = key.partition(".")
    if kind in FILTERS and code and code != "none":
        return f"/planes/{plan.code}/propuestas?{FILTERS[kind]}={code}"
    if key in ("inadmissible", "withdrawn", "merged", "decided"):
        return f"/planes/{plan.code}/propuestas?estado={key}"
    return None
