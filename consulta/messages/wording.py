"""How mails speak: Spanish, the source of every catalogue, dates as people write them, and one plain layout."""

import gettext
from datetime import date

from babel.dates import format_date

from consulta.contributions.models import Contribution
from consulta.messages.mail import Mail
from consulta.people.models import Person
from consulta.text import clean_line

_catalogue = gettext.NullTranslations()


def _(sentence: str, **facts: object) -> str:
    """A sentence in the language of mails, with its named placeholders filled."""
    return _catalogue.gettext(sentence) % facts


def ngettext(singular: str, plural: str, num: int, **facts: object) -> str:
    """As `_`, choosing by count; `%(num)s` is the count."""
    return _catalogue.ngettext(singular, plural, num) % {"num": num, **facts}


def long_date(day: date) -> str:
    """«1 de junio de 2018»"""
    return format_date(day, "d 'de' MMMM 'de' y", locale="es_SV")


def quoted(text: str) -> str:
    """People's own words, marked line by line."""
    return "\n".join(f"> {line}".rstrip() for line in text.strip().splitlines())


def greeting(name: str) -> str:
    return _("Buen día, %(name)s:", name=clean_line(name)) if name else _("Buen día:")


def signature(said: Contribution) -> str:
    """Who said it, and for whom."""
    if said.organization is None:
        return said.person.public_name
    name, organization = said.person.public_name, said.organization.name
    return _("%(name)s, en nombre de %(organization)s", name=name, organization=organization)


def paragraphs(*parts: str | None) -> str:
    """The body of a mail; empty parts are left out."""
    return "\n\n".join(part for part in parts if part) + "\n"


def letter(to: Person | str, subject: str, *parts: str | None, stop: str | None = None) -> Mail | None:
    """A mail with the common greeting and closing; None for somebody without an address. Empty parts are left out."""
    address, name = (to, "") if isinstance(to, str) else (to.email, to.public_name)
    if not address:
        return None
    closing = _("Este correo se envía automáticamente. No hace falta que lo responda.")
    return Mail(address, clean_line(subject), paragraphs(greeting(name), *parts, closing), stop)
