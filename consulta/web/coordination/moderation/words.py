"""How the moderation pages call acts and trays."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from consulta.audit.models import AuditEntry
from consulta.moderation.models import Act
from consulta.moderation.trays import Tray
from consulta.web.i18n import lazy_gettext as _l
from consulta.web.i18n import ngettext

ACT_WORDS: dict[str, Any] = {
    "contribution.submit": _l("Se recibió"),
    "contribution.reply": _l("Se recibió la respuesta"),
    "contribution.register": _l("La registró el equipo"),
    "contribution.publish": _l("Se publicó"),
    "contribution.observe": _l("Se pidió completarlo"),
    "contribution.complete": _l("Su autor lo completó"),
    "contribution.reject": _l("No se admitió"),
    "contribution.expire": _l("Venció el plazo para completarlo"),
    "contribution.appeal": _l("Su autor pidió otra revisión"),
    "contribution.hide": _l("Se ocultó"),
    "contribution.unhide": _l("Se mostró de nuevo"),
    "contribution.review": _l("Se dio por revisado"),
    "contribution.redact": _l("Se quitaron datos personales"),
    "contribution.withdraw": _l("Se retiró"),
    "contribution.copy": _l("Su autor descargó una copia"),
    "contribution.undo": _l("Se deshizo en los primeros segundos"),
    "contribution.take_over": _l("Otra persona lo tomó de quien lo revisaba"),
    "contribution.note": _l("El equipo escribió una nota"),
    "contribution.edit": _l("Su autor cambió el texto"),
    "contribution.edit_wait": _l("Su autor envió un texto nuevo, que espera revisión"),
    "contribution.edit_accept": _l("Se publicó el texto nuevo"),
    "contribution.edit_reject": _l("No se publicó el texto nuevo"),
    "contribution.edit_discard": _l("Su autor retiró el texto nuevo"),
    "report.upheld": _l("Se dio la razón a una denuncia"),
    "report.dismissed": _l("Una denuncia no tenía razón"),
    "report.moot": _l("Una denuncia terminó porque su autor retiró el texto"),
}
# What the log of moderation shows: what the team, the clock and reports did, and the appeals that followed.
LOGGED = (
    "contribution.publish",
    "contribution.observe",
    "contribution.reject",
    "contribution.expire",
    "contribution.hide",
    "contribution.unhide",
    "contribution.review",
    "contribution.redact",
    "contribution.appeal",
    "contribution.undo",
    "contribution.take_over",
    "contribution.note",
    "contribution.edit_accept",
    "contribution.edit_reject",
    "report.upheld",
    "report.dismissed",
)
TRAY_WORDS: dict[Tray, Any] = {
    Tray.PENDING: _l("En revisión"),
    Tray.REPORTED: _l("Denunciados"),
    Tray.EDITED: _l("Textos nuevos"),
    Tray.UNREVIEWED: _l("Publicados sin revisar"),
    Tray.APPEALED: _l("Con reclamo"),
    Tray.OBSERVED: _l("En subsanación"),
    Tray.ALL: _l("Todos"),
}
# Each tray when nothing is there.
EMPTY_WORDS: dict[Tray, Any] = {
    Tray.PENDING: _l("Cuando alguien escriba en un tema que se lee antes de publicar, aparecerá aquí."),
    Tray.REPORTED: _l("Cuando alguien denuncie un texto, aparecerá aquí."),
    Tray.EDITED: _l("Cuando un autor cambie un texto ya publicado, el nuevo esperará aquí."),
    Tray.UNREVIEWED: _l("Lo que se publica antes de que alguien lo lea espera aquí esa lectura."),
    Tray.APPEALED: _l("Cuando un autor pida otra revisión, aparecerá aquí."),
    Tray.OBSERVED: _l("Lo que espera que su autor lo complete aparece aquí."),
    Tray.ALL: _l("Todavía no hay aportes."),
}
UNDONE_WORDS: dict[Act, Any] = {
    Act.PUBLISH: _l("publicar"),
    Act.OBSERVE: _l("pedir que lo complete"),
    Act.REJECT: _l("no admitir"),
    Act.HIDE: _l("ocultar"),
    Act.UNHIDE: _l("mostrar de nuevo"),
    Act.REVIEW: _l("dar por revisado"),
    Act.ACCEPT: _l("publicar el texto nuevo"),
    Act.DECLINE: _l("no publicar el texto nuevo"),
    Act.REDACT: _l("quitar datos personales"),
}


def act_sentence(entry: AuditEntry) -> str:
    """What an entry of the log says happened."""
    words = str(ACT_WORDS.get(entry.act) or _l("Cambio"))
    undone = (entry.detail or {}).get("undone")
    return f"{words}: {UNDONE_WORDS[Act(undone)]}" if undone else words


@dataclass(frozen=True)
class BatchWords:
    """How an act on several is called, asked for and counted."""

    title: Any
    button: Any
    will: Callable[[int], str]
    done: Callable[[int], str]


BATCH_WORDS: dict[Act, BatchWords] = {
    Act.PUBLISH: BatchWords(
        _l("Publicar varios"),
        _l("Publicarlos"),
        lambda n: ngettext("Se publicará %(num)s aporte.", "Se publicarán %(num)s aportes.", n),
        lambda n: ngettext("Se publicó %(num)s aporte.", "Se publicaron %(num)s aportes.", n),
    ),
    Act.REVIEW: BatchWords(
        _l("Dar varios por revisados"),
        _l("Darlos por revisados"),
        lambda n: ngettext("Se dará por revisado %(num)s aporte.", "Se darán por revisados %(num)s aportes.", n),
        lambda n: ngettext("Se dio por revisado %(num)s aporte.", "Se dieron por revisados %(num)s aportes.", n),
    ),
    Act.REJECT: BatchWords(
        _l("No admitir varios"),
        _l("No admitirlos"),
        lambda n: ngettext("No se admitirá %(num)s aporte.", "No se admitirán %(num)s aportes.", n),
        lambda n: ngettext("No se admitió %(num)s aporte.", "No se admitieron %(num)s aportes.", n),
    ),
    Act.HIDE: BatchWords(
        _l("Ocultar varios"),
        _l("Ocultarlos"),
        lambda n: ngettext("Se ocultará %(num)s aporte.", "Se ocultarán %(num)s aportes.", n),
        lambda n: ngettext("Se ocultó %(num)s aporte.", "Se ocultaron %(num)s aportes.", n),
    ),
    Act.UNHIDE: BatchWords(
        _l("Mostrar varios de nuevo"),
        _l("Mostrarlos de nuevo"),
        lambda n: ngettext("Se mostrará de nuevo %(num)s aporte.", "Se mostrarán de nuevo %(num)s aportes.", n),
        lambda n: ngettext("Se mostró de nuevo %(num)s aporte.", "Se mostraron de nuevo %(num)s aportes.", n),
    ),
}
