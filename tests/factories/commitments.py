"""Commitments that pass the SMART check, unless a test takes something away."""

from datetime import timedelta
from typing import Any

from sqlalchemy.orm import Session

from consulta.commitments.models import Commitment, CommitmentProposal, CommitmentSource, Indicator, Milestone
from consulta.people.models import Institution
from consulta.plans.models import Plan
from consulta.proposals.models import Proposal
from tests.factories import SCRIPT, number, store
from tests.factories.people import make_institution


def make_commitment(session: Session, plan: Plan, **changes: Any) -> Commitment:
    """A complete institutional commitment in draft; `proposals=` links some and makes it theirs."""
    lead: Institution | None = changes.pop("lead_institution", None)
    proposals: list[Proposal] = changes.pop("proposals", [])
    n, start, end = number(), plan.period_start_on, plan.period_end_on
    middle = start + timedelta(days=180)
    fields: dict[str, Any] = {
        "folio": f"COMP-2018-{n:04d}",
        "plan_id": plan.id,
        "number": n,
        "name": f"Compromiso número {n} {SCRIPT}",
        "start_on": start,
        "end_on": end,
        "source": CommitmentSource.PROPOSALS if proposals else CommitmentSource.INSTITUTIONAL,
        "lead_institution_id": (lead or make_institution(session)).id,
        "problem": f"{SCRIPT} " + "La información existe pero nadie puede encontrarla. " * 3,
        "description": f"{SCRIPT} " + "Publicar la información en un solo lugar y mantenerla al día. " * 3,
        "contribution": f"{SCRIPT} Quien busca un dato lo encuentra y puede usarlo sin pedirlo.",
        "values": ["transparency"],
        "relevance": f"{SCRIPT} Amplía lo que la ciudadanía puede saber de su gobierno.",
        "contact_post": f"Dirección de Planificación {SCRIPT}",
        "contact_email": "contacto@example.org",
        "milestones": [
            Milestone(
                position=position,
                activity=f"Actividad {position} {SCRIPT}",
                deliverable=f"Producto {position} {SCRIPT}",
                verification=f"Informe {position} {SCRIPT}",
                start_on=begins,
                end_on=ends,
            )
            for position, begins, ends in ((1, start, middle), (2, middle, end))
        ],
        "indicators": [Indicator(position=1, name=f"Datos {SCRIPT}", no_baseline=True, target="12", unit="conjuntos")],
        "proposal_links": [CommitmentProposal(proposal_id=proposal.id) for proposal in proposals],
    }
    return store(session, Commitment(**{**fields, **changes}))
