"""What people are told who asked to be erased: that it was asked, how to call it off, and that it is done."""

from sqlalchemy.orm import Session

from consulta import clock
from consulta.messages.links import Site
from consulta.messages.mail import Mail
from consulta.messages.registry import message
from consulta.messages.wording import _, long_date, paragraphs
from consulta.privacy.models import Erasure
from consulta.privacy.queries import address_of, has_account
from consulta.privacy.tokens import make_link


@message("erasure_confirm")
def prove_erasure(session: Session, site: Site, erasure_id: int) -> Mail | None:
    """To who sent texts without an account: a link to the page that asks."""
    erasure, address = _find(session, erasure_id)
    if erasure is None or address is None or erasure.due_at is not None:
        return None
    body = paragraphs(
        _("Alguien pidió borrar los datos de este correo en Consulta. Todavía no borramos nada."),
        _("Para ver qué se borra y decidirlo, abra este enlace. Sirve durante 7 días."),
        site.address(f"/seguimiento/borrar/{make_link(site.secret_key, erasure)}"),
        _("Si no fue usted, no tiene que hacer nada: sin su confirmación no se borra nada."),
    )
    return Mail(address, _("Confirme si quiere borrar sus datos"), body)


@message("erasure_asked")
def tell_asked(session: Session, site: Site, erasure_id: int) -> Mail | None:
    """The day that is left to call it off."""
    erasure, address = _find(session, erasure_id)
    if erasure is None or address is None or erasure.due_at is None or erasure.done_at is not None:
        return None
    due = erasure.due_at.astimezone(clock.LOCAL_ZONE)
    moment = _("el %(day)s a las %(time)s", day=long_date(due.date()), time=due.strftime("%H:%M"))
    body = paragraphs(
        _("Usted pidió borrar sus datos de Consulta. Los borraremos %(moment)s.", moment=moment),
        _("Hasta entonces puede cambiar de idea. Después no se puede deshacer."),
        _("Si quiere conservarlos, o si usted no lo pidió, abra este enlace y presione el botón:"),
        _keep_page(session, site, erasure),
    )
    return Mail(address, _("Borraremos sus datos en 24 horas"), body)


@message("erasure_done")
def tell_done(session: Session, site: Site, erasure_id: int) -> Mail | None:
    """To the address that was theirs; it is forgotten once this mail is out."""
    erasure = session.get(Erasure, erasure_id)
    if erasure is None or erasure.farewell_to is None:
        return None
    body = paragraphs(
        _("Borramos sus datos de Consulta, como usted lo pidió."),
        _("Este es el último correo: después borramos también su dirección."),
        _("Lo que usted publicó aparece ahora como «Aportante retirado» y las cifras no cambian."),
        _("Qué guardamos y por qué:"),
        site.address("/privacidad"),
    )
    return Mail(erasure.farewell_to, _("Borramos sus datos"), body)


def _find(session: Session, erasure_id: int) -> tuple[Erasure | None, str | None]:
    erasure = session.get(Erasure, erasure_id)
    return erasure, address_of(session, erasure.person_id) if erasure is not None else None


def _keep_page(session: Session, site: Site, erasure: Erasure) -> str:
    """Where it is called off: in the own account or, without one, behind the link of this mail."""
    if has_account(session, erasure.person_id):
        return site.address("/cuenta/datos/borrar")
    return site.address(f"/seguimiento/borrar/{make_link(site.secret_key, erasure)}")
