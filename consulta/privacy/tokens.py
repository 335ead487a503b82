"""The link that proves the address of who asks to be erased without an account: signed, for one request."""

import hashlib
from typing import Any

from itsdangerous import BadData, URLSafeSerializer
from sqlalchemy.orm import Session

from consulta import clock
from consulta.privacy.models import Erasure
from consulta.privacy.rules import PROOF_TERM


def _serializer(secret_key: str) -> URLSafeSerializer:
    return URLSafeSerializer(secret_key, salt="privacy.erasure", signer_kwargs={"digest_method": hashlib.sha256})


def make_link(secret_key: str, erasure: Erasure) -> str:
    token = _serializer(secret_key).dumps([erasure.id, erasure.person_id])
    return token if isinstance(token, str) else token.decode()


def read_link(session: Session, secret_key: str, token: str) -> Erasure | None:
    """The request that a link is for, while it can still be confirmed or called off; None for anything else."""
    try:
        content: Any = _serializer(secret_key).loads(token)
    except BadData:
        return None
    key, person_id = content
    found = session.get(Erasure, key)
    if found is None or found.person_id != person_id or found.done_at is not None:
        return None
    is_late = found.due_at is None and found.asked_at <= clock.now() - PROOF_TERM
    return None if is_late else found
