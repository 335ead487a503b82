"""The SMART check in words: the name of each letter, what it has and what it still lacks."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from consulta.commitments.models import Commitment, Grade, OpenGovernmentValue
from consulta.commitments.rules import LONG_TEXT_MIN, MILESTONES_MIN, SHORT_TEXT_MIN, Letter, smart_check
from consulta.labels import label
from consulta.plans.models import Plan
from consulta.text import excerpt
from consulta.web.filters import long_date, month
from consulta.web.i18n import gettext, ngettext
from consulta.web.i18n import lazy_gettext as _l

NAMES: dict[str, Any] = {
    "S": _l("Específico"),
    "M": _l("Medible"),
    "A": _l("Asignable"),
    "R": _l("Relevante"),
    "T": _l("Con plazo"),
}
# letter, code of the condition: what to do so that it holds.
MISSING: dict[tuple[str, str], Any] = {
    ("S", "name"): _l("Escriba un nombre de al menos 10 caracteres."),
    ("S", "problem"): _l("Describa la problemática con al menos %(long)s caracteres."),
    ("S", "description"): _l("Describa el compromiso con al menos %(long)s caracteres."),
    ("S", "distinct_texts"): _l("La problemática y el compromiso deben ser textos distintos."),
    ("S", "deliverable"): _l("Agregue un hito con su producto entregable."),
    ("M", "two_milestones"): _l("Agregue al menos %(milestones)s hitos."),
    ("M", "verification"): _l("Dé a cada hito un producto y un medio de verificación."),
    ("M", "indicator"): _l("Agregue un indicador con línea base, meta y unidad."),
    ("A", "lead"): _l("Elija la institución responsable."),
    ("A", "post"): _l("Escriba el cargo de contacto."),
    ("A", "email"): _l("Escriba el correo de contacto."),
    ("R", "values"): _l("Elija transparencia, participación o rendición de cuentas."),
    ("R", "relevance"): _l("Explique su relevancia con al menos %(short)s caracteres."),
    ("R", "contribution"): _l("Explique cómo contribuye con al menos %(short)s caracteres."),
    ("R", "origin"): _l("Vincule al menos una propuesta o marque que es institucional."),
    ("T", "dates"): _l("Ponga fecha de inicio y de término, en ese orden."),
    ("T", "inside_plan"): _l("Las fechas deben quedar dentro del periodo del plan: %(start)s a %(end)s."),
    ("T", "milestones_inside"): _l("Cada hito debe tener fechas dentro de las del compromiso."),
}


@dataclass(frozen=True)
class Box:
    """A letter as the pages show it."""

    letter: str
    name: str
    grade: Grade
    facts: tuple[tuple[str, str], ...]
    missing: tuple[str, ...]


def smart_boxes(commitment: Commitment, plan: Plan, *, with_facts: bool = True) -> list[Box]:
    """The five letters of a commitment in words; needs its rows, links and lead institution."""
    facts = _facts(commitment) if with_facts else {}
    return [
        Box(
            letter.letter,
            str(NAMES[letter.letter]),
            letter.grade,
            tuple((str(name), value) for name, value in facts.get(letter.letter, ()) if value),
            tuple(missing_sentence(letter.letter, code, plan) for code in letter.missing),
        )
        for letter in smart_check(commitment, plan)
    ]


def missing_sentence(letter: str, code: str, plan: Plan) -> str:
    """What to do so that a condition of a letter holds."""
    facts = {
        "long": LONG_TEXT_MIN,
        "short": SHORT_TEXT_MIN,
        "milestones": MILESTONES_MIN,
        "start": long_date(plan.period_start_on),
        "end": long_date(plan.period_end_on),
    }
    return str(MISSING[letter, code]) % facts


def verdict(boxes: Sequence[Box | Letter]) -> str:
    """One sentence on the whole check."""
    complete = sum(box.grade is Grade.COMPLETE for box in boxes)
    if complete == len(boxes):
        return gettext("Cumple las cinco letras.")
    return ngettext("Cumple %(num)s letra de cinco.", "Cumple %(num)s letras de cinco.", complete)


def term(commitment: Commitment) -> str:
    """From when to when, to the day or to the month as it was said; empty while a date is missing."""
    if commitment.start_on is None or commitment.end_on is None:
        return ""
    start = (month if commitment.start_precision.value == "month" else long_date)(commitment.start_on)
    end = (month if commitment.end_precision.value == "month" else long_date)(commitment.end_on)
    return (
        gettext("Del %(start)s al %(end)s", start=start, end=end)
        if start[0].isdigit() and end[0].isdigit()
        else (gettext("De %(start)s a %(end)s", start=start, end=end))
    )


def _facts(commitment: Commitment) -> dict[str, list[tuple[Any, str]]]:
    """What there is, in a line or two for each letter."""
    milestones, indicators, links = len(commitment.milestones), commitment.indicators, len(commitment.proposal_links)
    values = [label(value) for value in OpenGovernmentValue if value.value in commitment.values]
    source = (
        ngettext("Responde a %(num)s propuesta", "Responde a %(num)s propuestas", links)
        if links
        else label(commitment.source)
    )
    lead = commitment.lead_institution
    return {
        "S": [(_l("Qué se hará"), excerpt(commitment.description, 240))],
        "M": [
            (_l("Hitos"), str(milestones) if milestones else ""),
            (_l("Indicadores"), "; ".join(indicator.name for indicator in indicators)),
        ],
        "A": [
            (_l("Responde"), lead.name if lead is not None else ""),
            (_l("Contacto"), ", ".join(part for part in (commitment.contact_post, commitment.contact_unit) if part)),
        ],
        "R": [(_l("Valores"), ", ".join(values)), (_l("Procedencia"), source)],
        "T": [(_l("Plazo"), term(commitment))],
    }
