"""Which organisations of the list may be the one that somebody named: so that none is added twice."""

from collections.abc import Iterable

from consulta.people.models import Institution
from consulta.search.terms import fold

SHORTEST_NAME = 4


def look_alike(organizations: Iterable[Institution], code: str, name: str) -> list[Institution]:
    """Those with the same acronym, or with a name that holds the other's; case and accents do not matter."""
    own_code, own_name = fold(code), fold(name)
    return [one for one in organizations if fold(one.code) == own_code or _holds(fold(one.name), own_name)]


def _holds(known: str, named: str) -> bool:
    shorter, longer = sorted((known, named), key=len)
    return len(shorter) >= SHORTEST_NAME and shorter in longer
