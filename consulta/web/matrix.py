"""Everything a commitment says, in words and in the order of its form, for whoever reads it to judge it."""

from dataclasses import dataclass

from consulta.commitments.models import Commitment, OpenGovernmentValue
from consulta.web.filters import dollars, label, short_date
from consulta.web.i18n import gettext as _
from consulta.web.smart import term


@dataclass(frozen=True)
class Matrix:
    """`rows` are short facts (label, value), `texts` the long answers, and two tables as rows of cells."""

    rows: list[dict[str, str]]
    texts: list[tuple[str, str]]
    milestones: list[list[str]]
    indicators: list[list[str]]


def matrix_of(commitment: Commitment) -> Matrix:
    """Needs the rows, the actors and the lead institution of the commitment."""
    contact = (
        commitment.contact_post,
        commitment.contact_unit,
        commitment.contact_email,
        commitment.contact_phone,
    )
    values = [label(value) for value in OpenGovernmentValue if value.value in commitment.values]
    rows = {
        _("Institución responsable"): commitment.lead_institution.name,
        _("Contacto"): " · ".join(part for part in contact if part),
        _("Plazo"): term(commitment),
        _("Tipo"): " · ".join(part for part in (label(commitment.origin), commitment.previous_commitment) if part),
        _("Procedencia"): label(commitment.source),
        _("Valores"): ", ".join(values),
        _("Presupuesto"): dollars(commitment.budget_usd),
        _("Otros actores"): ", ".join(sorted(link.institution.name for link in commitment.actors)),
    }
    return Matrix(
        [{"label": name, "value": value or _("Sin dato")} for name, value in rows.items()],
        [
            (_("¿Cuál es la problemática que el compromiso aborda?"), commitment.problem),
            (_("¿Cuál es el compromiso?"), commitment.description),
            (_("¿Cómo contribuirá a resolver la problemática?"), commitment.contribution),
            (_("¿Por qué es relevante frente a esos valores?"), commitment.relevance),
            (_("Información adicional"), commitment.additional),
        ],
        [
            [one.activity, one.deliverable, one.verification, short_date(one.start_on), short_date(one.end_on)]
            + [one.responsible]
            for one in commitment.milestones
        ],
        [
            [one.name, _("No hay") if one.no_baseline else one.baseline or "", one.target, one.unit]
            for one in commitment.indicators
        ],
    )
