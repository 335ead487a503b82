"""Mails about an account: confirm, recover, accept an invitation, and what changed. The links are made here."""

import sqlalchemy as sa
from sqlalchemy.orm import Session

from consulta import clock
from consulta.labels import label
from consulta.messages.links import Site
from consulta.messages.mail import Mail
from consulta.messages.registry import message
from consulta.messages.wording import _, paragraphs
from consulta.people.models import Account, EmailChange, SignInCode, SignUp
from consulta.people.tokens import Purpose, make_code, make_token

IGNORE = _("Si usted no lo pidió, no tiene que hacer nada: sin el enlace nada cambia.")


@message("account_sign_up")
def answer_sign_up(session: Session, site: Site, sign_up_id: int) -> Mail | None:
    """A link to confirm the address, or, to who has an account already, where to enter."""
    wanted = session.get(SignUp, sign_up_id)
    if wanted is None:
        return None
    account = session.scalars(sa.select(Account).where(Account.email == wanted.email)).one_or_none()
    return _tell_it_exists(site, account) if account else _confirm_address(site, wanted)


def _confirm_address(site: Site, wanted: SignUp) -> Mail:
    token = make_token(site.secret_key, Purpose.CONFIRMATION, wanted)
    body = paragraphs(
        _("Alguien pidió una cuenta en Consulta con este correo."),
        _("Para crearla, abra este enlace y escriba la contraseña que eligió. Sirve durante 7 días."),
        site.address(f"/cuenta/confirmar/{token}"),
        IGNORE,
    )
    return Mail(wanted.email, _("Confirme su correo"), body)


def _tell_it_exists(site: Site, account: Account) -> Mail | None:
    if not account.is_active:
        return None
    body = paragraphs(
        _("Alguien quiso crear una cuenta en Consulta con este correo, pero usted ya tiene una."),
        _("Si fue usted, entre aquí:"),
        site.address("/cuenta/entrar"),
        _("Si olvidó su contraseña, elija otra aquí:"),
        site.address("/cuenta/recuperar"),
        _("Si no fue usted, no tiene que hacer nada: su cuenta sigue igual."),
    )
    return Mail(account.email, _("Usted ya tiene una cuenta"), body)


@message("account_recovery")
def recover_password(session: Session, site: Site, account_id: int) -> Mail | None:
    account = session.get(Account, account_id)
    if account is None or not account.is_active or (account.password_hash is None and account.confirmed_at is None):
        return None  # an invitation is accepted with its own link, or not at all
    token = make_token(site.secret_key, Purpose.RECOVERY, account)
    body = paragraphs(
        _("Alguien pidió otra contraseña para su cuenta de Consulta."),
        _("Para elegirla, abra este enlace. Sirve durante 30 minutos y una sola vez."),
        site.address(f"/cuenta/recuperar/{token}"),
        IGNORE,
    )
    return Mail(account.email, _("Elija otra contraseña"), body)


@message("account_password_changed")
def tell_password_changed(session: Session, site: Site, account_id: int) -> Mail | None:
    account = session.get(Account, account_id)
    if account is None:
        return None
    body = paragraphs(
        _("La contraseña de su cuenta de Consulta cambió. Cerramos sus demás sesiones."),
        _("Si no fue usted, elija otra contraseña cuanto antes:"),
        site.address("/cuenta/recuperar"),
    )
    return Mail(account.email, _("Su contraseña cambió"), body)


@message("account_invitation")
def invite(session: Session, site: Site, account_id: int) -> Mail | None:
    account = session.get(Account, account_id)
    if account is None or account.password_hash is not None or account.confirmed_at or not account.is_active:
        return None
    token = make_token(site.secret_key, Purpose.INVITATION, account)
    roles = ", ".join(
        f"{_(label(held.role))} ({held.institution.name})" if held.institution else _(label(held.role))
        for held in sorted(account.person.memberships, key=lambda held: held.id)
    )
    body = paragraphs(
        _("Le invitamos a trabajar en Consulta, el sitio de la consulta pública de gobierno abierto."),
        _("Su rol: %(roles)s.", roles=roles) if roles else None,
        _("Para elegir su contraseña, abra este enlace. Sirve durante 7 días y una sola vez."),
        site.address(f"/cuenta/invitacion/{token}"),
        _("Si no esperaba este mensaje, no tiene que hacer nada."),
    )
    return Mail(account.email, _("Invitación a Consulta"), body)


@message("account_code")
def send_code(session: Session, site: Site, code_id: int) -> Mail | None:
    asked = session.get(SignInCode, code_id)
    account = session.get(Account, asked.account_id) if asked and asked.account_id else None
    if asked is None or account is None or not account.is_active or account.confirmed_at is None:
        return None
    if asked.expires_at <= clock.now():
        return None  # a code that came too late would only confuse
    code = make_code(site.secret_key, asked)
    body = paragraphs(
        _("Su código para entrar en Consulta es:"),
        code,
        _("Escríbalo en la página donde lo pidió, o abra este enlace en el mismo navegador y presione el botón."),
        site.address(f"/cuenta/codigo/{code}"),
        _("El código sirve durante 10 minutos y una sola vez. No se lo dé a nadie."),
        _("Si usted no lo pidió, no tiene que hacer nada: nadie puede entrar sin el código."),
    )
    return Mail(account.email, _("%(code)s es su código para entrar", code=code), body)


CHANGES = {
    "account.set_up_second_factor": _("Activó el segundo paso para entrar en su cuenta de Consulta."),
    "account.remove_second_factor": _("Quitó el segundo paso para entrar en su cuenta de Consulta."),
    "account.renew_recovery_codes": _("Pidió códigos de recuperación nuevos. Los anteriores ya no sirven."),
    "account.use_recovery_code": _("Alguien entró en su cuenta de Consulta con un código de recuperación."),
    "account.reset_second_factor": _(
        "La administración de Consulta quitó su segundo paso y sus llaves de acceso. Puede activarlos de nuevo."
    ),
    "account.add_passkey": _("Agregó una llave de acceso a su cuenta de Consulta."),
    "account.add_identity": _("Vinculó otra cuenta con la que puede entrar en su cuenta de Consulta."),
    "account.remove_identity": _("Quitó una de las cuentas con las que podía entrar en su cuenta de Consulta."),
    "account.remove_passkey": _("Quitó una llave de acceso de su cuenta de Consulta."),
}


@message("account_protection_changed")
def tell_protection_changed(session: Session, site: Site, account_id: int, act: str) -> Mail | None:
    """What changed in how somebody enters."""
    account = session.get(Account, account_id)
    if account is None:
        return None
    body = paragraphs(
        CHANGES[act],
        _("Si fue usted, no tiene que hacer nada."),
        _("Si no fue usted, elija otra contraseña y revise su cuenta cuanto antes:"),
        site.address("/cuenta/recuperar"),
    )
    return Mail(account.email, _("Cambió la seguridad de su cuenta"), body)


@message("account_data_copied")
def tell_data_copied(session: Session, site: Site, account_id: int) -> Mail | None:
    """Whoever has the account open can take the data away; its owner must know."""
    account = session.get(Account, account_id)
    if account is None:
        return None
    body = paragraphs(
        _("Alguien descargó una copia de los datos de su cuenta de Consulta."),
        _("Si fue usted, no tiene que hacer nada."),
        _("Si no fue usted, cierre las demás sesiones y elija otra contraseña cuanto antes:"),
        site.address("/cuenta/recuperar"),
    )
    return Mail(account.email, _("Se descargó una copia de sus datos"), body)


@message("account_new_address")
def prove_address(session: Session, site: Site, change_id: int) -> Mail | None:
    """A link to the address that an account is to have; to who has an account there already, that it cannot be."""
    wanted = session.get(EmailChange, change_id)
    if wanted is None:
        return None
    if session.scalar(sa.select(Account.id).where(Account.email == wanted.email)) is not None:
        body = paragraphs(
            _("Alguien quiso usar este correo en otra cuenta de Consulta, pero usted ya tiene una con él."),
            _("No tiene que hacer nada: las dos cuentas siguen igual."),
        )
        return Mail(wanted.email, _("Este correo ya tiene una cuenta"), body)
    token = make_token(site.secret_key, Purpose.EMAIL_CHANGE, wanted)
    body = paragraphs(
        _("Alguien quiere usar este correo en su cuenta de Consulta."),
        _("Para aceptarlo, abra este enlace y presione el botón. Sirve durante 24 horas y una sola vez."),
        site.address(f"/cuenta/correo/{token}"),
        IGNORE,
    )
    return Mail(wanted.email, _("Confirme su correo nuevo"), body)


@message("account_address_changed")
def tell_address_changed(session: Session, site: Site, change_id: int) -> Mail | None:
    """To the address that the account had."""
    former = session.get(EmailChange, change_id)
    if former is None:
        return None
    body = paragraphs(
        _("Su cuenta de Consulta ya no usa este correo. Cerramos todas sus sesiones."),
        _("Si fue usted, no tiene que hacer nada."),
        _("Si no fue usted, avise a la administración del sitio cuanto antes:"),
        site.address("/"),
    )
    return Mail(former.email, _("El correo de su cuenta cambió"), body)
