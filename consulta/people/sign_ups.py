"""Asking for an account, and making it once its address is proven.

Every request leaves the same rows whoever has the address; what differs is the mail, which only its reader sees.
"""

from collections.abc import Callable
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from consulta.changes import Change, transaction
from consulta.errors import Invalid, Problem
from consulta.people import rules
from consulta.people.accounts import Matches, find_account_id
from consulta.people.actors import VISITOR, Actor, actor_for
from consulta.people.models import Account, Person, SignUp
from consulta.text import clean_line


def request_account(
    session: Session,
    *,
    actor: Actor,
    public_name: str,
    email: str,
    password: str,
    consents: bool,
    hash_password: Callable[[str], str],
    allows_test: bool = False,
) -> None:
    """Keep what an account needs until its address is proven, and have the worker write to it."""
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
    with transaction(session, actor=actor) as change:
        wanted = SignUp(
            email=str(address),
            public_name=name,
            password_hash=password_hash,
            consent_version=rules.CONSENT_VERSION,
            created_at=change.now,
        )
        session.add(wanted)
        session.flush()
        change.mail("account_sign_up", sign_up_id=wanted.id)


def resend_confirmation(session: Session, *, email: str) -> None:
    """Have the worker write again to an address that asked for an account."""
    address = rules.normal_email(email, allows_test=True)
    latest = sa.select(SignUp.id).where(SignUp.email == address).order_by(SignUp.id.desc()).limit(1)
    sign_up_id = session.scalar(latest)
    with transaction(session, actor=VISITOR) as change:
        change.mail("account_sign_up", sign_up_id=sign_up_id or 0)


def confirm_sign_up(session: Session, *, sign_up_id: int, password: str, matches: Matches) -> Account:
    """Make the account of who reads the address and chose its password; the link is checked before.

    The password tells that both are the same person: a stranger may have asked with the address of another. Raises
    Invalid when it is not the one, or when this link, or another one of the same address, made an account meanwhile.
    """
    asked = session.get(SignUp, sign_up_id)
    seen_hash = asked.password_hash if asked else None
    if asked is not None and not matches(password, seen_hash):
        raise Invalid(Problem("password", "sign_up_password_wrong"))
    try:
        with transaction(session, actor=VISITOR) as change:
            wanted = session.get(SignUp, sign_up_id, with_for_update=True, populate_existing=True)
            if wanted is None or wanted.password_hash != seen_hash or find_account_id(session, wanted.email):
                raise Invalid(Problem("", "link_used"))
            account = make_account(
                change,
                public_name=wanted.public_name,
                email=wanted.email,
                password_hash=wanted.password_hash,
                asked_at=wanted.created_at,
                consent_version=wanted.consent_version,
            )
    except IntegrityError:
        raise Invalid(Problem("", "link_used")) from None
    return account


def make_account(
    change: Change,
    *,
    public_name: str,
    email: str,
    password_hash: str | None,
    asked_at: datetime,
    consent_version: str,
) -> Account:
    """Make the person and the account of a proven address, with the change that asks for it.

    Raises IntegrityError, at once or at the end of the change, when the address got an account meanwhile.
    """
    session = change.session
    person = Person(
        public_name=public_name,
        email=email,
        created_at=change.now,
        consent_at=asked_at,
        consent_version=consent_version,
    )
    session.add(person)
    session.flush()
    change.actor = actor_for(person)
    account = Account(
        person_id=person.id,
        email=email,
        password_hash=password_hash,
        created_at=asked_at,
        confirmed_at=change.now,
    )
    change.create(account, "account.register")
    others = sa.delete(SignUp).where(SignUp.email == email)
    session.execute(others, execution_options={"synchronize_session": False})
    return account
