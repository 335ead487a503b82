"""Moderation in public: totals of what was reviewed, refused and hidden, with reasons, by month."""

from collections import Counter
from collections.abc import Mapping
from datetime import date
from typing import Any

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from consulta import clock
from consulta.cache_versions import plan_scope
from consulta.contributions.models import RejectionReason
from consulta.moderation.models import Act
from consulta.moderation.public import REFUSALS, Totals, count_moderation
from consulta.plans.queries import find_public_plan
from consulta.web.context import db
from consulta.web.filters import label, month, number
from consulta.web.i18n import gettext, ngettext
from consulta.web.pages import public_page

blueprint = Blueprint("moderation", __name__)


@blueprint.get("/planes/<plan_code>/moderacion")
@public_page(lambda plan_code: (plan_scope(plan_code),))
def show(plan_code: str) -> ResponseReturnValue:
    plan = find_public_plan(db(), plan_code, clock.today())
    totals = count_moderation(db(), plan)
    return render_template(
        "public/moderation/show.html",
        plan=plan,
        totals=totals,
        sentence=_sentence(totals),
        published=totals.acts[Act.PUBLISH],
        rejected=sum(totals.acts[act] for act in REFUSALS),
        hidden=totals.acts[Act.HIDE],
        reported=totals.acts[Act.REPORT],
        shown_again=totals.acts[Act.UNHIDE],
        months=_month_rows(totals),
        refused=_reason_rows(totals.refused),
        hidden_rows=_reason_rows(totals.hidden),
    )


def _sentence(totals: Totals) -> str:
    """The whole in words."""
    if totals.median_hours is None:
        return gettext("Todavía no se ha revisado ningún aporte de este plan.")
    read = ngettext("El equipo revisó %(total)s aporte.", "El equipo revisó %(total)s aportes.", totals.reviewed,
                    total=number(totals.reviewed))  # fmt: skip
    hours = round(totals.median_hours)
    if hours < 1:
        wait = gettext("La mitad esperó menos de una hora.")
    else:
        wait = ngettext(
            "La mitad esperó %(num)s hora o menos.", "La mitad esperó %(total)s horas o menos.", hours,
            total=number(hours),
        )  # fmt: skip
    return f"{read} {wait}"


def _month_rows(totals: Totals) -> list[dict[str, Any]]:
    """What was done each month: published, not admitted, hidden."""
    return [
        {
            "label": _month(name),
            "values": [
                totals.by_month[name][Act.PUBLISH],
                sum(totals.by_month[name][act] for act in REFUSALS),
                totals.by_month[name][Act.HIDE],
            ],
        }
        for name in totals.months
    ]


def _reason_rows(counted: Mapping[str, Counter[RejectionReason | None]]) -> list[list[Any]]:
    """A row for each month and reason, in the order of time."""
    return [
        [_month(name), label(reason) if reason else gettext("Sin motivo registrado"), counted[name][reason]]
        for name in sorted(counted)
        for reason in sorted(counted[name], key=lambda one: one.value if one else "")
    ]


def _month(name: str) -> str:
    """«junio de 2018», of a month as `2018-06`."""
    return month(date.fromisoformat(f"{name}-01"))
