"""The mail that proves an address to who came from an identity provider."""

import sqlalchemy as sa
from sqlalchemy.orm import Session

from consulta import clock
from consulta.messages.links import Site
from consulta.messages.mail import Mail
from consulta.messages.registry import message
from consulta.messages.wording import _, paragraphs
from consulta.people.models import Account, IdentityClaim
from consulta.people.tokens import make_code


@message("identity_code")
def send_identity_code(session: Session, site: Site, claim_id: int) -> Mail | None:
    """A code; what it does, which depends on who has an account, only the reader of the address learns."""
    claim = session.get(IdentityClaim, claim_id)
    if claim is None or claim.expires_at <= clock.now():
        return None
    account = session.scalars(sa.select(Account).where(Account.email == claim.email)).one_or_none()
    if account is not None and not account.is_active:
        return None
    if account is not None and account.confirmed_at is None:
        return _accept_first(claim)
    code = make_code(site.secret_key, claim)
    body = paragraphs(
        _("Alguien quiere entrar en Consulta con una cuenta de %(provider)s.", provider=claim.provider),
        _("Al escribir el código, esa cuenta también abrirá la cuenta que usted ya tiene con este correo.")
        if account
        else _("Al escribir el código, creamos una cuenta de Consulta con este correo."),
        _("Si fue usted, escriba este código en la página que lo pidió:"),
        code,
        _("Sirve durante 10 minutos y una sola vez. No se lo dé a nadie."),
        _("Si no fue usted, no tiene que hacer nada: sin el código nada cambia."),
    )
    return Mail(claim.email, _("%(code)s es su código para confirmar su correo", code=code), body)


def _accept_first(claim: IdentityClaim) -> Mail:
    body = paragraphs(
        _("Alguien quiere entrar en Consulta con una cuenta de %(provider)s.", provider=claim.provider),
        _("Usted tiene una invitación que todavía no acepta. Acéptela primero, con el enlace que le enviamos."),
        _("Si no fue usted, no tiene que hacer nada."),
    )
    return Mail(claim.email, _("Acepte primero su invitación"), body)
