"""How mails speak: Spanish, the source of every catalogue, and dates as people write them."""

import gettext
from datetime import date

from babel.dates import format_date

_catalogue = gettext.NullTranslations()


def _(sentence: str, **facts: object) -> str:
    """A sentence in the language of mails, with its named placeholders filled."""
    return _catalogue.gettext(sentence) % facts


def long_date(day: date) -> str:
    """«1 de junio de 2018»"""
    return format_date(day, "d 'de' MMMM 'de' y", locale="es_SV")


def paragraphs(*parts: str | None) -> str:
    """The body of a mail; empty parts are left out."""
    return "\n\n".join(part for part in parts if part) + "\n"
