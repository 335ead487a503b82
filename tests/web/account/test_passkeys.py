"""Passkeys without a device: questions that are asked once, answers that do not hold, and whose keys they are."""

import json
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from consulta import clock
from consulta.errors import GuardRefused, Invalid
from consulta.people.models import Account, Passkey, Role
from consulta.people.passkeys import add_passkey, remove_passkey, use_passkey
from consulta.people.rules import PASSKEYS_MAX
from tests.clients import Client, Clients
from tests.factories import store
from tests.factories.accounts import make_account
from tests.factories.people import actor_of, make_member
from tests.web.account.test_account import last_mail

ENTER, KEYS = "/cuenta/entrar/llave", "/cuenta/llaves"
WRONG = "Esa llave de acceso no abre ninguna cuenta de este sitio."
LATE = "La llave tardó demasiado."
KNOWN_ID = "Y2xhdmVtaWE"
SHOWN = {"clientDataJSON": "e30", "authenticatorData": "e30", "signature": "e30"}


def shown(credential_id: Any = KNOWN_ID, **response: Any) -> str:
    """What a browser sends, with one thing in it that no device says."""
    answer = {"id": credential_id, "rawId": credential_id, "type": "public-key"}
    return json.dumps({**answer, "response": {**SHOWN, **response}})


STRANGE = [
    shown("\ud800"),  # half a character
    shown("\0"),
    shown(""),
    shown("x" * 1401),
    shown(["x"]),
    "[" * 100_000,
    shown(userHandle="a"),  # of no bytes
    shown(userHandle="ñ"),
    shown(userHandle="\ud800"),
]


def make_passkey(session: Session, account: Account, name: str = "Mi llave", **changes: Any) -> Passkey:
    fields: dict[str, Any] = {"public_key": "Y2xhdmU", "use_count": 0, "created_at": clock.now()}
    fields = {"credential_id": f"Y2xhdmU{name}", **fields, **changes}
    return store(session, Passkey(account_id=account.id, name=name, **fields))


def ask(client: Client, path: str = f"{ENTER}/pregunta") -> dict[str, Any]:
    answer = client.post(path, headers={"X-CSRFToken": client.csrf_token})
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-store"
    question: dict[str, Any] = answer.get_json()
    return question


def test_the_question_names_nobody(client: Client) -> None:
    question = ask(client)
    assert (question["rpId"], question["userVerification"]) == ("localhost", "required")
    assert not question.get("allowCredentials")
    assert question["challenge"] != ask(client)["challenge"]


def test_a_new_key_is_asked_for_by_its_owner(app: Flask, session: Session, client_as: Clients) -> None:
    account = make_account(app, session)
    make_passkey(session, account)
    question = ask(client_as.of(account.person), f"{KEYS}/pregunta")
    assert question["user"]["name"] == account.email
    assert str(account.id) not in question["user"]["id"]
    assert [key["id"] for key in question["excludeCredentials"]] != []
    assert client_as("visitor").submit(f"{KEYS}/pregunta").status_code == 401


@pytest.mark.parametrize("credential", ["", "{", "[]", "5", '{"id": 5}', json.dumps({"id": KNOWN_ID}), *STRANGE])
def test_an_answer_that_does_not_hold_opens_nothing(
    app: Flask, session: Session, client: Client, credential: str
) -> None:
    make_passkey(session, make_account(app, session), credential_id=KNOWN_ID)
    ask(client)
    answer = client.submit(ENTER, credential=credential)
    assert (answer.status_code, WRONG in answer.text) == (422, True)
    assert client.get("/cuenta/").status_code == 303


@pytest.mark.parametrize("credential", STRANGE)
def test_an_answer_that_does_not_hold_makes_no_key(
    app: Flask, session: Session, client_as: Clients, credential: str
) -> None:
    owner = client_as.of(make_account(app, session).person)
    ask(owner, f"{KEYS}/pregunta")
    answer = owner.submit(KEYS, name="Otra", credential=credential)
    assert (answer.status_code, WRONG in answer.text) == (422, True)


def test_a_question_is_asked_once_for_one_purpose_and_a_while(
    app: Flask, session: Session, client: Client, client_as: Clients
) -> None:
    known = json.dumps({"id": "x"})
    assert LATE in client.submit(ENTER, credential=known).text  # never asked
    ask(client)
    assert WRONG in client.submit(ENTER, credential=known).text
    assert LATE in client.submit(ENTER, credential=known).text  # asked once
    ask(client)
    with clock.set_to(clock.now() + timedelta(minutes=6)):
        assert LATE in client.submit(ENTER, credential=known).text
    owner = client_as.of(make_account(app, session).person)
    ask(owner)
    answer = owner.submit(KEYS, name="Otra", credential=known)  # asked for entering
    assert (answer.status_code, LATE in answer.text) == (422, True)
    ask(owner, f"{KEYS}/pregunta")
    assert WRONG in owner.submit(KEYS, name="Otra", credential=known).text
    session.rollback()
    assert session.scalars(sa.select(Passkey)).all() == []


def test_a_key_opens_its_account_only_while_it_may(app: Flask, session: Session) -> None:
    account = make_account(app, session)
    key = make_passkey(session, account)
    assert use_passkey(session, passkey_id=key.id, use_count=4).id == account.id
    assert session.get_one(Passkey, key.id).use_count == 4
    closed = make_passkey(session, make_account(app, session, is_active=False), "Otra")
    with pytest.raises(Invalid):
        use_passkey(session, passkey_id=closed.id, use_count=1)


def test_its_owner_hears_of_a_new_key_and_of_one_that_went(app: Flask, session: Session) -> None:
    account = make_account(app, session)
    actor = actor_of(account.person)
    made: dict[str, Any] = {"credential_id": "Y2xhdmU", "public_key": "Y2xhdmU", "use_count": 0}
    add_passkey(session, actor=actor, name=" Mi  teléfono ", **made)
    assert "Agregó una llave" in last_mail(app, session).body
    key = session.scalars(sa.select(Passkey)).one()
    assert key.name == "Mi teléfono"
    with pytest.raises(GuardRefused, match="passkey_there"):
        add_passkey(session, actor=actor, name="La misma", **made)
    remove_passkey(session, actor=actor, passkey_id=key.id, is_required=True)  # nobody with a role
    assert "Quitó una llave" in last_mail(app, session).body


def test_there_are_so_many_keys_and_the_team_keeps_one(app: Flask, session: Session) -> None:
    account = make_account(app, session, make_member(session, Role.COORDINATOR))
    actor = actor_of(account.person, Role.COORDINATOR)
    keys = [make_passkey(session, account, f"Llave {n}") for n in range(PASSKEYS_MAX)]
    with pytest.raises(GuardRefused, match="too_many_passkeys"):
        add_passkey(session, actor=actor, name="Otra", credential_id="b3RyYQ", public_key="b3RyYQ", use_count=0)
    for key in keys[1:]:
        remove_passkey(session, actor=actor, passkey_id=key.id, is_required=True)
    with pytest.raises(GuardRefused, match="second_factor_needed"):
        remove_passkey(session, actor=actor, passkey_id=keys[0].id, is_required=True)
