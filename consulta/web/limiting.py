"""Counting what a request does against the limits of the site."""

from flask import request

from consulta.limits.rules import Deed, prefix_of
from consulta.web.context import parts


def spend(deed: Deed, *, account: int | str | None = None, use: str = "") -> None:
    """Count one use for who asks and for the prefix of the address it comes from. Raises TooMany.

    The address is the one that the server saw, or what the configured proxies say; nobody else's header counts.
    """
    parts().limits.spend(deed, account=account, prefix=address_prefix(), use=use)


def give_back(deed: Deed, *, account: int | str | None = None) -> None:
    """Take back a use that `spend` counted in this request."""
    parts().limits.give_back(deed, account=account, prefix=address_prefix())


def address_prefix() -> str:
    """What may be kept of the address of the request."""
    return prefix_of(request.remote_addr)
