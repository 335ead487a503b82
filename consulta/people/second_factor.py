"""The second factor of an account: codes of an application, each good once, and recovery codes for a lost telephone.

A passkey is a factor of its own: it proves a device and, on it, a person.
"""

import base64
import enum
import hashlib
import hmac
import re
import secrets

import sqlalchemy as sa
from cryptography.fernet import Fernet, InvalidToken
from passlib.exc import TokenError
from passlib.totp import TOTP
from sqlalchemy.orm import Session

from consulta import clock
from consulta.changes import Change, transaction
from consulta.errors import GuardRefused, Invalid, Problem
from consulta.people.accounts import end_sessions, own_account
from consulta.people.actors import VISITOR, Actor, actor_for
from consulta.people.models import Account, Authenticator, Passkey, RecoveryCode
from consulta.permissions import Permission

RECOVERY_CODES = 10
# Letters and digits that nobody takes for another one.
ALPHABET = "23456789abcdefghjkmnpqrstuvwxyz"
_UNSYNCHRONISED = {"synchronize_session": False}


class Step(enum.Enum):
    """What is still asked of who has proven the first factor."""

    NONE = "none"
    CODE = "code"
    SET_UP = "set_up"


def step_after(session: Session, account: Account, *, is_required: bool) -> Step:
    """What comes after the first factor; with `is_required` nobody with a role enters with one alone."""
    if find_authenticator(session, account.id) is not None:
        return Step.CODE
    if not is_required or not account.person.is_staff:
        return Step.NONE
    return Step.CODE if count_passkeys(session, account.id) else Step.SET_UP


def find_authenticator(session: Session, account_id: int) -> Authenticator | None:
    return session.scalars(sa.select(Authenticator).where(Authenticator.account_id == account_id)).one_or_none()


def count_passkeys(session: Session, account_id: int) -> int:
    query = sa.select(sa.func.count()).select_from(Passkey).where(Passkey.account_id == account_id)
    return session.scalar(query) or 0


def count_recovery_codes(session: Session, account_id: int) -> int:
    query = sa.select(sa.func.count()).select_from(RecoveryCode).where(RecoveryCode.account_id == account_id)
    return session.scalar(query) or 0


def offered_key(secret_key: str, account: Account, browser: str) -> str:
    """The key to put into an application, the same as long as this browser looks at the page; nothing is kept of it."""
    text = f"authenticator|{account.id}|{account.version}|{browser}"
    return base64.b32encode(hmac.new(secret_key.encode(), text.encode(), hashlib.sha256).digest()[:20]).decode()


def key_address(key: str, account: Account) -> str:
    """What the square of dots says."""
    address: str = TOTP(key=key, format="base32", issuer="Consulta").to_uri(label=account.email.replace(":", " "))
    return address


def set_up(session: Session, *, account_id: int, key: str, typed: str, secret_key: str, has_entered: bool) -> list[str]:
    """Ask for codes of this key from now on. Answers the recovery codes, which are shown once.

    The caller knows that the first factor was proven just now; who has not entered with it yet (`has_entered`) must
    have no second one of any kind. Raises Invalid when the code is not of the key.
    """
    with transaction(session, actor=VISITOR) as change:
        account = change.lock(Account, account_id)
        change.actor = actor_for(account.person)
        has_passkey = count_passkeys(session, account_id) > 0
        if find_authenticator(session, account_id) is not None or (has_passkey and not has_entered):
            raise GuardRefused("second_factor_there")
        count = _matching(key, typed, None)
        if count is None:
            raise Invalid(Problem("code", "factor_code_wrong"))
        sealed = _box(secret_key).encrypt(key.encode()).decode()
        session.add(Authenticator(account_id=account_id, sealed_key=sealed, last_count=count, created_at=change.now))
        codes = _new_recovery_codes(change, account)
        _tell(change, account, "account.set_up_second_factor")
    return codes


def check_code(session: Session, *, account_id: int, typed: str, secret_key: str) -> None:
    """Accept a code of the application, or a recovery code; either of them once. Raises Invalid."""
    with transaction(session, actor=VISITOR) as change:
        account = change.lock(Account, account_id)
        change.actor = actor_for(account.person)
        authenticator = find_authenticator(session, account_id)
        if authenticator is None:
            raise Invalid(Problem("code", "factor_code_wrong"))
        plain = re.sub(r"[\s-]", "", typed).lower()
        count = _matching(_open(secret_key, authenticator), plain, authenticator.last_count)
        if count is not None:
            authenticator.last_count = count
            return
        mine = (RecoveryCode.account_id == account_id, RecoveryCode.code_hash == _hash(plain))
        spent = sa.delete(RecoveryCode).where(*mine).returning(RecoveryCode.id)
        if session.scalar(spent, execution_options=_UNSYNCHRONISED) is None:
            raise Invalid(Problem("code", "factor_code_wrong"))
        _tell(change, account, "account.use_recovery_code")


def renew_recovery_codes(session: Session, *, actor: Actor) -> list[str]:
    """Make the recovery codes anew; the ones before open nothing any more."""
    with transaction(session, actor=actor) as change:
        account = change.lock(Account, own_account(session, actor).id)
        change.require(Permission.ACCOUNT_KEEP, account)
        if find_authenticator(session, account.id) is None:
            raise GuardRefused("second_factor_missing")
        codes = _new_recovery_codes(change, account)
        _tell(change, account, "account.renew_recovery_codes")
    return codes


def remove_authenticator(session: Session, *, actor: Actor, is_required: bool) -> None:
    """Ask for no codes any more. Who needs a second factor must have a passkey instead."""
    with transaction(session, actor=actor) as change:
        account = change.lock(Account, own_account(session, actor).id)
        change.require(Permission.ACCOUNT_KEEP, account)
        if is_required and account.person.is_staff and not count_passkeys(session, account.id):
            raise GuardRefused("second_factor_needed")
        if find_authenticator(session, account.id) is None:
            return
        _drop(change, account)
        _tell(change, account, "account.remove_second_factor")


def reset_second_factor(session: Session, *, actor: Actor, person_id: int) -> None:
    """Help somebody who lost every second factor: all of them go, passkeys too, and every session ends."""
    with transaction(session, actor=actor) as change:
        change.require(Permission.SITE_ADMINISTER)
        if person_id == actor.person_id:
            raise GuardRefused("own_account")
        account = change.lock(Account, own_account(session, Actor(person_id, "")).id)
        _drop(change, account)
        passkeys = sa.delete(Passkey).where(Passkey.account_id == account.id)
        session.execute(passkeys, execution_options=_UNSYNCHRONISED)
        end_sessions(change, account)
        _tell(change, account, "account.reset_second_factor")


def _new_recovery_codes(change: Change, account: Account) -> list[str]:
    mine = RecoveryCode.account_id == account.id
    change.session.execute(sa.delete(RecoveryCode).where(mine), execution_options=_UNSYNCHRONISED)
    codes = [
        "-".join("".join(secrets.choice(ALPHABET) for _ in range(4)) for _ in range(4)) for _ in range(RECOVERY_CODES)
    ]
    change.session.add_all(
        RecoveryCode(account_id=account.id, code_hash=_hash(code.replace("-", ""))) for code in codes
    )
    return codes


def _drop(change: Change, account: Account) -> None:
    for model in (Authenticator, RecoveryCode):
        mine = sa.delete(model).where(model.account_id == account.id)
        change.session.execute(mine, execution_options=_UNSYNCHRONISED)


def _tell(change: Change, account: Account, act: str) -> None:
    """Put it into the log, and tell the owner of the account."""
    change.edit(account, act)
    change.mail("account_protection_changed", account_id=account.id, act=act)


def _matching(key: str | None, typed: str, last_count: int | None) -> int | None:
    """The count of the half minute that a code belongs to; None for a wrong one and for one of a count used already."""
    if key is None or not re.fullmatch(r"[0-9]{6}", re.sub(r"\s", "", typed)):
        return None
    try:
        match = TOTP(key=key, format="base32").match(typed, time=clock.now(), window=30, last_counter=last_count)
    except TokenError:
        return None
    count: int = match.counter
    return count


def _open(secret_key: str, authenticator: Authenticator) -> str | None:
    """The key as the application knows it; None when it was sealed with another secret key."""
    try:
        return _box(secret_key).decrypt(authenticator.sealed_key.encode()).decode()
    except InvalidToken:
        return None


def _box(secret_key: str) -> Fernet:
    return Fernet(base64.urlsafe_b64encode(hashlib.sha256(f"authenticator|{secret_key}".encode()).digest()))


def _hash(code: str) -> str:
    """A code of 16 letters has 79 bits, so that nobody finds it from its digest."""
    return hashlib.sha256(code.encode()).hexdigest()
