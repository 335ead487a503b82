"""The link that a guest finds in the mail: signed, for one text, until that text is dropped."""

import hashlib
from typing import Any

from itsdangerous import BadData, URLSafeSerializer
from sqlalchemy.orm import Session

from consulta import clock
from consulta.guests.models import GuestSubmission
from consulta.guests.rules import SUBMISSION_TERM


def _serializer(secret_key: str) -> URLSafeSerializer:
    return URLSafeSerializer(secret_key, salt="guest.submission", signer_kwargs={"digest_method": hashlib.sha256})


def _digest(submission: GuestSubmission) -> str:
    """Ties a link to its text and address: a row of the same number that comes later is another."""
    state = f"{submission.email}|{submission.form_key}|{submission.digest}"
    return hashlib.sha256(state.encode()).hexdigest()[:32]


def make_link(secret_key: str, submission: GuestSubmission) -> str:
    token = _serializer(secret_key).dumps([submission.id, _digest(submission)])
    return token if isinstance(token, str) else token.decode()


def read_link(session: Session, secret_key: str, token: str) -> GuestSubmission | None:
    """The text that a link is for, confirmed or not; None for one that is forged, too old, or for something else."""
    try:
        content: Any = _serializer(secret_key).loads(token)
    except BadData:
        return None
    key, digest = content
    found = session.get(GuestSubmission, key)
    if found is None or _digest(found) != digest or found.created_at <= clock.now() - SUBMISSION_TERM:
        return None
    return found
