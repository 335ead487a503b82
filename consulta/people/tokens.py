"""Links in mails: signed, for one purpose, for a time, and for one use.

What is signed includes a digest of what the link changes (the password, the confirmation), so that a link that was
used, or overtaken by another, no longer fits. Nothing is stored.
"""

import enum
import hashlib
from typing import Any

from itsdangerous import BadData, TimestampSigner, URLSafeTimedSerializer
from sqlalchemy.orm import Session

from consulta import clock
from consulta.people.models import Account
from consulta.people.rules import CONFIRMATION_TERM, INVITATION_TERM, RECOVERY_TERM


class Purpose(enum.Enum):
    CONFIRMATION = "confirmation"
    RECOVERY = "recovery"
    INVITATION = "invitation"


TERMS = {
    Purpose.CONFIRMATION: CONFIRMATION_TERM,
    Purpose.RECOVERY: RECOVERY_TERM,
    Purpose.INVITATION: INVITATION_TERM,
}


class _ClockSigner(TimestampSigner):
    """Dates tokens by our clock."""

    def get_timestamp(self) -> int:
        return int(clock.now().timestamp())


def _serializer(secret_key: str, purpose: Purpose) -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(
        secret_key,
        salt=f"account.{purpose.value}",
        signer=_ClockSigner,
        signer_kwargs={"digest_method": hashlib.sha256},
    )


def _digest(account: Account) -> str:
    state = f"{account.email}|{account.password_hash}|{account.confirmed_at}|{account.is_active}"
    return hashlib.sha256(state.encode()).hexdigest()[:32]


def make_token(secret_key: str, purpose: Purpose, account: Account) -> str:
    token = _serializer(secret_key, purpose).dumps([account.id, _digest(account)])
    return token if isinstance(token, str) else token.decode()


def read_token(session: Session, secret_key: str, purpose: Purpose, token: str) -> Account | None:
    """The account that a link is for; None for one that is forged, too old, used, or of another purpose."""
    try:
        content: Any = _serializer(secret_key, purpose).loads(token, max_age=int(TERMS[purpose].total_seconds()))
    except BadData:
        return None
    account_id, digest = content
    account = session.get(Account, account_id)
    return account if account is not None and account.is_active and _digest(account) == digest else None
