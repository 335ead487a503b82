"""What the log's acts about people are called."""

from flask_babel import lazy_gettext as _l

ACTS = {
    "person.invite": _l("Invitada"),
    "account.invite": _l("Invitación enviada"),
    "account.invite_again": _l("Invitación enviada otra vez"),
    "account.accept_invitation": _l("Aceptó la invitación"),
    "account.register": _l("Creó su cuenta"),
    "person.register": _l("Se registró"),
    "membership.give": _l("Recibió un rol"),
    "account.confirm": _l("Confirmó su correo"),
    "account.recover": _l("Eligió otra contraseña por correo"),
    "account.change_password": _l("Cambió su contraseña"),
    "account.close_session": _l("Cerró una sesión"),
    "account.disable": _l("Cuenta desactivada"),
    "account.enable": _l("Cuenta activada de nuevo"),
    "person.give_role": _l("Rol nuevo"),
    "person.take_role": _l("Rol retirado"),
}
