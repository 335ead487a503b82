"""The commitments of the demonstration: those of the real plan, with the missing fields invented and marked."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from consulta import clock
from consulta.commitments.drafts import CommitmentDraft, IndicatorDraft, MilestoneDraft
from consulta.commitments.models import Commitment, CommitmentSource, Origin, Precision
from consulta.commitments.services import (
    create_commitment,
    link_proposals,
    observe_commitment,
    send_to_institution,
    validate_commitment,
)
from consulta.demo.lives import Stage

FIELDS = {
    "name": "nombre",
    "start": "inicio",
    "end": "término",
    "origin": "origen",
    "lead_institution": "institución responsable",
    "lead": "institución responsable",
    "problem": "problemática",
    "description": "descripción",
    "contribution": "contribución",
    "values": "valores",
    "relevance": "relevancia",
    "additional": "información adicional",
    "budget_usd": "presupuesto",
    "milestones": "hitos",
    "indicators": "indicadores",
    "contact_post": "cargo de contacto",
    "contact_unit": "unidad",
    "unit": "unidad",
    "contact_email": "correo",
    "email": "correo",
    "contact_phone": "teléfono",
    "phone": "teléfono",
    "state_actors": "actores del Estado",
    "other_actors": "otros actores",
}


def load_commitments(
    stage: Stage, rows: Sequence[Mapping[str, Any]], links: Mapping[int, Sequence[int]], when: datetime
) -> None:
    """Create each commitment, link what it answers, and take it as far as its `state` says (validated by default)."""
    for row in rows:
        state = row.get("state", "validated")
        with clock.set_to(when):
            commitment = create_commitment(
                stage.session,
                actor=stage.actor,
                plan_id=stage.plan_id,
                draft=draft_of(stage, row),
                form_key="",
                external_ref=stage.reference(f"commitment-{row['number']}"),
                provenance_note=_note(row),
            )
            if links.get(row["number"]):
                _link(stage, commitment, links[row["number"]])
            if state != "draft":
                send_to_institution(stage.session, actor=stage.actor, commitment_id=commitment.id, version=None)
            if state == "observed":
                observe_commitment(
                    stage.session,
                    actor=stage.actor,
                    commitment_id=commitment.id,
                    version=None,
                    observation=row["observation"],
                )
            if state == "validated":
                validate_commitment(stage.session, actor=stage.actor, commitment_id=commitment.id, version=None)


def _link(stage: Stage, commitment: Commitment, proposal_ids: Sequence[int]) -> None:
    link_proposals(
        stage.session, actor=stage.actor, commitment_id=commitment.id, version=None, proposal_ids=proposal_ids
    )


def _note(row: Mapping[str, Any]) -> str:
    invented = ", ".join(dict.fromkeys(FIELDS[name] for name in row.get("invented", ()) if name in FIELDS))
    if not invented:
        return "Compromiso de demostración."
    return f"Datos de demostración, que la fuente no da: {invented}."


def draft_of(stage: Stage, row: Mapping[str, Any]) -> CommitmentDraft:
    """A row of the data file as the form would send it."""
    actors = [*row.get("state_actors", ()), *row.get("other_actors", ())]
    return CommitmentDraft(
        name=row["name"],
        lead_institution_id=stage.institutions[row.get("lead_institution") or row["lead"]],
        start_on=_day(row.get("start")),
        start_precision=_precision(row.get("start")),
        end_on=_day(row.get("end"), last=True),
        end_precision=_precision(row.get("end")),
        origin=Origin(row.get("origin") or "new"),
        previous_commitment=row.get("previous_commitment") or "",
        source=CommitmentSource(row.get("source", "institutional")),
        problem=row.get("problem") or "",
        description=row.get("description") or "",
        contribution=row.get("contribution") or "",
        values=tuple(row.get("values", ())),
        relevance=row.get("relevance") or "",
        additional=row.get("additional") or "",
        contact_post=row.get("contact_post") or "",
        contact_unit=row.get("contact_unit") or row.get("unit") or "",
        contact_email=row.get("contact_email") or row.get("email") or "",
        contact_phone=row.get("contact_phone") or row.get("phone") or "",
        milestones=tuple(
            MilestoneDraft(
                activity=m["activity"],
                deliverable=m.get("deliverable") or "",
                verification=m.get("verification") or "",
                start_on=_day(m.get("start")),
                end_on=_day(m.get("end"), last=True),
                responsible=m.get("responsible") or "",
            )
            for m in row.get("milestones", ())
        ),
        indicators=tuple(
            IndicatorDraft(
                name=i["name"],
                baseline=i.get("baseline") or "",
                no_baseline=not i.get("baseline"),
                target=str(i.get("target") or ""),
                unit=i.get("unit") or "",
            )
            for i in row.get("indicators", ())
        ),
        actor_ids=tuple(stage.institutions[code] for code in actors if code in stage.institutions),
    )


def _precision(text: str | None) -> Precision:
    return Precision.MONTH if text and len(text) == len("2018-09") else Precision.DAY


def _day(text: str | None, *, last: bool = False) -> date | None:
    """A day, or the first or last day of a month («2018-09»)."""
    if not text:
        return None
    if len(text) > len("2018-09"):
        return date.fromisoformat(text)
    year, month = int(text[:4]), int(text[5:7])
    if not last:
        return date(year, month, 1)
    following = date(year + month // 12, month % 12 + 1, 1)
    return date.fromordinal(following.toordinal() - 1)
