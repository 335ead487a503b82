"""What the log says of a proposal, in words for the team."""

from typing import Any

from consulta.audit.models import AuditEntry
from consulta.proposals.models import ProposalState
from consulta.web.filters import label
from consulta.web.i18n import gettext
from consulta.web.i18n import lazy_gettext as _l

ACTS: dict[str, Any] = {
    "proposal.receive": _l("Se recibió con su folio."),
    "proposal.systematized": _l("Recibió su tema y su resumen."),
    "proposal.correct": _l("Cambió el tema o el resumen."),
    "proposal.change_topic": _l("Cambió de tema."),
    "proposal.merged": _l("Se unió a otra."),
    "proposal.receive_merge": _l("Otras se unieron a esta."),
    "proposal.lose_merge": _l("Otra dejó de estar unida a esta."),
    "proposal.unmerge": _l("Se separó de su principal."),
    "proposal.split": _l("Nació al dividir un aporte."),
    "proposal.take": _l("Nació de una respuesta."),
    "proposal.voided": _l("Se anuló."),
}


def act_sentence(entry: AuditEntry) -> str:
    """One sentence on an entry, with the proposals or the wording that it names."""
    detail = entry.detail or {}
    known = ACTS.get(entry.act)
    if known is None and entry.to_state in {state.value for state in ProposalState}:
        return gettext("Pasó a este estado: %(state)s.", state=label(ProposalState(entry.to_state)))
    sentence = str(known or _l("Se anotó un cambio."))
    names = detail.get("main") or detail.get("unmerged") or ", ".join(detail.get("merged", ()))
    wording = detail.get("summary")
    if isinstance(wording, list):
        wording = gettext("Antes: %(before)s. Ahora: %(after)s", before=wording[0] or "—", after=wording[1])
    return " ".join(part for part in (sentence, names, wording) if part)
