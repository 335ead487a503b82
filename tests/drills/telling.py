"""Telling followers with real workers that die: the workers, who kills them, and what must be true afterwards.

Run as a module it begins workers, over small pages so that there is much to interrupt; each ends when nothing is left.
"""

import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from datetime import timedelta
from pathlib import Path
from typing import Any, cast

import sqlalchemy as sa
from sqlalchemy.orm import Session

from consulta import clock
from consulta.contributions.services import reply, submit_contribution
from consulta.database import Database
from consulta.follows import digests, spreading
from consulta.follows.models import Event, Mode, Notice
from consulta.messages.links import Site
from consulta.messages.sending import FilePost
from consulta.outbox import queue, worker
from consulta.outbox.models import OutboxKind, OutboxRow, OutboxState
from consulta.people.models import Person
from consulta.privacy.ledger import FILE_NAME, ErasureList
from tests.factories.follows import make_follow
from tests.factories.people import make_actor, make_person
from tests.factories.plans import make_plan, make_trusting_topic

ROOT = Path(__file__).resolve().parents[2]
MODES = tuple(Mode)


class NoIndex:
    """What is searched is told elsewhere."""

    def is_usable(self) -> bool:
        return True

    def update(self, documents: Any, gone: Any) -> None:
        pass


def prepare(database: Database, followers: int, proposals: int) -> None:
    """A topic with followers of every mode, proposals in it, and an answer to each by somebody else."""
    with database.session() as session:
        topic = make_trusting_topic(session, make_plan(session))
        for number in range(followers):
            make_follow(session, make_person(session), topic=topic, mode=MODES[number % len(MODES)])
        author, other = make_actor(session), make_actor(session)
        for number in range(proposals):
            source = submit_contribution(
                session,
                actor=author,
                topic_id=topic.id,
                title="Gasto abierto",
                body=f"Propongo publicar el gasto de cada escuela, marca-{number}-fin.",
                form_key=f"propuesta-{number}",
            )
            words = f"Estoy de acuerdo, marca-r{number}-fin."
            reply(session, actor=other, parent_id=source.id, body=words, form_key=f"respuesta-{number}")


class Workers:
    """Begins workers, each a real process: they are forked from one that has loaded everything and opened nothing."""

    def __init__(self, database: Database, folder: Path) -> None:
        url = database.url.render_as_string(hide_password=False)
        self._log = (folder / "worker.log").open("ab")
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.drills.telling", url, str(folder)],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._log,
            text=True,
            bufsize=1,
        )

    def __enter__(self) -> "Workers":
        return self

    def __exit__(self, *_: object) -> None:
        self._process.communicate()
        self._log.close()

    def _ask(self, line: str) -> int:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(line + "\n")
        return int(self._process.stdout.readline())

    def kill_some(self, kills: int, *, days: int = 0) -> int:
        """Let workers begin, so many days ahead, and kill each in the middle of its work; how many died that way."""
        chance, killed = random.Random(3), 0
        for _ in range(kills):
            number = self._ask(f"begin {days} -")
            time.sleep(chance.uniform(0.05, 0.4))
            os.kill(number, signal.SIGKILL)  # not yet waited for, so the number is still its own
            killed += os.waitstatus_to_exitcode(self._ask("wait")) == -signal.SIGKILL
        return killed

    def finish(self, *, days: int = 0, variant: str = "-") -> int:
        """Let a worker do what is left; its exit status."""
        self._ask(f"begin {days} {variant}")
        return os.waitstatus_to_exitcode(self._ask("wait"))


def what_is_wrong(session: Session, folder: Path, followers: int) -> list[str]:
    """Every promise that does not hold; nothing when all do."""
    problems = [f"{row.name} {row.id} is {row.state}" for row in _unfinished(session)]
    told = Counter(session.scalars(sa.select(Notice.event_id)))
    names = dict(session.execute(sa.select(Event.id, Event.kind)).all())
    events = session.scalar(sa.select(sa.func.count()).where(OutboxRow.kind == OutboxKind.EVENT))
    if len(names) != events:
        problems.append(f"of {events} events {len(names)} were told")
    for key, kind in names.items():
        wanted = followers if kind.value == "proposal_published" else 1
        if told[key] != wanted:
            problems.append(f"{kind.value} was told to {told[key]} of {wanted}")
    return problems + _mails(session, folder)


def _unfinished(session: Session) -> list[OutboxRow]:
    return list(session.scalars(sa.select(OutboxRow).where(OutboxRow.state != OutboxState.DONE)))


def _mails(session: Session, folder: Path) -> list[str]:
    """Each mark of each proposal is in one mail to each follower who wanted mails, and each digest came once."""
    problems, seen, digests_to = [], Counter[tuple[str, str]](), Counter[str]()
    marks = [f"marca-{number}-fin" for number in range(session.scalar(_proposals()) or 0)]
    rows = session.execute(sa.select(OutboxRow.id, OutboxRow.name).where(OutboxRow.kind == OutboxKind.NOTICE))
    for key, name in rows:
        file = folder / f"outbox-{key}.eml"
        if not file.exists():
            problems.append(f"{name} {key} was never sent")
            continue
        text = file.read_text(encoding="utf-8")
        to = text.split("To: ", 1)[1].split("\n", 1)[0].strip()
        digests_to[to] += name == "follow_digest"
        seen.update((to, mark) for mark in marks if mark in text)
    modes = session.execute(
        sa.select(Person.email, Notice.mode).join(Notice, Notice.person_id == Person.id).distinct()
    ).all()
    for email, mode in modes:
        if email not in digests_to and mode is not Mode.OFF:
            problems.append(f"{email} got nothing")
        wanted = int(mode in (Mode.DAILY, Mode.WEEKLY))
        if digests_to[email] != wanted:
            problems.append(f"{email} got {digests_to[email]} digests")
    problems += [f"{to} got {mark} {count} times" for (to, mark), count in seen.items() if count != 1]
    wanted_marks = sum(mode is not Mode.OFF for _email, mode in modes) - _answered(session)
    if len(seen) != wanted_marks * len(marks):
        problems.append(f"{len(seen)} marks of {wanted_marks * len(marks)} were mailed")
    return problems


def _proposals() -> sa.Select[int]:
    return sa.select(sa.func.count()).where(OutboxRow.name == "proposal_published")


def _answered(session: Session) -> int:
    """How many persons were told only of answers to them, which have marks of their own."""
    answers = sa.select(sa.func.count(sa.distinct(Notice.person_id))).join(Event, Event.id == Notice.event_id)
    return session.scalar(answers.where(Event.kind == "reply_published")) or 0


def _begin_workers(url: str, folder: str) -> None:
    """Begin a worker when told to, or wait until it has ended; answers its number, and its status."""
    number = 0
    for line in sys.stdin:
        if line.startswith("wait"):
            print(os.waitpid(number, 0)[1], flush=True)
            continue
        _begin, days, variant = line.split()
        number = os.fork()
        if number == 0:
            _work(url, folder, int(days), variant)
            os._exit(0)
        print(number, flush=True)


def _work(url: str, folder: str, days: int, variant: str) -> None:
    ahead, real_now = timedelta(days=days), clock.now
    clock.now = lambda: real_now() + ahead
    # What a killed worker left is taken over at once, and there is much to interrupt.
    queue.CLAIM_LASTS = timedelta(seconds=0.2)
    spreading.PAGE, digests.PAGE = 5, 5
    # What follows within this is added to a mail that waits: more to interrupt, and not long to wait for.
    spreading.QUIET_TIME = timedelta(seconds=0.5)
    if variant == "hasty":
        worker.spread_page = _hasty
    post = FilePost(Path(folder), "consulta@example.org", "example.org")
    database = Database(url)
    site, erasures = Site("https://consulta.example.org", "secret"), ErasureList(Path(folder) / FILE_NAME)
    one = worker.Worker(database, cast("Any", NoIndex()), post, site, erasures)
    while one.work() or _is_left(database):
        time.sleep(0.01)


def _is_left(database: Database) -> bool:
    """Whether something is still claimed by a worker that died."""
    with database.reading() as session:
        return session.scalar(sa.select(OutboxRow.id).where(OutboxRow.state != OutboxState.DONE).limit(1)) is not None


def _hasty(session: Session, row: OutboxRow) -> None:
    """Calls an event told after its first page, whatever is left."""
    spreading.spread_page(session, row)


if __name__ == "__main__":
    _begin_workers(*sys.argv[1:])
