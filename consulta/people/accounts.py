"""What people do with their account: enter, recover and change it. Answers never tell who has one.

How passwords are hashed and compared is handed in; an account's password is the same thing on any page.
"""

from collections.abc import Callable

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from consulta.changes import Change, transaction
from consulta.errors import Invalid, NotFound, Problem
from consulta.people import rules
from consulta.people.actors import VISITOR, Actor, actor_for
from consulta.people.models import Account, LoginSession
from consulta.permissions import Permission

Hash = Callable[[str], str]
Matches = Callable[[str, str | None], bool]


def find_account(session: Session, email: str) -> Account | None:
    """The account of an address as somebody typed it."""
    address = rules.normal_email(email, allows_test=True)
    query = sa.select(Account).where(Account.email == (address or "")).options(joinedload(Account.person))
    return session.scalars(query).one_or_none()


def find_account_id(session: Session, email: str) -> int | None:
    """As `find_account`, for who must do the same whether there is one or not."""
    address = rules.normal_email(email, allows_test=True)
    return session.scalar(sa.select(Account.id).where(Account.email == (address or "")))


def authenticate(session: Session, email: str, password: str, *, matches: Matches) -> Account:
    """The account that an address and its password open.

    Raises Invalid in one and the same way for whatever does not fit, after the same work.
    """
    account = find_account(session, email)
    right = matches(password, account.password_hash if account else None)
    if account is None or not right or not account.is_active or account.confirmed_at is None:
        raise Invalid(Problem("", "credentials_wrong"))
    return account


def request_recovery(session: Session, *, email: str) -> None:
    """Have the worker send a link for a new password, if there is an account; each request does the same work."""
    account_id = find_account_id(session, email)
    with transaction(session, actor=VISITOR) as change:
        change.mail("account_recovery", account_id=account_id or 0)


def set_password(
    session: Session, *, account_id: int, password: str, hash_password: Hash, seen_hash: str | None, act: str
) -> None:
    """Give an account the password of who followed a recovery link; all its sessions end.

    `seen_hash` is the one that the link was for. Raises Invalid when the link was used meanwhile.
    """
    account = session.get(Account, account_id)
    if account is None:
        raise NotFound("Account", account_id)
    _check_new_password(account, password)
    password_hash = hash_password(password)
    with transaction(session, actor=VISITOR) as change:
        account = change.lock(Account, account_id)
        if account.password_hash != seen_hash or not account.is_active:
            raise Invalid(Problem("", "link_used"))
        _as_owner(change, account)
        account.confirmed_at = account.confirmed_at or change.now
        _replace_password(change, account, password_hash, act)


def accept_invitation(session: Session, *, account_id: int, password: str, consents: bool, hash_password: Hash) -> None:
    """Set the first password of an invited person, who accepts the terms with it."""
    account = session.get(Account, account_id)
    if account is None:
        raise NotFound("Account", account_id)
    if not consents:
        raise Invalid(Problem("consents", "consent_missing"))
    _check_new_password(account, password)
    password_hash = hash_password(password)
    with transaction(session, actor=VISITOR) as change:
        account = change.lock(Account, account_id)
        if account.password_hash is not None or not account.is_active:
            raise Invalid(Problem("", "link_used"))
        _as_owner(change, account)
        account.confirmed_at = change.now
        account.person.consent_at, account.person.consent_version = change.now, rules.CONSENT_VERSION
        account.password_hash = password_hash
        change.edit(account, "account.accept_invitation")


def change_password(
    session: Session, *, actor: Actor, current: str, password: str, hash_password: Hash, matches: Matches
) -> None:
    """Replace the own password; all sessions end, and the caller lets that of who changed it go on under a new id.

    An account that has none yet gets its first one: there the caller knows that its owner entered just now.
    """
    account = own_account(session, actor)
    if account.password_hash is not None and not matches(current, account.password_hash):
        raise Invalid(Problem("current", "password_wrong"))
    _check_new_password(account, password)
    seen_hash, password_hash = account.password_hash, hash_password(password)
    with transaction(session, actor=actor) as change:
        account = change.lock(Account, account.id)
        change.require(Permission.ACCOUNT_KEEP, account)
        if account.password_hash != seen_hash:
            raise Invalid(Problem("current", "password_wrong"))
        _replace_password(change, account, password_hash, "account.change_password")


def update_hash(session: Session, *, account_id: int, seen_hash: str | None, password_hash: str) -> None:
    """Keep the same password under stronger parameters, unless it was replaced meanwhile."""
    with transaction(session, actor=VISITOR) as change:
        account = change.lock(Account, account_id)
        if account.password_hash == seen_hash:
            account.password_hash = password_hash


def close_session(session: Session, *, actor: Actor, session_id: int) -> None:
    """End one of the own sessions, on whatever device it is."""
    account = own_account(session, actor)
    with transaction(session, actor=actor) as change:
        change.require(Permission.ACCOUNT_KEEP, account)
        row = session.get(LoginSession, session_id)
        if row is None or row.account_id != account.id:
            raise NotFound("LoginSession", session_id)
        session.delete(row)
        change.record("account.close_session", account)


def own_account(session: Session, actor: Actor) -> Account:
    query = sa.select(Account).where(Account.person_id == actor.person_id)
    account = session.scalars(query).one_or_none()
    if account is None:
        raise NotFound("Account")
    return account


def end_sessions(change: Change, account: Account) -> None:
    """Sign an account out everywhere, with the change that asks for it."""
    change.session.execute(
        sa.delete(LoginSession).where(LoginSession.account_id == account.id),
        execution_options={"synchronize_session": False},
    )


def _check_new_password(account: Account, password: str) -> None:
    if problem := rules.check_password(password, is_staff=account.person.is_staff):
        raise Invalid(problem)


def _replace_password(change: Change, account: Account, password_hash: str, act: str) -> None:
    account.password_hash = password_hash
    end_sessions(change, account)
    change.edit(account, act)
    change.mail("account_password_changed", account_id=account.id)


def _as_owner(change: Change, account: Account) -> None:
    """Who follows the link of an account acts as its person."""
    change.actor = actor_for(account.person)
