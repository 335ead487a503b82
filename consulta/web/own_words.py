"""Words for who wrote something: who has it now, and what happened to it."""

from typing import Any

from consulta.proposals.standing import Holder
from consulta.web.i18n import lazy_gettext as _l

HOLDERS: dict[Holder, Any] = {
    Holder.MODERATION: _l("el equipo de moderación"),
    Holder.AUTHOR: _l("usted"),
    Holder.COORDINATOR: _l("el punto de contacto"),
}
STEPS: dict[str, Any] = {
    "contribution.submit": _l("Usted lo envió"),
    "contribution.reply": _l("Usted envió la respuesta"),
    "contribution.register": _l("El equipo lo registró"),
    "contribution.publish": _l("El equipo lo publicó"),
    "contribution.observe": _l("El equipo le pidió completarlo"),
    "contribution.complete": _l("Usted lo completó"),
    "contribution.reject": _l("El equipo no lo admitió"),
    "contribution.expire": _l("Venció el plazo para completarlo"),
    "contribution.appeal": _l("Usted pidió otra revisión"),
    "contribution.hide": _l("Se ocultó"),
    "contribution.unhide": _l("El equipo lo mostró de nuevo"),
    "contribution.redact": _l("El equipo quitó datos personales"),
    "contribution.withdraw": _l("Se retiró"),
    "contribution.edit": _l("Usted cambió el texto"),
    "contribution.edit_wait": _l("Usted envió un texto nuevo, que espera revisión"),
    "contribution.edit_accept": _l("El equipo publicó el texto nuevo"),
    "contribution.edit_reject": _l("El equipo no publicó el texto nuevo"),
    "contribution.edit_discard": _l("Usted retiró el texto nuevo"),
}
