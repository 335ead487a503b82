"""Fifty clicks at the same moment, through four workers: one effect each, and limits that count all of them."""

import contextlib
import http.client
import threading
import urllib.parse
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from consulta import clock
from consulta.audit.models import AuditEntry
from consulta.contributions.models import Contribution, Report, Support
from consulta.database import Base, Database
from consulta.guests.models import TrackingCode
from consulta.guests.tokens import make_link
from consulta.people.models import Account, Person, SignUp
from consulta.people.tokens import Purpose, make_token
from consulta.plans.models import Topic
from consulta.receipts import Receipt
from tests.clients import Client, Clients
from tests.conftest import SECRET
from tests.drills.posting import TIMEOUT, gunicorn
from tests.factories import store
from tests.factories.accounts import PASSWORD, make_account
from tests.factories.contributions import make_contribution
from tests.factories.guests import send_text
from tests.factories.people import make_person
from tests.factories.plans import make_plan, make_trusting_topic

pytestmark = pytest.mark.drill
CLICKS, WORKERS, REPORTS = 50, 4, 7
# Reports are few enough to be counted, and everything else passes.
LIMITS = f"report.account={REPORTS}/600 " + " ".join(
    f"{deed}.account=999/60" for deed in ("support", "post", "sign_in", "sign_up", "ask_mail", "code")
)


@dataclass(frozen=True)
class Click:
    """A form that a browser sends."""

    browser: Client
    path: str
    fields: dict[str, str]


def send(port: int, clicks: list[Click]) -> Counter[int]:
    """Send all at the same moment; how many got which status."""
    ready, found, lock = threading.Barrier(len(clicks)), Counter[int](), threading.Lock()
    forms = [
        (click.path, urllib.parse.urlencode({"csrf_token": click.browser.csrf_token, **click.fields}), cookie_of(click))
        for click in clicks
    ]

    def run(path: str, body: str, cookie: str) -> None:
        ready.wait()
        headers = {"Cookie": cookie, "Content-Type": "application/x-www-form-urlencoded"}
        with contextlib.closing(http.client.HTTPConnection("127.0.0.1", port, timeout=6 * TIMEOUT)) as connection:
            connection.request("POST", path, body, headers)
            answer = connection.getresponse()
            answer.read()
        with lock:
            found[answer.status] += 1

    threads = [threading.Thread(target=run, args=form) for form in forms]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return found


def cookie_of(click: Click) -> str:
    cookie = click.browser.get_cookie("consulta")
    return f"consulta={cookie.value}" if cookie else ""


def count(session: Session, model: type[Base], *where: sa.ColumnElement[bool]) -> int:
    session.rollback()
    return session.scalar(sa.select(sa.func.count()).select_from(model).where(*where)) or 0


def test_fifty_at_once_have_one_effect_each(app: Flask, database: Database, session: Session, tmp_path: Path) -> None:
    topic, clients = make_trusting_topic(session, make_plan(session)), Clients(app, database)
    environment = {
        "CONSULTA_DATABASE_URL": database.url.render_as_string(hide_password=False),
        "CONSULTA_SECRET_KEY": SECRET,
        "CONSULTA_DATA_DIR": str(tmp_path),
        "CONSULTA_LIMITS": LIMITS,
    }
    with gunicorn("tests.drills.quick_site:site()", environment, tmp_path / "server.log", WORKERS) as (port, _):
        supports_count_once(port, session, clients, topic)
        posts_are_recorded_once(port, session, clients, topic)
        reports_count_once_and_up_to_the_limit(port, session, clients, topic)
        links_work_once(port, session, clients, app)
        a_guest_confirms_once(port, session, clients, topic)


def supports_count_once(port: int, session: Session, clients: Clients, topic: Topic) -> None:
    """Fifty people, then fifty clicks of one."""
    key = make_contribution(session, topic).id
    path, fields = f"/participar/aportes/{key}/apoyo", {"apoyar": "1"}
    many = [clients.of(make_person(session)) for _ in range(CLICKS)]
    assert send(port, [Click(browser, path, fields) for browser in many]) == {303: CLICKS}
    assert send(port, [Click(clients("participant"), path, fields)] * CLICKS) == {303: CLICKS}
    assert count(session, Support) == CLICKS + 1
    assert session.scalar(sa.select(Contribution.support_count).where(Contribution.id == key)) == CLICKS + 1


def posts_are_recorded_once(port: int, session: Session, clients: Clients, topic: Topic) -> None:
    before = count(session, Contribution)
    fields = {"kind": "proposal", "plan": topic.plan.code, "topic": topic.code, "form_key": "la-misma-clave"}
    fields |= {"body": "Propongo publicar los avances de cada obra."}
    assert send(port, [Click(clients("participant"), "/participar/aportes", fields)] * CLICKS) == {303: CLICKS}
    assert (count(session, Contribution), count(session, Receipt)) == (before + 1, 1)


def reports_count_once_and_up_to_the_limit(port: int, session: Session, clients: Clients, topic: Topic) -> None:
    """Fifty of one text by one person; and fifty of as many texts, of which the limit lets some pass."""
    keys = [make_contribution(session, topic).id for _ in range(CLICKS + 1)]
    paths = [f"/participar/aportes/{key}/denuncia" for key in keys]
    again = send(port, [Click(clients("participant"), paths[0], {"reason": "spam"})] * CLICKS)
    assert count(session, Report) == 1
    assert again[303] <= REPORTS  # the others were thanked for what they had said, or told to wait
    clicks = [Click(clients("participant2"), path, {"reason": "spam"}) for path in paths[1:]]
    assert send(port, clicks) == {303: REPORTS, 429: CLICKS - REPORTS}
    assert count(session, Report) == 1 + REPORTS


def links_work_once(port: int, session: Session, clients: Clients, app: Flask) -> None:
    """A confirmation makes one account, and a recovery sets one password."""
    account = make_account(app, session)
    asked = SignUp(email="nueva@example.org", public_name="Nueva", consent_version="1", created_at=clock.now())
    asked.password_hash = account.password_hash or ""
    confirmation = make_token(SECRET, Purpose.CONFIRMATION, store(session, asked))
    recovery = make_token(SECRET, Purpose.RECOVERY, account)
    visitor, password = clients("visitor"), {"password": PASSWORD}
    assert send(port, [Click(visitor, f"/cuenta/confirmar/{confirmation}", password)] * CLICKS)[303] == 1
    assert send(port, [Click(visitor, f"/cuenta/recuperar/{recovery}", password)] * CLICKS)[303] == 1
    assert count(session, Account, Account.email == asked.email) == 1
    assert count(session, AuditEntry, AuditEntry.act == "account.recover", AuditEntry.object_id == account.id) == 1


def a_guest_confirms_once(port: int, session: Session, clients: Clients, topic: Topic) -> None:
    """Fifty uses of two links of one new address: two texts, each with its code, of one person."""
    texts = [send_text(session, topic, email="cantora@example.org", public_name="Cantora") for _ in range(2)]
    paths = [f"/participar/sin-cuenta/{make_link(SECRET, text)}" for text in texts]
    before = count(session, Contribution)
    visitor = clients("visitor")
    answers = send(port, [Click(visitor, path, {"form_key": "una"}) for path in paths * (CLICKS // 2)])
    assert set(answers) <= {200, 303}
    assert (count(session, Contribution), count(session, TrackingCode)) == (before + 2, 2)
    assert count(session, Person, Person.email == "cantora@example.org") == 1
