"""The link in a mail that stops it: signed, for one purpose, one person and one follow, or one of their digests.

It needs no session and never expires: a mail found years later can still be stopped. It can do nothing else.
"""

import enum
import hashlib
from dataclasses import dataclass
from typing import Any

from itsdangerous import BadData, URLSafeSerializer

from consulta.follows.models import DIGESTS, Mode


@dataclass(frozen=True)
class Stop:
    """What a link stops: one follow, or everything that somebody hears of in a digest, or at once."""

    person_id: int
    follow_id: int | None = None
    digest: Mode | None = None


def _serializer(secret_key: str) -> URLSafeSerializer:
    return URLSafeSerializer(secret_key, salt="follow.stop", signer_kwargs={"digest_method": hashlib.sha256})


def make_stop(secret_key: str, stop: Stop) -> str:
    what = stop.digest.value if stop.digest else stop.follow_id
    token = _serializer(secret_key).dumps([stop.person_id, what])
    return token if isinstance(token, str) else token.decode()


def read_stop(secret_key: str, token: str) -> Stop | None:
    """What a link stops; None for one that we did not sign."""
    try:
        content: Any = _serializer(secret_key).loads(token)
    except BadData:
        return None
    person_id, what = content
    found = _DIGESTS.get(what)
    return Stop(person_id, digest=found) if found else Stop(person_id, follow_id=what)


_DIGESTS: dict[enum.Enum | str | int, Mode] = {mode.value: mode for mode in (Mode.AT_ONCE, *DIGESTS)}
