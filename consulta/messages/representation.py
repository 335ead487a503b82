"""What people are told about the organisation that they asked to represent."""

from sqlalchemy.orm import Session

from consulta.messages.links import Site
from consulta.messages.mail import Mail
from consulta.messages.registry import message
from consulta.messages.wording import _, letter, quoted
from consulta.representation.models import Representation, RepresentationState

PAGE = "/cuenta/organizacion"


@message("representation_confirmed")
def representation_confirmed(session: Session, site: Site, *, representation_id: int) -> Mail | None:
    held = _find(session, representation_id, RepresentationState.CONFIRMED)
    if held is None:
        return None
    return letter(
        held.person,
        _("Ya puede escribir en nombre de %(organization)s", organization=held.organization_name),
        _("Confirmamos que usted representa a %(organization)s.", organization=held.organization_name),
        _("Antes de enviar cada texto elige si lo escribe en su nombre o en nombre de la organización."),
        _("Puede dejar de representarla cuando quiera aquí:") + "\n" + site.address(PAGE),
    )


@message("representation_declined")
def representation_declined(session: Session, site: Site, *, representation_id: int) -> Mail | None:
    asked = _find(session, representation_id, RepresentationState.DECLINED)
    if asked is None:
        return None
    return letter(
        asked.person,
        _("No confirmamos que represente a %(organization)s", organization=asked.organization_name),
        _("El equipo leyó su solicitud y no la confirmó. Este es el motivo:"),
        quoted(asked.reason or ""),
        _("Puede seguir participando en su nombre. Si tiene más con que comprobarlo, pídalo de nuevo aquí:")
        + "\n"
        + site.address(PAGE),
    )


@message("representation_revoked")
def representation_revoked(session: Session, site: Site, *, representation_id: int) -> Mail | None:
    held = _find(session, representation_id, RepresentationState.REVOKED)
    if held is None:
        return None
    return letter(
        held.person,
        _("Ya no representa a %(organization)s", organization=held.organization_name),
        _("El equipo retiró su representación. Este es el motivo:"),
        quoted(held.reason or ""),
        _("Lo que ya escribió en nombre de la organización queda como está. Puede seguir participando en su nombre."),
        _("Si es un error, pídalo de nuevo aquí:") + "\n" + site.address(PAGE),
    )


def _find(session: Session, representation_id: int, state: RepresentationState) -> Representation | None:
    """The request while it is still where the mail says."""
    found = session.get(Representation, representation_id)
    return found if found is not None and found.state is state else None
