"""Results: what became of the proposals, in words first, then in charts, each with its table and its lists."""

from collections import Counter
from typing import Any

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from consulta import clock
from consulta.cache_versions import plan_scope
from consulta.contributions.models import Channel
from consulta.decisions.models import Outcome
from consulta.decisions.public import InstitutionTimes, Results, count_results, institution_times
from consulta.plans.models import Topic
from consulta.plans.queries import find_public_plan, public_topics
from consulta.proposals.models import Proposal
from consulta.proposals.stages import Stage, late_count, stage_counts
from consulta.web.context import db
from consulta.web.filters import label, number, percent, tenths_of
from consulta.web.i18n import gettext, ngettext
from consulta.web.pages import public_page
from consulta.web.public.words import window_sentence

blueprint = Blueprint("results", __name__)


@blueprint.get("/planes/<plan_code>/resultados")
@public_page(lambda plan_code: (plan_scope(plan_code),))
def show(plan_code: str) -> ResponseReturnValue:
    """Before publication: only what is public anyway."""
    today = clock.today()
    plan = find_public_plan(db(), plan_code, today)
    counts = stage_counts(db(), plan)
    listing = f"{request.script_root}/planes/{plan.code}/propuestas"
    times = institution_times(db(), plan, today)
    shared: dict[str, Any] = {
        "plan": plan,
        "counts": counts,
        "Stage": Stage,
        "listing": listing,
        "institutions": [_institution_row(one, listing) for one in times],
    }
    if not plan.has_results:
        return render_template(
            "public/results/early.html",
            when=window_sentence(plan),
            awaiting=counts[Stage.AWAITING],
            late=late_count(db(), plan, today),
            **shared,
        )
    results = count_results(db(), plan)
    citizens = stage_counts(db(), plan, Proposal.channel != Channel.INSTITUTION)
    return render_template(
        "public/results/show.html",
        sentence=_sentence(citizens, results),
        remarks=_remarks(counts, citizens),
        flow=_flow(counts, listing),
        by_outcome=_rows(results.outcomes, list(Outcome), f"{listing}?desenlace="),
        outcome_note=rounding_note(results.outcomes),
        reason_note=rounding_note(results.reasons),
        by_topic=_topic_rows(results, public_topics(db(), plan)),
        topic_table=_topic_table(results, public_topics(db(), plan), listing),
        by_reason=_rows(results.reasons, [reason for reason, _ in results.reasons.most_common()], f"{listing}?motivo="),
        by_institution=[
            {"label": one.name, "value": one.asked_count, "href": f"{listing}?institucion={one.code}"} for one in times
        ],
        outcomes=list(Outcome),
        **shared,
    )


def _sentence(citizens: dict[Stage, int], results: Results) -> str:
    """The result in words, computed."""
    total, undecided = citizens[Stage.RECEIVED], citizens[Stage.DISTINCT] - citizens[Stage.DECIDED]
    entered = ngettext(
        "De %(total)s propuestas ciudadanas, %(num)s entró al plan, completa o en parte.",
        "De %(total)s propuestas ciudadanas, %(num)s entraron al plan, completas o en parte.",
        results.citizen_included,
        total=number(total),
    )
    if undecided:
        rest = ngettext("Falta decidir %(num)s.", "Falta decidir %(num)s.", undecided)
    else:
        rest = gettext("Todas tienen respuesta.")
    return f"{entered} {rest}"


def _remarks(counts: dict[Stage, int], citizens: dict[Stage, int]) -> list[str]:
    """What the first sentence leaves out, so that its figures can be followed."""
    merged = citizens[Stage.ADMITTED] - citizens[Stage.DISTINCT]
    institutional = counts[Stage.RECEIVED] - citizens[Stage.RECEIVED]
    found = []
    if merged:
        found.append(
            ngettext(
                "%(num)s se unió a otra que pide lo mismo: comparte su decisión y no se cuenta dos veces.",
                "%(num)s se unieron a otras que piden lo mismo: comparten su decisión y no se cuentan dos veces.",
                merged,
            )
        )
    if institutional:
        found.append(
            ngettext(
                "Además, %(num)s vino de instituciones y se cuenta aparte.",
                "Además, %(num)s vinieron de instituciones y se cuentan aparte.",
                institutional,
            )
        )
    return found


def _flow(counts: dict[Stage, int], listing: str) -> list[dict[str, Any]]:
    labels = {
        Stage.RECEIVED: gettext("Recibidas"),
        Stage.ADMITTED: gettext("Publicadas"),
        Stage.DISTINCT: gettext("Distintas"),
        Stage.SENT: gettext("Enviadas a una institución"),
        Stage.DECIDED: gettext("Con decisión"),
        Stage.INCLUDED: gettext("Incorporadas, completas o en parte"),
    }
    rows = [
        {"label": text, "value": counts[stage], "href": f"{listing}?paso={stage.value}"}
        for stage, text in labels.items()
    ]
    merged = counts[Stage.ADMITTED] - counts[Stage.DISTINCT]
    if merged:
        rows[1]["lost"] = ngettext("%(num)s se unió a otra", "%(num)s se unieron a otras", merged)
    return rows


def _rows(counted: Counter[Any], members: list[Any], address: str) -> list[dict[str, Any]]:
    whole = sum(counted.values())
    return [
        {
            "label": label(member),
            "value": counted[member],
            "text": f"{number(counted[member])} ({percent(counted[member], whole)})",
            "href": f"{address}{member.value}" if counted[member] else None,
        }
        for member in members
    ]


def rounding_note(counted: Counter[Any]) -> str:
    """What the percentages add up to, when it is not 100.0%: they are rounded one by one and none is bent."""
    whole = sum(counted.values())
    tenths = sum(tenths_of(n, whole) for n in counted.values()) if whole else 1000
    if tenths == 1000:
        return ""
    return gettext("Por el redondeo, los porcentajes suman %(sum)s.", sum=percent(tenths, 1000))


def _topic_rows(results: Results, topics: list[Topic]) -> list[dict[str, Any]]:
    return [
        {"label": topic.name, "values": [results.by_topic[topic.id][outcome] for outcome in Outcome]}
        for topic in topics
        if topic.id in results.by_topic
    ]


def _topic_table(results: Results, topics: list[Topic], listing: str) -> list[list[Any]]:
    """The same counts, each leading to its list."""
    rows: list[list[Any]] = []
    for topic in topics:
        counted = results.by_topic.get(topic.id, Counter())
        address = f"{listing}?tema={topic.code}&desenlace="
        cells: list[Any] = [{"text": topic.name, "href": f"{listing}?tema={topic.code}"}]
        for outcome in Outcome:
            n = counted[outcome]
            cells.append({"text": number(n), "href": f"{address}{outcome.value}"} if n else "0")
        rows.append([*cells, number(sum(counted.values()))])
    return rows


def _institution_row(one: InstitutionTimes, listing: str) -> list[Any]:
    address = f"{listing}?institucion={one.code}"
    return [
        one.name,
        {"text": number(one.asked_count), "href": address},
        number(one.answered_count),
        percent(one.on_time_count, one.answered_count),
        {"text": number(one.late_count), "href": f"{address}&atrasada=1"} if one.late_count else "0",
        number(one.median_days),
        number(one.ninetieth_days),
    ]
