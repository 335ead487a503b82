"""The mail to who sent a text without an account: a link to a page that shows it and has a button."""

from sqlalchemy.orm import Session

from consulta.guests.models import GuestSubmission
from consulta.guests.tokens import make_link
from consulta.messages.links import Site
from consulta.messages.mail import Mail
from consulta.messages.registry import message
from consulta.messages.wording import _, paragraphs


@message("guest_confirm")
def confirm_submission(session: Session, site: Site, *, submission_id: int) -> Mail | None:
    """Nothing of what was typed is in it: whoever types an address of somebody else cannot write to them through us."""
    waiting = session.get(GuestSubmission, submission_id)
    if waiting is None or waiting.contribution_id is not None:
        return None
    is_reply = waiting.parent_id is not None
    what = _("una respuesta") if is_reply else _("una propuesta")
    body = paragraphs(
        _("Alguien escribió %(what)s en Consulta con este correo. Todavía no se envía.", what=what),
        _("Para leerla y enviarla, abra este enlace y presione el botón. Sirve durante 7 días."),
        site.address(f"/participar/sin-cuenta/{make_link(site.secret_key, waiting)}"),
        _("Si no fue usted, no tiene que hacer nada: sin su confirmación el texto se borra y nadie lo lee."),
    )
    return Mail(waiting.email, _("Confirme y envíe lo que escribió"), body)
