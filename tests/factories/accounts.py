"""Accounts with a password that tests know."""

from typing import Any

from flask import Flask
from sqlalchemy.orm import Session

from consulta import clock
from consulta.people.models import Account, Identity, Person
from consulta.web.account.passwords import hash_password
from tests.factories import store
from tests.factories.people import make_person

PASSWORD = "la ceiba del parque da sombra"


def make_account(app: Flask, session: Session, person: Person | None = None, **changes: Any) -> Account:
    """A confirmed account, of a new person when none is given."""
    person = person or make_person(session)
    with app.app_context():
        hashed = hash_password(PASSWORD)
    fields: dict[str, Any] = {
        "person_id": person.id,
        "email": person.email,
        "password_hash": hashed,
        "created_at": clock.now(),
        "confirmed_at": clock.now(),
    }
    return store(session, Account(**{**fields, **changes}))


def make_identity(session: Session, account: Account, subject: str = "4711") -> Identity:
    """An identity of another site that opens an account."""
    issuer, made_at = "https://ciudad.example", clock.now()
    return store(
        session,
        Identity(account_id=account.id, provider="Ciudad", issuer=issuer, subject=subject, created_at=made_at),
    )
