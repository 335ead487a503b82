"""How often each thing may be done: by one account, from one address prefix, by one from the other, and in all.

Prefixes are wide because mobile carriers put many people behind one address.
"""

import enum
import ipaddress
import re
from collections.abc import Mapping
from dataclasses import dataclass

OFF = "off"
UNKNOWN_PREFIX = "unknown"
V4_PREFIX, V6_PREFIX = 24, 48
_SETTING = re.compile(r"(?P<name>[a-z_]+\.[a-z]+)=(?P<most>[1-9]\d*)/(?P<seconds>[1-9]\d*)")


class Deed(enum.Enum):
    """What is counted."""

    POST = "post"
    SUPPORT = "support"
    EDIT = "edit"
    COMPARE = "compare"
    """Look for proposals like a text."""
    DRAFT = "draft"
    """Keep what is being written."""
    REPORT = "report"
    REPORT_AGAIN = "report_again"
    """Report one text from where somebody without an account did before."""
    SIGN_IN = "sign_in"
    SIGN_UP = "sign_up"
    ASK_MAIL = "ask_mail"
    """Have a code or a link sent to an address."""
    CODE = "code"
    """Try a code."""
    TRACK = "track"
    """Try the code of a folio; what opens it is given back."""
    FOLLOW = "follow"
    """Begin to follow something, or stop."""
    COPY = "copy"
    """Download a copy of the own data."""


# A form key records one post, so that sending it again is nothing new. A key is whatever a client says: where each
# sending does something of its own (tries a password, reports another text, has a mail sent), each one counts.
RECORDED_ONCE = frozenset({Deed.POST})


class Scope(enum.Enum):
    """Whose uses are counted together."""

    ACCOUNT = "account"
    """One account, or what was typed: where `HERE` counts too, so wide that only a spread attack reaches it."""
    HERE = "here"
    """One account (or what was typed) from one address prefix: guesses made there keep nobody else out."""
    PREFIX = "prefix"
    ALL = "all"


@dataclass(frozen=True)
class Limit:
    """At most `most` uses in any window of `seconds`; the window begins with its first use."""

    most: int
    seconds: int


MINUTE, HOUR, DAY = 60, 3600, 86_400
Limits = Mapping[Deed, Mapping[Scope, Limit]]
_A, _H, _P, _E = Scope.ACCOUNT, Scope.HERE, Scope.PREFIX, Scope.ALL
# Of a typed address ten times as much passes in an hour as from one prefix.
DEFAULTS: Limits = {
    Deed.POST: {_A: Limit(2, MINUTE), _P: Limit(120, MINUTE), _E: Limit(3000, MINUTE)},
    Deed.SUPPORT: {_A: Limit(30, MINUTE), _P: Limit(600, MINUTE), _E: Limit(6000, MINUTE)},
    Deed.EDIT: {_A: Limit(20, HOUR), _P: Limit(360, MINUTE), _E: Limit(6000, MINUTE)},
    Deed.COMPARE: {_P: Limit(1200, MINUTE), _E: Limit(6000, MINUTE)},
    Deed.DRAFT: {_A: Limit(60, MINUTE), _P: Limit(1200, MINUTE), _E: Limit(12_000, MINUTE)},
    Deed.REPORT: {_A: Limit(5, MINUTE), _P: Limit(60, MINUTE), _E: Limit(600, MINUTE)},
    Deed.REPORT_AGAIN: {_H: Limit(1, DAY)},
    Deed.SIGN_IN: {_A: Limit(3000, HOUR), _H: Limit(5, MINUTE), _P: Limit(120, MINUTE), _E: Limit(3000, MINUTE)},
    Deed.SIGN_UP: {_A: Limit(30, HOUR), _H: Limit(3, HOUR), _P: Limit(120, HOUR), _E: Limit(6000, HOUR)},
    Deed.ASK_MAIL: {_A: Limit(50, HOUR), _H: Limit(5, HOUR), _P: Limit(120, HOUR), _E: Limit(6000, HOUR)},
    Deed.CODE: {_A: Limit(5, 10 * MINUTE), _P: Limit(120, MINUTE), _E: Limit(3000, MINUTE)},
    # Folios are public and those who reply below a proposal share its own: nobody locks one for all the others.
    Deed.TRACK: {_A: Limit(200, HOUR), _H: Limit(5, HOUR), _P: Limit(60, MINUTE), _E: Limit(3000, MINUTE)},
    Deed.FOLLOW: {_A: Limit(30, MINUTE), _P: Limit(600, MINUTE), _E: Limit(6000, MINUTE)},
    Deed.COPY: {_A: Limit(5, HOUR), _P: Limit(60, HOUR), _E: Limit(600, HOUR)},
}
# The urgent reports of one account that hide a text at once; later ones only wait for a reader.
HIDING = Limit(10, HOUR)
_NAMED = {f"{deed.value}.{scope.value}": (deed, scope) for deed, scopes in DEFAULTS.items() for scope in scopes}


def read_limits(setting: str) -> Limits | None:
    """The limits that a setting leaves: None for `off`, else the defaults with what it names put in their place.

    A setting is a list as in `post.account=2/60 sign_in.prefix=30/60`: uses, and seconds. Raises ValueError.
    """
    if setting.strip() == OFF:
        return None
    limits = {deed: dict(scopes) for deed, scopes in DEFAULTS.items()}
    for word in setting.replace(",", " ").split():
        found = _SETTING.fullmatch(word)
        if found is None or found["name"] not in _NAMED:
            raise ValueError(f"CONSULTA_LIMITS does not understand «{word}»")
        deed, scope = _NAMED[found["name"]]
        limits[deed][scope] = Limit(int(found["most"]), int(found["seconds"]))
    return limits


def prefix_of(address: str | None) -> str:
    """What is kept of an address: its /24, or its /48 in the sixth version; never the address itself."""
    try:
        found = ipaddress.ip_address((address or "").partition("%")[0])
    except ValueError:
        return UNKNOWN_PREFIX
    if isinstance(found, ipaddress.IPv6Address):
        if found.ipv4_mapped is None:
            return str(ipaddress.ip_network((found, V6_PREFIX), strict=False))
        found = found.ipv4_mapped
    return str(ipaddress.ip_network((found, V4_PREFIX), strict=False))
