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
from consulta.people import codes
from consulta.people.models import Account, Person
from consulta.web.account.passwords import hash_password, nobodys_hash
from tests.clients import UNKNOWN_PASSWORD, Client

pytestmark = pytest.mark.drill
PAIRS, MOST_SECONDS, ROUNDS = 200, 0.005, 4
NEW = {"public_name": "Ana López", "password": "la ceiba del parque da sombra", "consents": "y"}
DOORS = {
    "/cuenta/crear": NEW,
    "/cuenta/entrar": {"password": "no es la contraseña"},
    "/cuenta/recuperar": {},
    "/cuenta/confirmar": {},
    "/cuenta/codigo": {},
}
WRITE_CODE = "/cuenta/codigo/escribir"
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
    """One answer without what belongs to this request alone: its tokens, its key, and the address typed."""
    if path == WRITE_CODE:
        answer = client.submit(path, code="no es")
    else:
        answer = client.submit(path, email=address, **DOORS[path])
    plain = re.sub(r'name="(csrf_token|form_key)"[^>]*', "", answer.text).replace(address, "")
    return answer.status_code, answer.location, plain


@pytest.mark.usefixtures("crowd")
@pytest.mark.parametrize("database", ["postgresql"], indirect=True)  # the work is counted on both engines below
@pytest.mark.parametrize("path", [*DOORS, WRITE_CODE])
def test_nobody_can_tell_who_has_an_account(client: Client, path: str) -> None:
    """Time that differs does so in every round; what a busy machine adds comes and goes."""
    ask(client, path, "primera@example.org")
    rounds = []
    while not rounds or (abs(rounds[-1]) >= MOST_SECONDS and len(rounds) < ROUNDS):
        answers, difference = compare(client, path)
        assert len(answers) == 1
        rounds.append(difference)
    assert abs(rounds[-1]) < MOST_SECONDS, rounds


def test_the_drill_notices_a_difference(client: Client, crowd: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody who did a little more for who has an account."""
    find = codes.find_account_id

    def slowly(session: Session, email: str) -> int | None:
        found = find(session, email)
        time.sleep(0.05 if found else 0)
        return found

    monkeypatch.setattr(codes, "find_account_id", slowly)
    _, difference = compare(client, "/cuenta/codigo", pairs=9)
    assert difference >= MOST_SECONDS


def compare(client: Client, path: str, pairs: int = PAIRS) -> tuple[set[Answer], float]:
    """All answers, and how much longer those took that were about an account, in the middle of all pairs.

    A pair is asked one right after the other, so that whatever else the machine does meets both.
    """
    answers, longer = set(), []
    for n, (known, unknown) in enumerate(list(zip(addresses("si"), addresses("no"), strict=True))[:pairs]):
        took = {}
        for address in (known, unknown) if n % 2 else (unknown, known):
            if path == WRITE_CODE:
                client.submit("/cuenta/codigo", email=address)
            begun = time.perf_counter()
            answers.add(ask(client, path, address))
            took[address] = time.perf_counter() - begun
        longer.append(took[known] - took[unknown])
    return answers, statistics.median(longer)


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
