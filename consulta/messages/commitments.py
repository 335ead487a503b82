"""What liaisons and coordinators are told about the commitments they write together."""

from sqlalchemy.orm import Session

from consulta.commitments.models import Commitment, CommitmentState
from consulta.messages.links import Site
from consulta.messages.mail import Mail
from consulta.messages.readers import address_of, holders_of, liaisons_of
from consulta.messages.registry import message
from consulta.messages.wording import _, letter, quoted
from consulta.people.models import Person, Role


def _liaisons(session: Session, *, commitment_id: int) -> list[dict[str, int]]:
    return liaisons_of(session, session.get_one(Commitment, commitment_id).lead_institution_id)


def _coordinators(session: Session, *, commitment_id: int) -> list[dict[str, int]]:
    return holders_of(session, Role.COORDINATOR)


@message("commitment_review", each=_liaisons)
def commitment_review(
    session: Session, site: Site, *, commitment_id: int, person_id: int | None = None, institution_id: int | None = None
) -> Mail | None:
    commitment = _find(session, commitment_id, CommitmentState.INSTITUTION_REVIEW)
    reader = (
        session.get(Person, person_id) if person_id is not None else address_of(session, institution_id=institution_id)
    )
    if commitment is None or reader is None:
        return None
    return letter(
        reader,
        _("Compromiso %(folio)s: falta su revisión", folio=commitment.folio),
        _("El punto de contacto escribió el compromiso «%(name)s».", name=commitment.name),
        _("Su institución es la responsable. Puede validarlo o pedir cambios."),
        _("Revíselo aquí:") + "\n" + site.institution_tray(),
    )


@message("commitment_observed", each=_coordinators)
def commitment_observed(session: Session, site: Site, *, commitment_id: int, person_id: int) -> Mail | None:
    commitment = _find(session, commitment_id, CommitmentState.OBSERVED)
    if commitment is None:
        return None
    return letter(
        session.get_one(Person, person_id),
        _("Compromiso %(folio)s: la institución pide cambios", folio=commitment.folio),
        _("%(name)s pide estos cambios:", name=commitment.lead_institution.name),
        quoted(commitment.observation or ""),
        _("Corríjalo aquí:") + "\n" + site.coordination_tray(),
    )


@message("commitment_validated", each=_coordinators)
def commitment_validated(session: Session, site: Site, *, commitment_id: int, person_id: int) -> Mail | None:
    commitment = _find(session, commitment_id, CommitmentState.VALIDATED)
    if commitment is None:
        return None
    return letter(
        session.get_one(Person, person_id),
        _("Compromiso %(folio)s: la institución lo validó", folio=commitment.folio),
        _("%(name)s aceptó el compromiso tal como está.", name=commitment.lead_institution.name),
        _("Véalo aquí:") + "\n" + site.coordination_tray(),
    )


def _find(session: Session, commitment_id: int, state: CommitmentState) -> Commitment | None:
    """A commitment, if it is still in the state that the message tells of."""
    commitment = session.get_one(Commitment, commitment_id)
    return commitment if commitment.state is state else None
