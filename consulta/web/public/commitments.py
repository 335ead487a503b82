"""Commitments and their SMART matrices, public together with the results."""

from typing import Any

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from consulta import clock
from consulta.cache_versions import plan_scope
from consulta.commitments.models import Commitment, Grade, OpenGovernmentValue, Precision
from consulta.commitments.public import answered_proposals, find_public_commitment, public_commitments
from consulta.commitments.rules import Letter, smart_check
from consulta.plans.queries import find_public_plan
from consulta.proposals.public import title_of
from consulta.web.context import db
from consulta.web.filters import label, long_date, month
from consulta.web.i18n import gettext, ngettext
from consulta.web.i18n import lazy_gettext as _l
from consulta.web.pages import public_page

blueprint = Blueprint("commitments", __name__)

LETTERS = {
    "S": _l("Específico"),
    "M": _l("Medible"),
    "A": _l("Asignable, con responsable"),
    "R": _l("Relevante"),
    "T": _l("Con plazo"),
}
GRADES = {Grade.COMPLETE: _l("Completo"), Grade.PARTIAL: _l("Incompleto"), Grade.EMPTY: _l("Vacío")}
MISSING = {
    "name": _l("Falta un nombre de al menos 10 caracteres."),
    "problem": _l("Falta explicar la problemática con al menos 80 caracteres."),
    "description": _l("Falta describir el compromiso con al menos 80 caracteres."),
    "distinct_texts": _l("La problemática y la descripción no pueden ser iguales."),
    "deliverable": _l("Falta un hito con su producto."),
    "two_milestones": _l("Faltan al menos dos hitos."),
    "verification": _l("Falta el medio de verificación de cada hito."),
    "indicator": _l("Falta un indicador con línea base, meta y unidad."),
    "lead": _l("Falta la institución responsable."),
    "post": _l("Falta el cargo de quien responde."),
    "email": _l("Falta el correo de quien responde."),
    "values": _l("Falta un valor de gobierno abierto."),
    "relevance": _l("Falta explicar su relevancia con al menos 40 caracteres."),
    "contribution": _l("Falta explicar su contribución con al menos 40 caracteres."),
    "origin": _l("Falta decir qué propuestas responde."),
    "dates": _l("Faltan las fechas de inicio y término."),
    "inside_plan": _l("Las fechas deben caer dentro del período del plan."),
    "milestones_inside": _l("Los hitos deben caer dentro del compromiso."),
}


@blueprint.get("/planes/<plan_code>/compromisos")
@public_page(lambda plan_code: (plan_scope(plan_code),))
def index(plan_code: str) -> ResponseReturnValue:
    plan = find_public_plan(db(), plan_code, clock.today())
    commitments = public_commitments(db(), plan)
    complete = {one.id: sum(letter.grade is Grade.COMPLETE for letter in smart_check(one, plan)) for one in commitments}
    return render_template(
        "public/commitments/index.html", plan=plan, commitments=commitments, complete=complete, term=_term
    )


@blueprint.get("/planes/<plan_code>/compromisos/<int:number>")
@public_page(lambda plan_code, number: (plan_scope(plan_code),))
def show(plan_code: str, number: int) -> ResponseReturnValue:
    plan = find_public_plan(db(), plan_code, clock.today())
    commitment = find_public_commitment(db(), plan, number)
    return render_template(
        "public/commitments/show.html",
        plan=plan,
        commitment=commitment,
        boxes=[_box(letter, commitment) for letter in smart_check(commitment, plan)],
        milestones=_milestones(commitment),
        answered=answered_proposals(db(), commitment),
        title_of=title_of,
        term=_term,
    )


def _box(letter: Letter, commitment: Commitment) -> dict[str, Any]:
    """One letter as the page shows it: what is there, and what is missing."""
    return {
        "letter": letter.letter,
        "name": str(LETTERS[letter.letter]),
        "grade": letter.grade,
        "grade_label": str(GRADES[letter.grade]),
        "facts": [(name, value) for name, value in _facts(letter.letter, commitment) if value],
        "missing": [str(MISSING[code]) for code in letter.missing],
    }


def _facts(letter: str, c: Commitment) -> list[tuple[str, str]]:
    match letter:
        case "S":
            return [(gettext("Problemática"), c.problem), (gettext("Compromiso"), c.description)]
        case "M":
            milestones = ngettext("%(num)s hito con su producto", "%(num)s hitos con su producto", len(c.milestones))
            indicators = "; ".join(f"{one.name}: {one.target} {one.unit}".strip() for one in c.indicators)
            return [(gettext("Hitos"), milestones), (gettext("Indicadores"), indicators)]
        case "A":
            actors = ", ".join(actor.institution.name for actor in c.actors)
            return [
                (gettext("Institución responsable"), c.lead_institution.name),
                (gettext("Cargo"), c.contact_post),
                (gettext("Unidad"), c.contact_unit),
                (gettext("Correo"), c.contact_email),
                (gettext("Teléfono"), c.contact_phone),
                (gettext("Otros actores"), actors),
            ]
        case "R":
            values = ", ".join(label(value) for value in OpenGovernmentValue if value.value in c.values)
            return [
                (gettext("Valores"), values),
                (gettext("Por qué es relevante"), c.relevance),
                (gettext("Cómo contribuye"), c.contribution),
            ]
        case _:
            return [(gettext("Inicio"), _date(c, "start")), (gettext("Término"), _date(c, "end"))]


def _date(commitment: Commitment, which: str) -> str:
    day, precision = getattr(commitment, f"{which}_on"), getattr(commitment, f"{which}_precision")
    return month(day) if precision is Precision.MONTH else long_date(day)


def _term(commitment: Commitment) -> str:
    """«1 de julio de 2018 a agosto de 2020»"""
    dates = [_date(commitment, which) for which in ("start", "end")]
    return gettext("%(start)s a %(end)s", start=dates[0], end=dates[1]) if all(dates) else gettext("Sin fechas")


def _milestones(commitment: Commitment) -> list[dict[str, Any]]:
    """The time line. Progress is not reported yet, so a milestone is only ahead or in its time."""
    today, rows = clock.today(), []
    for one in commitment.milestones:
        notes = [gettext("Producto: %(text)s", text=one.deliverable)] if one.deliverable else []
        notes += [gettext("Se verifica con: %(text)s", text=one.verification)] if one.verification else []
        notes += [gettext("Responde: %(text)s", text=one.responsible)] if one.responsible else []
        dated = one.start_on is not None and one.end_on is not None
        when = gettext("%(start)s a %(end)s", start=long_date(one.start_on), end=long_date(one.end_on))
        begun = one.start_on is not None and one.start_on <= today
        rows.append(
            {
                "when": when if dated else gettext("Sin fechas"),
                "what": one.activity,
                "state": "present" if begun and one.end_on is not None and today <= one.end_on else "future",
                "note": " · ".join(notes),
            }
        )
    return rows
