"""What the log's acts about people are called."""

from consulta.web.i18n import lazy_gettext as _l

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
    "account.set_up_second_factor": _l("Activó el segundo paso"),
    "account.remove_second_factor": _l("Quitó el segundo paso"),
    "account.reset_second_factor": _l("Segundo paso y llaves de acceso retirados"),
    "account.renew_recovery_codes": _l("Pidió códigos de recuperación nuevos"),
    "account.use_recovery_code": _l("Entró con un código de recuperación"),
    "account.add_passkey": _l("Agregó una llave de acceso"),
    "account.rename_passkey": _l("Cambió el nombre de una llave de acceso"),
    "account.remove_passkey": _l("Quitó una llave de acceso"),
    "account.ask_for_address": _l("Pidió cambiar su correo"),
    "account.change_address": _l("Cambió su correo"),
    "account.close_session": _l("Cerró una sesión"),
    "account.disable": _l("Cuenta desactivada"),
    "account.enable": _l("Cuenta activada de nuevo"),
    "person.give_role": _l("Rol nuevo"),
    "person.take_role": _l("Rol retirado"),
}
