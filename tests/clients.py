"""Clients signed in as anybody at once: their session is written where signing in would have written it."""

import hashlib
import hmac
import secrets
from typing import Any

import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from itsdangerous import URLSafeTimedSerializer
from sqlalchemy.orm import Session, joinedload
from werkzeug.test import TestResponse

from consulta import clock
from consulta.database import Database, writing
from consulta.people.actors import VISITOR, Actor, actor_for
from consulta.people.models import Account, Institution, InstitutionKind, LoginSession, Membership, Person, Role
from consulta.web.server_sessions import holder_of, terms_of, token_hash

# identity: (role, code of the institution), several where a person has more than one role
IDENTITIES: dict[str, tuple[tuple[Role, str | None], ...]] = {
    "visitor": (),
    "participant": (),
    "participant2": (),
    "moderator": ((Role.MODERATOR, None),),
    "coordinator": ((Role.COORDINATOR, None),),
    "liaison1": ((Role.LIAISON, "INS1"),),
    "liaison2": ((Role.LIAISON, "INS2"),),
    "observer": ((Role.OBSERVER, None),),
    "approver": ((Role.APPROVER, None),),
    "admin": ((Role.ADMIN, None),),
}

# A well-formed hash of a password that nobody types.
UNKNOWN_PASSWORD = "$argon2id$v=19$m=8,t=1,p=1$sd0PwIqaTLSC2gKk63WQxg$Z443VntFbauDUnglGmib5DksjHMjvEvIJdFI3RhHmNQ"


class Client(FlaskClient):
    """A browser of somebody; `submit` posts a form with the token its page would have held."""

    actor: Actor = VISITOR
    token: str = ""

    def open(self, *args: Any, **kwargs: Any) -> TestResponse:
        """Read the whole answer, as a browser does, so that what it is sent from is closed."""
        return super().open(*args, **{"buffered": True, **kwargs})

    def enter(self, token: str, actor: Actor) -> None:
        self.token, self.actor = token, actor
        self.set_cookie("consulta", token)

    @property
    def csrf_token(self) -> str:
        """The token of this browser's forms; a browser without a session gets one first."""
        if not self.token:
            self.get("/cuenta/entrar")
        cookie = self.get_cookie("consulta")
        assert cookie is not None
        secret = self.application.config["SECRET_KEY"]
        value = hmac.new(secret.encode(), cookie.value.encode(), hashlib.sha256).hexdigest()
        signed = URLSafeTimedSerializer(secret, salt="wtf-csrf-token").dumps(value)
        return signed if isinstance(signed, str) else signed.decode()

    def submit(self, path: str, **fields: Any) -> TestResponse:
        """Post a form; lists send a field several times."""
        return self.post(path, data={"csrf_token": self.csrf_token, **fields})


class Clients:
    """Makes each identity's person once, and a browser of that person at each call."""

    def __init__(self, app: Flask, database: Database) -> None:
        self.app = app
        self.database = database
        app.test_client_class = Client

    def __call__(self, identity: str = "participant") -> Client:
        client = self._client()
        if identity != "visitor":
            with self.database.session() as session:
                person = self._person(session, identity)
                client.enter(*_open_session(session, person))
        return client

    def of(self, person: Person) -> Client:
        """A browser of a person that a test made."""
        client = self._client()
        with self.database.session() as session:
            client.enter(*_open_session(session, session.get_one(Person, person.id)))
        return client

    def _client(self) -> Client:
        client = self.app.test_client()
        assert isinstance(client, Client)
        return client

    def _person(self, session: Session, identity: str) -> Person:
        email = f"{identity}@example.org"
        known = session.scalars(sa.select(Person).where(Person.email == email)).one_or_none()
        if known is not None:
            return known
        person = Person(public_name=identity.capitalize(), email=email, created_at=clock.now())
        with writing(session):
            session.add(person)
            session.flush()
            for role, code in IDENTITIES[identity]:
                place = _institution(session, code).id if code else None
                session.add(Membership(person_id=person.id, role=role, institution_id=place))
        return person


def _institution(session: Session, code: str) -> Institution:
    known = session.scalars(sa.select(Institution).where(Institution.code == code)).one_or_none()
    if known is None:
        known = Institution(code=code, name=f"Institución {code}", kind=InstitutionKind.MINISTRY)
        session.add(known)
        session.flush()
    return known


def _open_session(session: Session, person: Person) -> tuple[str, Actor]:
    """A live session of a person, with a confirmed account made when there is none."""
    now, token = clock.now(), secrets.token_urlsafe(32)
    with writing(session):
        account = session.scalars(sa.select(Account).where(Account.person_id == person.id)).one_or_none()
        if account is None:
            email = person.email or f"persona{person.id}@example.org"
            account = Account(
                person_id=person.id, email=email, password_hash=UNKNOWN_PASSWORD, created_at=now, confirmed_at=now
            )
            session.add(account)
            session.flush()
        session.add(
            LoginSession(
                token_hash=token_hash(token),
                account_id=account.id,
                device="Firefox, Linux",
                data={"_user_id": str(account.id), "_fresh": True},
                created_at=now,
                last_seen_at=now,
                expires_at=now + terms_of(holder_of(account))[0],
            )
        )
    query = sa.select(Person).where(Person.id == person.id).options(joinedload(Person.memberships))
    return token, actor_for(session.scalars(query).unique().one())
