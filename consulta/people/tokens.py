"""Links and codes in mails: signed, for one purpose, for a time, and for one use.

What is signed includes a digest of what the link changes (the password, the address), so that a link that was used,
or overtaken by another, no longer fits. A row that exists only for its link goes with the first use.
"""

import enum
import hashlib
import hmac
from datetime import timedelta
from typing import Any, TypeVar

from itsdangerous import BadData, TimestampSigner, URLSafeTimedSerializer
from sqlalchemy.orm import Session

from consulta import clock
from consulta.people.models import Account, EmailChange, IdentityClaim, SignInCode, SignUp
from consulta.people.rules import CONFIRMATION_TERM, EMAIL_CHANGE_TERM, INVITATION_TERM, RECOVERY_TERM

Subject = TypeVar("Subject", Account, SignUp, EmailChange)
CODE_DIGITS = 6
AHEAD = timedelta(minutes=1)


class Purpose(enum.Enum):
    CONFIRMATION = "confirmation"
    RECOVERY = "recovery"
    INVITATION = "invitation"
    EMAIL_CHANGE = "email_change"


TERMS = {
    Purpose.CONFIRMATION: CONFIRMATION_TERM,
    Purpose.RECOVERY: RECOVERY_TERM,
    Purpose.INVITATION: INVITATION_TERM,
    Purpose.EMAIL_CHANGE: EMAIL_CHANGE_TERM,
}


class _ClockSigner(TimestampSigner):
    """Dates tokens by our clock."""

    def get_timestamp(self) -> int:
        return int(clock.now().timestamp())


class _PatientSigner(TimestampSigner):
    """Reads tokens that another machine dated, whose clock may be a little ahead."""

    def get_timestamp(self) -> int:
        return int((clock.now() + AHEAD).timestamp())


def _serializer(
    secret_key: str, purpose: Purpose, signer: type[TimestampSigner] = _ClockSigner
) -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(
        secret_key,
        salt=f"account.{purpose.value}",
        signer=signer,
        signer_kwargs={"digest_method": hashlib.sha256},
    )


def _digest(subject: Account | SignUp | EmailChange) -> str:
    match subject:
        case Account():
            state = f"{subject.email}|{subject.password_hash}|{subject.confirmed_at}|{subject.is_active}"
        case SignUp():
            state = f"{subject.email}|{subject.created_at}"
        case EmailChange():
            state = f"{subject.account_id}|{subject.email}|{subject.asked_at}"
    return hashlib.sha256(state.encode()).hexdigest()[:32]


def make_token(secret_key: str, purpose: Purpose, subject: Account | SignUp | EmailChange) -> str:
    token = _serializer(secret_key, purpose).dumps([subject.id, _digest(subject)])
    return token if isinstance(token, str) else token.decode()


def make_code(secret_key: str, asked: SignInCode | IdentityClaim) -> str:
    """The digits that are mailed; without the secret key nobody finds them, whoever reads the database."""
    purpose = "sign-in-code" if isinstance(asked, SignInCode) else "identity-code"
    made = hmac.new(secret_key.encode(), f"{purpose}|{asked.id}|{asked.seed}".encode(), hashlib.sha256).digest()
    return f"{int.from_bytes(made) % 10**CODE_DIGITS:0{CODE_DIGITS}}"


def read_token(session: Session, secret_key: str, purpose: Purpose, token: str) -> Account | None:
    """The account that a link is for; None for one that is forged, too old, used, or of another purpose."""
    account = _read(session, secret_key, purpose, token, Account)
    return account if account is not None and account.is_active else None


def read_sign_up(session: Session, secret_key: str, token: str) -> SignUp | None:
    """The account that a link would make; None as in `read_token`."""
    return _read(session, secret_key, Purpose.CONFIRMATION, token, SignUp)


def read_email_change(session: Session, secret_key: str, token: str) -> EmailChange | None:
    """The change of address that a link is for; None as in `read_token`."""
    return _read(session, secret_key, Purpose.EMAIL_CHANGE, token, EmailChange)


def _read(session: Session, secret_key: str, purpose: Purpose, token: str, model: type[Subject]) -> Subject | None:
    try:
        longest = int((TERMS[purpose] + AHEAD).total_seconds())
        content: Any = _serializer(secret_key, purpose, _PatientSigner).loads(token, max_age=longest)
    except BadData:
        return None
    key, digest = content
    subject = session.get(model, key)
    return subject if subject is not None and _digest(subject) == digest else None
