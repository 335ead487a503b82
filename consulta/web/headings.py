"""What stands above the sentence of a refusal: in short, why it was not done."""

from consulta.contributions.models import Draft
from consulta.errors import KeyReused, Refusal, StaleVersion, TooMany, WindowClosed
from consulta.web.i18n import gettext


def refusal_heading(refusal: Refusal) -> str:
    match refusal:
        case StaleVersion(subject=Draft()):
            return gettext("Este borrador cambió en otra ventana")
        case StaleVersion():
            return gettext("Alguien lo cambió mientras usted escribía")
        case WindowClosed():
            return gettext("El plazo ya cerró")
        case KeyReused():
            return gettext("Este formulario ya se envió")
        case TooMany():
            return gettext("Espere un momento")
        case _:
            return gettext("No es posible ahora")
