"""The other ways to sign in, listed below the form. Who adds one adds it to this list, and ends it with `enter()`."""

from dataclasses import dataclass

from flask import url_for

from consulta.web.account.provider_clients import provider_clients
from consulta.web.i18n import gettext as _


@dataclass(frozen=True)
class Way:
    """A link to a page where somebody can prove who they are."""

    label: str
    href: str


def other_ways(wanted: str | None) -> list[Way]:
    """Beside e-mail and password, and beside passkeys, which need a script; `wanted` is the path asked for before."""
    code = Way(_("Recibir un código por correo"), url_for("account.codes.ask", next=wanted or None))
    return [code, *provider_ways(wanted)]


def provider_ways(wanted: str | None) -> list[Way]:
    """The identity providers of the settings."""
    return [
        Way(
            _("Entrar con %(provider)s", provider=client.provider.label),
            url_for("account.providers.start", name=name, next=wanted or None),
        )
        for name, client in provider_clients().items()
    ]
