"""Posting through real workers that die: the clients, who kills, and what must be true afterwards."""

import contextlib
import http.client
import os
import random
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.parse
import uuid
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from consulta.audit.models import AuditEntry
from consulta.contributions.counters import find_drift
from consulta.contributions.models import Contribution
from consulta.database import Database
from consulta.outbox.models import OutboxRow
from consulta.proposals.models import Proposal, ProposalSource
from consulta.receipts import Receipt
from tests.clients import Clients
from tests.factories.people import make_person
from tests.factories.plans import make_plan, make_trusting_topic

ROOT = Path(__file__).resolve().parents[2]
TIMEOUT = 10
ATTEMPTS = 12


@dataclass(frozen=True)
class Poster:
    """What a signed-in browser sends with every post."""

    cookie: str
    token: str
    plan: str
    topic: str


@dataclass
class History:
    """What the clients know: keys that were acknowledged, with each folio they were given, and the others."""

    acknowledged: dict[str, set[str]] = field(default_factory=dict)
    unknown: set[str] = field(default_factory=set)
    interrupted: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)


def prepare(app: Flask, database: Database, count: int) -> list[Poster]:
    """An open plan, a topic that shows posts at once, and some people signed in."""
    with database.session() as session:
        plan = make_plan(session)
        topic = make_trusting_topic(session, plan)
        people = [make_person(session) for _ in range(count)]
        clients = [Clients(app, database).of(person) for person in people]
        return [Poster(client.token, client.csrf_token, plan.code, topic.code) for client in clients]


@contextlib.contextmanager
def gunicorn(target: str, environment: dict[str, str], log: Path, workers: int = 2) -> Iterator[tuple[int, int]]:
    """A real server over some workers with threads; its port and the id of its master."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [
        sys.executable,
        "-m",
        "gunicorn",
        target,
        "-w",
        str(workers),
        "-k",
        "gthread",
        "--threads",
        "4",
        "--preload",
    ]
    command += ["-b", f"127.0.0.1:{port}", "--graceful-timeout", "5", "--log-level", "warning"]
    with log.open("wb") as output:
        server = subprocess.Popen(command, cwd=ROOT, env={**os.environ, **environment}, stdout=output, stderr=output)
        try:
            _wait_until_ready(port, server)
            yield port, server.pid
        finally:
            server.terminate()
            try:
                server.wait(20)
            except subprocess.TimeoutExpired:
                server.kill()
                server.wait()


def _wait_until_ready(port: int, server: subprocess.Popen[bytes]) -> None:
    for _ in range(300):
        if server.poll() is not None:
            raise RuntimeError("the server ended at once")
        with contextlib.suppress(OSError), contextlib.closing(_connect(port)) as connection:
            connection.request("GET", "/healthz")
            if connection.getresponse().status == 200:
                return
        time.sleep(0.1)
    raise RuntimeError("the server does not answer")


def _connect(port: int) -> http.client.HTTPConnection:
    return http.client.HTTPConnection("127.0.0.1", port, timeout=TIMEOUT)


def kill_while_posting(
    port: int, master: int, posters: list[Poster], kills: int, seconds: float
) -> tuple[History, int]:
    """Post with every client while workers are killed with -9; the history, and how many were killed."""
    history, stop = History(), threading.Event()
    clients = [threading.Thread(target=_post_until, args=(port, poster, history, stop)) for poster in posters]
    for client in clients:
        client.start()
    done, deadline, chance = 0, time.monotonic() + seconds, random.Random(7)
    while done < kills and time.monotonic() < deadline:
        time.sleep(chance.uniform(0.05, 0.6))
        done += _kill_one(master, chance)
    stop.set()
    for client in clients:
        client.join()
    return history, done


def _kill_one(master: int, chance: random.Random) -> int:
    workers = Path(f"/proc/{master}/task/{master}/children").read_text().split()
    if not workers:
        return 0
    with contextlib.suppress(ProcessLookupError):
        os.kill(int(chance.choice(workers)), signal.SIGKILL)
        return 1
    return 0


def _post_until(port: int, poster: Poster, history: History, stop: threading.Event) -> None:
    chance = random.Random(poster.cookie)
    while not stop.is_set():
        key = uuid.uuid4().hex
        attempts = chance.choice((1, ATTEMPTS))  # some people give up after the first failure
        folio = _post_with_retries(port, poster, key, attempts, history)
        # Some send again what was already acknowledged, as after a lost answer.
        again = _post(port, poster, key) if folio and chance.random() < 0.3 else None
        with history.lock:
            if folio:
                history.acknowledged[key] = {folio, *({again} if again else ())}
            else:
                history.unknown.add(key)


def _post_with_retries(port: int, poster: Poster, key: str, attempts: int, history: History) -> str | None:
    for _ in range(attempts):
        folio = _post(port, poster, key)
        if folio:
            return folio
        with history.lock:
            history.interrupted += 1
        time.sleep(0.05)
    return None


def _post(port: int, poster: Poster, key: str) -> str | None:
    """Send one proposal; its folio when the server acknowledged it."""
    fields = {
        "csrf_token": poster.token,
        "form_key": key,
        "kind": "proposal",
        "plan": poster.plan,
        "topic": poster.topic,
        "title": "",
        "body": f"Propuesta que debe quedar una sola vez: {key}",
        "suggested_institution": "",
    }
    headers = {"Cookie": f"consulta={poster.cookie}", "Content-Type": "application/x-www-form-urlencoded"}
    try:
        with contextlib.closing(_connect(port)) as connection:
            connection.request("POST", "/participar/aportes", urllib.parse.urlencode(fields), headers)
            answer = connection.getresponse()
            answer.read()
            location = answer.getheader("Location") or ""
    except (OSError, http.client.HTTPException):
        return None
    if answer.status != 303 or "/participar/recibo/" not in location:
        return None
    return location.rsplit("/", 1)[1]


def what_is_wrong(session: Session, history: History) -> list[str]:
    """Every promise that does not hold; nothing when all do."""
    problems = [f"counter: {drift}" for drift in find_drift(session)]
    rows = session.execute(sa.select(Contribution.id, Contribution.body)).all()
    by_key: dict[str, list[int]] = {}
    for row in rows:
        by_key.setdefault(row.body.rsplit(" ", 1)[1], []).append(row.id)
    folios = _folios(session)
    receipts = dict(session.execute(sa.select(Receipt.form_key, Receipt.reference)).all())
    for key, given in history.acknowledged.items():
        stored = by_key.get(key, [])
        if len(stored) != 1:
            problems.append(f"acknowledged {key} is stored {len(stored)} times")
        elif given != {folios.get(stored[0])}:
            problems.append(f"{key} was told {given}, stored as {folios.get(stored[0])}")
        elif receipts.get(key) != str(stored[0]):
            problems.append(f"{key} has no receipt")
    for key in history.unknown:
        if len(by_key.get(key, [])) > 1:
            problems.append(f"{key}, never acknowledged, is stored more than once")
    problems += [f"nobody sent {key}" for key in by_key.keys() - history.acknowledged.keys() - history.unknown]
    return problems + _incomplete(session, [row.id for row in rows], folios)


def _folios(session: Session) -> dict[int, str]:
    statement = sa.select(ProposalSource.contribution_id, Proposal.folio).join(
        Proposal, Proposal.id == ProposalSource.proposal_id
    )
    return dict(session.execute(statement).all())


def _incomplete(session: Session, contributions: list[int], folios: dict[int, str]) -> list[str]:
    """Contributions without all that hangs on them: proposal, log, mail and index."""
    problems = []
    if len(set(folios.values())) != len(contributions) or folios.keys() != set(contributions):
        problems.append("proposals and contributions do not go one to one")
    acts = session.execute(sa.select(AuditEntry.act, AuditEntry.object_id))
    log = Counter((row.act, row.object_id) for row in acts)
    mails = Counter(row["contribution_id"] for row in _payloads(session, "contribution_received"))
    indexed = Counter(row["id"] for row in _payloads(session, "proposal"))
    problems += [f"{key} is not in the log once" for key in contributions if log["contribution.submit", key] != 1]
    problems += [f"{key} has no mail, or two" for key in contributions if mails[key] != 1]
    if sum(indexed.values()) != len(contributions):
        problems.append("proposals are not indexed once each")
    return problems


def _payloads(session: Session, name: str) -> list[dict[str, int]]:
    return list(session.scalars(sa.select(OutboxRow.payload).where(OutboxRow.name == name)))
