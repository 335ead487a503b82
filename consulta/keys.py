"""Ids and places in lists as they come from outside: what a row could have, or nothing."""

import re
from datetime import UTC, datetime, timedelta

from consulta.errors import NotFound

# The largest that an integer column holds on every engine.
KEY_MAX = 2**31 - 1
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
_DIGITS = re.compile(r"[0-9]{1,10}")
_PLACE = re.compile(r"([0-9]{1,17})[-_]([0-9]{1,10})")


def key_of(text: object) -> int | None:
    """The id, or the version, that a text names; None for anything else."""
    typed = str(text)
    key = int(typed) if _DIGITS.fullmatch(typed) else None
    return key if key is not None and key <= KEY_MAX else None


def place_after(moment: datetime, key: int) -> str:
    """The cursor of the page that begins after a row."""
    return f"{(moment - EPOCH) // MICROSECOND}-{key}"


def read_place(cursor: str) -> tuple[datetime, int]:
    """Moment and id of the row after which a page begins. Raises NotFound for a cursor that nobody gave."""
    found = _PLACE.fullmatch(cursor)
    key = key_of(found[2]) if found else None
    if found is None or key is None:
        raise NotFound("Page", cursor)
    return EPOCH + int(found[1]) * MICROSECOND, key
