"""What people began and did not finish is dropped by itself, whoever comes next."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy.orm import Session

from consulta import clock
from consulta.database import Base, Database
from consulta.outbox.due import do_what_is_due
from consulta.people import expiring
from consulta.people.models import Account, EmailChange, IdentityClaim, LoginSession, SignInCode, SignUp
from tests.factories import store
from tests.factories.people import make_person

NAME, ADDRESS, CONSENT = "Vecina del barrio", "vecina@example.org", "2026-11"
KINDS: tuple[type[Base], ...] = (SignUp, SignInCode, IdentityClaim, EmailChange, LoginSession)


def make_pending(session: Session, now: datetime) -> None:
    """A row of each kind, all of which can still be used."""
    person = make_person(session)
    account = store(session, Account(person_id=person.id, email="ana@example.org", created_at=now, confirmed_at=now))
    soon = now + timedelta(minutes=10)
    who = {"email": ADDRESS, "public_name": NAME, "consent_version": CONSENT, "created_at": now}
    browser = {"account_id": account.id, "device": "Firefox", "created_at": now, "last_seen_at": now}
    rows: list[Base] = [
        SignUp(**who, password_hash="x"),
        SignInCode(account_id=account.id, seed="a", expires_at=soon),
        IdentityClaim(**who, provider="Ciudad", issuer="i", subject="s", seed="b", expires_at=soon),
        EmailChange(account_id=account.id, email="antes@example.org", asked_at=now),
        LoginSession(**browser, token_hash="t", expires_at=now + timedelta(days=14)),
    ]
    for row in rows:
        store(session, row)


def left(session: Session) -> list[str]:
    session.rollback()
    return [model.__name__ for model in KINDS if session.query(model).count()]


def test_each_pending_thing_goes_when_its_term_is_over(session: Session, database: Database) -> None:
    now = clock.now()
    make_pending(session, now)
    stays = {
        timedelta(0): ["SignUp", "SignInCode", "IdentityClaim", "EmailChange", "LoginSession"],
        timedelta(minutes=10): ["SignUp", "EmailChange", "LoginSession"],
        timedelta(days=7): ["LoginSession"],
        timedelta(days=14): [],
    }
    for later, expected in stays.items():
        with clock.set_to(now + later):
            do_what_is_due(database)
        assert left(session) == expected


def test_what_is_over_goes_in_small_batches(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(expiring, "BATCH", 2)
    now = clock.now()
    for seed in range(5):
        store(session, SignInCode(account_id=None, seed=str(seed), expires_at=now + timedelta(minutes=seed)))
    with clock.set_to(now + timedelta(minutes=3, seconds=1)):
        assert expiring.forget_what_is_over(session) == 4
        assert expiring.forget_what_is_over(session) == 0
