"""What people do with their account: create, confirm, enter, recover and change it. Answers never tell who has one.

How passwords are hashed and compared is handed in; an account's password is the same thing on any page.
"""

from collections.abc import Callable

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, joinedload

from consulta.changes import Change, transaction
from consulta.errors import Invalid, NotFound, Problem
from consulta.people import rules
from consulta.people.actors import VISITOR, Actor, actor_for
from consulta.people.models import Account, LoginSession, Person
from consulta.permissions import Permission
from consulta.text import clean_line

Hash = Callable[[str], str]
Matches = Callable[[str, str | None], bool]


def find_account(session: Session, email: str) -> Account | None:
    """The account of an address as somebody typed it."""
    address = rules.normal_email(email, allows_test=True)
    query = sa.select(Account).where(Account.email == address).options(joinedload(Account.person))
    return session.scalars(query).one_or_none() if address else None


def authenticate(session: Session, email: str, password: str, *, matches: Matches) -> Account:
    """The account that an address and its password open; unconfirmed ones too.

    Raises Invalid in one and the same way for whatever does not fit, after the same work.
    """
    account = find_account(session, email)
    right = matches(password, account.password_hash if account else None)
    if account is None or not right or not account.is_active:
        raise Invalid(Problem("", "credentials_wrong"))
    return account


def register_person(
    session: Session,
    *,
    actor: Actor,
    public_name: str,
    email: str,
    password: str,
    consents: bool,
    hash_password: Hash,
    allows_test: bool = False,
) -> None:
    """Create a person with an account to confirm by mail. An address that has one gets a mail that says so."""
    name = clean_line(public_name)
    address = rules.normal_email(email, allows_test=allows_test)
    found = [
        rules.check_public_name(name),
        None if address else Problem("email", "email_wrong"),
        rules.check_password(password, is_staff=False),
        None if consents else Problem("consents", "consent_missing"),
    ]
    if problems := [problem for problem in found if problem]:
        raise Invalid(*problems)
    password_hash = hash_password(password)
    try:
        with transaction(session, actor=actor) as change:
            known = session.scalars(sa.select(Account).where(Account.email == address)).one_or_none()
            if known is not None:
                change.mail("account_exists", account_id=known.id)
                return
            person = Person(
                public_name=name,
                email=address,
                created_at=change.now,
                consent_at=change.now,
                consent_version=rules.CONSENT_VERSION,
            )
            session.add(person)
            session.flush()
            account = Account(
                person_id=person.id, email=str(address), password_hash=password_hash, created_at=change.now
            )
            change.create(account, "account.register")
            change.mail("account_confirmation", account_id=account.id)
    except IntegrityError:
        # Somebody took the address at the same moment; they get their mail, and this one changes nothing.
        return


def resend_confirmation(session: Session, *, account_id: int) -> None:
    """Send the link again to an account that nobody has confirmed."""
    with transaction(session, actor=VISITOR) as change:
        account = change.lock(Account, account_id)
        if account.confirmed_at is None and account.password_hash is not None:
            change.mail("account_confirmation", account_id=account.id)


def confirm_account(session: Session, *, account_id: int) -> None:
    """The person reads the address; the link that brought them is checked before."""
    with transaction(session, actor=VISITOR) as change:
        account = change.lock(Account, account_id)
        if account.confirmed_at is None:
            account.confirmed_at = change.now
            _as_owner(change, account)
            change.edit(account, "account.confirm")


def request_recovery(session: Session, *, email: str) -> None:
    """Send a link for a new password to who has an account in use; nobody else hears anything."""
    found = find_account(session, email)
    with transaction(session, actor=VISITOR) as change:
        if found is None:
            return
        account = change.lock(Account, found.id)
        if not account.is_active or account.password_hash is None:
            return
        name = "account_recovery" if account.confirmed_at else "account_confirmation"
        change.mail(name, account_id=account.id)


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
) -> Account:
    """Replace the own password; all sessions end, and the caller begins a new one for who changed it."""
    account = own_account(session, actor)
    if not matches(current, account.password_hash):
        raise Invalid(Problem("current", "password_wrong"))
    _check_new_password(account, password)
    seen_hash, password_hash = account.password_hash, hash_password(password)
    with transaction(session, actor=actor) as change:
        account = change.lock(Account, account.id)
        change.require(Permission.ACCOUNT_KEEP, account)
        if account.password_hash != seen_hash:
            raise Invalid(Problem("current", "password_wrong"))
        _replace_password(change, account, password_hash, "account.change_password")
    return account


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
    if problem := rules.check_password(password, is_staff=bool(account.person.memberships)):
        raise Invalid(problem)


def _replace_password(change: Change, account: Account, password_hash: str, act: str) -> None:
    account.password_hash = password_hash
    end_sessions(change, account)
    change.edit(account, act)
    change.mail("account_password_changed", account_id=account.id)


def _as_owner(change: Change, account: Account) -> None:
    """Who follows the link of an account acts as its person."""
    change.actor = actor_for(account.person)
