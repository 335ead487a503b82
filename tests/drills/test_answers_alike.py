"""Whoever has an account: the doors answer the same, with the same bytes, after the same work, in the same time.

Hashing is quick here, so that what else might differ shows; that each answer hashes once, and by the same measure,
is looked at by itself.
"""

import re
import statistics
import time
from collections.abc import Callable

import pytest
from flask import Flask
from passlib.context import CryptContext
from sqlalchemy import event
from sqlalchemy.orm import Session

from consulta import clock
from consulta.database import Database, writing
from consulta.people.models import Account, Person
from consulta.web.account.passwords import hash_password, nobodys_hash
from tests.clients import UNKNOWN_PASSWORD, Client

pytestmark = pytest.mark.drill
PAIRS, MOST_SECONDS = 200, 0.005
NEW = {"public_name": "Ana López", "password": "la ceiba del parque da sombra", "consents": "y"}
DOORS = {
    "/cuenta/crear": NEW,
    "/cuenta/entrar": {"password": "no es la contraseña"},
    "/cuenta/recuperar": {},
    "/cuenta/confirmar": {},
}
Answer = tuple[int, str | None, str]


def addresses(kind: str) -> list[str]:
    return [f"{kind}{n:03}@example.org" for n in range(PAIRS)]


@pytest.fixture
def crowd(session: Session) -> None:
    """Somebody behind every known address."""
    now = clock.now()
    with writing(session):
        for address in addresses("si"):
            person = Person(public_name="Ana", email=address, created_at=now)
            session.add(person)
            session.flush()
            fields = {"password_hash": UNKNOWN_PASSWORD, "created_at": now, "confirmed_at": now}
            session.add(Account(person_id=person.id, email=address, **fields))


def ask(client: Client, path: str, address: str) -> Answer:
    """One answer without what belongs to this request alone: its token, its key, and the address typed."""
    answer = client.submit(path, email=address, **DOORS[path])
    plain = re.sub(r'name="(csrf_token|form_key)"[^>]*', "", answer.text).replace(address, "")
    return answer.status_code, answer.location, plain


@pytest.mark.usefixtures("crowd")
@pytest.mark.parametrize("path", DOORS)
def test_nobody_can_tell_who_has_an_account(client: Client, path: str) -> None:
    """Pairs in turn, so that whatever else the machine does meets both alike."""
    ask(client, path, "primera@example.org")
    took: dict[str, list[float]] = {"si": [], "no": []}
    answers = set()
    for n, pair in enumerate(zip(addresses("si"), addresses("no"), strict=True)):
        for address in pair if n % 2 else reversed(pair):
            begun = time.perf_counter()
            answer = ask(client, path, address)
            took[address[:2]].append(time.perf_counter() - begun)
            answers.add(answer)
    assert len(answers) == 1
    assert abs(statistics.median(took["si"]) - statistics.median(took["no"])) < MOST_SECONDS


@pytest.mark.usefixtures("crowd")
@pytest.mark.parametrize("path", DOORS)
def test_every_answer_takes_the_same_work(
    app: Flask, client: Client, database: Database, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    """The same statements, commits and hashes for both."""
    work: list[str] = []
    context: CryptContext = app.extensions["security"].pwd_context
    for name in ("hash", "verify"):
        monkeypatch.setattr(context, name, _noting(work, name, getattr(context, name)))
    event.listen(database.engine, "before_cursor_execute", lambda *facts: work.append(facts[2]))
    event.listen(database.engine, "commit", lambda connection: work.append("commit"))
    done = []
    for address in ("primera@example.org", "si000@example.org", "no000@example.org"):
        work.clear()
        ask(client, path, address)
        done.append(list(work))
    assert done[1] == done[2]
    assert "commit" in done[1] or path == "/cuenta/entrar"
    assert len([step for step in done[1] if step in ("hash", "verify")]) == (1 if DOORS[path] else 0)


def _noting(work: list[str], name: str, act: Callable[..., object]) -> Callable[..., object]:
    def noted(*given: object, **named: object) -> object:
        work.append(name)
        return act(*given, **named)

    return noted


def test_the_hash_of_nobody_costs_what_others_cost(app: Flask) -> None:
    with app.app_context():
        made, nobodys = hash_password("la ceiba del parque da sombra"), nobodys_hash()
    assert made.split("$")[:4] == nobodys.split("$")[:4]
