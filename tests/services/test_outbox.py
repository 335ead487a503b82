"""What happens after a commit: at least once, hardly ever twice, and nothing stops the rest."""

import threading
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from config import Config
from consulta import clock
from consulta.changes import transaction
from consulta.contributions.models import ContributionState
from consulta.database import Database
from consulta.messages import registry
from consulta.messages.links import Site
from consulta.messages.mail import Mail
from consulta.messages.sending import FilePost, PostUnavailable, compose
from consulta.outbox.models import OutboxKind, OutboxRow, OutboxState
from consulta.outbox.queue import CLAIM_LASTS, MAX_ATTEMPTS, Queue, delay_after
from consulta.outbox.worker import Worker
from consulta.people.actors import CLOCK
from consulta.privacy.ledger import ErasureList
from consulta.search.index import SearchIndex, open_index, rebuild
from consulta.search.queries import find
from consulta.search.question import Question
from tests.factories.contributions import make_contribution
from tests.factories.people import make_person
from tests.factories.plans import make_plan, make_topic
from tests.factories.proposals import make_proposal

SITE = Site("https://consulta.example.org", "secret")
START = datetime(2030, 1, 7, 15, tzinfo=UTC)


class Killed(BaseException):
    """The process is gone: nothing after it runs."""


class Postbox:
    """Keeps what it is given; refuses, is away or dies when told to."""

    def __init__(self) -> None:
        self.letters: list[EmailMessage] = []
        self.trouble: BaseException | None = None
        self.dies_after = False

    def deliver(self, mail: Mail, key: str) -> None:
        if self.trouble is not None:
            raise self.trouble
        self.letters.append(compose(mail, key=key, sender="consulta@example.org", host="example.org"))
        if self.dies_after:
            raise Killed

    def close(self) -> None:
        pass


@pytest.fixture
def postbox() -> Postbox:
    return Postbox()


@pytest.fixture
def index(settings: Config, database: Database) -> SearchIndex:
    found = open_index(settings, database)
    rebuild(found, database)
    return found


@pytest.fixture
def worker(database: Database, index: SearchIndex, postbox: Postbox, tmp_path: Path) -> Worker:
    return Worker(database, index, postbox, SITE, ErasureList(tmp_path / "erasures.jsonl"))


@pytest.fixture
def messages(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """The registered messages; what a test adds goes away with it."""
    monkeypatch.setattr(registry, "MESSAGES", dict(registry.MESSAGES))
    return registry.MESSAGES


def put_mail(session: Session, name: str = "greeting", **payload: Any) -> None:
    with transaction(session, actor=CLOCK) as change:
        change.mail(name, **payload)


def rows(session: Session) -> list[OutboxRow]:
    session.rollback()
    session.expire_all()
    return list(session.scalars(sa.select(OutboxRow).order_by(OutboxRow.id)))


def greet(messages: dict[str, Any]) -> None:
    @registry.message("greeting")
    def write(session: Session, site: Site, **ids: int) -> Mail:
        return Mail("ana@example.org", "Buen día", "Texto")


def test_a_row_exists_only_if_the_change_does(session: Session) -> None:
    def fail_late() -> None:
        with transaction(session, actor=CLOCK) as change:
            change.mail("greeting")
            raise RuntimeError("too late")

    with pytest.raises(RuntimeError, match="too late"):
        fail_late()
    assert rows(session) == []


def test_mail_is_sent_once_and_marked(
    session: Session, worker: Worker, postbox: Postbox, messages: dict[str, Any]
) -> None:
    greet(messages)
    put_mail(session)
    worker.run(once=True)
    worker.run(once=True)
    assert [letter["Subject"] for letter in postbox.letters] == ["Buen día"]
    assert [row.state for row in rows(session)] == [OutboxState.DONE]


def test_killed_between_sending_and_marking_sends_the_same_message_again(
    session: Session, worker: Worker, postbox: Postbox, messages: dict[str, Any]
) -> None:
    greet(messages)
    with clock.set_to(START):
        put_mail(session)
        postbox.dies_after = True
        with pytest.raises(Killed):
            worker.run(once=True)
        postbox.dies_after = False
        worker.run(once=True)  # the claim still stands
    assert len(postbox.letters) == 1
    with clock.set_to(START + CLAIM_LASTS):
        worker.run(once=True)
    assert len(postbox.letters) == 2
    assert len({letter["Message-ID"] for letter in postbox.letters}) == 1
    assert [row.state for row in rows(session)] == [OutboxState.DONE]


def test_poison_is_parked_after_its_tries_and_the_rest_goes_out(
    session: Session, worker: Worker, postbox: Postbox, messages: dict[str, Any]
) -> None:
    greet(messages)

    @registry.message("poison")
    def write(session: Session, site: Site) -> Mail:
        raise KeyError("no such thing")

    moment = START
    with clock.set_to(moment):
        put_mail(session, "poison")
        put_mail(session)
    for attempt in range(1, MAX_ATTEMPTS + 3):
        with clock.set_to(moment):
            worker.run(once=True)
        moment += delay_after(min(attempt, MAX_ATTEMPTS)) + timedelta(seconds=1)
    poison, healthy = rows(session)
    assert (poison.state, poison.attempts) == (OutboxState.PARKED, MAX_ATTEMPTS)
    assert "no such thing" in (poison.error or "")
    assert healthy.state is OutboxState.DONE
    assert len(postbox.letters) == 1


def test_unknown_message_and_bad_address_are_kept_with_their_error(
    session: Session, worker: Worker, postbox: Postbox, messages: dict[str, Any]
) -> None:
    @registry.message("split")
    def write(session: Session, site: Site) -> Mail:
        return Mail("ana@example.org\r\nBcc: otra@example.org", "Hola", "Texto")

    put_mail(session, "nobody_writes_this")
    put_mail(session, "split")
    worker.run(once=True)
    assert postbox.letters == []
    assert ["UnknownMessage" in (row.error or "") or "BadAddress" in (row.error or "") for row in rows(session)] == [
        True,
        True,
    ]


def test_a_server_that_is_down_costs_no_tries_and_mail_goes_out_later(
    session: Session, worker: Worker, postbox: Postbox, messages: dict[str, Any]
) -> None:
    greet(messages)
    with clock.set_to(START):
        put_mail(session)
        put_mail(session)
    postbox.trouble = PostUnavailable("down")
    moment = START
    while moment < START + timedelta(hours=24):
        with clock.set_to(moment):
            worker.run(once=True)
        moment += timedelta(minutes=10)
    assert [(row.state, row.attempts) for row in rows(session)] == [(OutboxState.NEW, 0)] * 2
    postbox.trouble = None
    with clock.set_to(moment):
        worker.run(once=True)
    assert len(postbox.letters) == 2
    assert len({letter["Message-ID"] for letter in postbox.letters}) == 2


def test_a_message_for_several_is_a_row_for_each(
    session: Session, worker: Worker, postbox: Postbox, messages: dict[str, Any]
) -> None:
    @registry.message("all", each=lambda session, **ids: [{"person_id": 1}, {"person_id": 2}])
    def write(session: Session, site: Site, *, person_id: int) -> Mail:
        if person_id == 2 and not postbox.letters[1:]:
            postbox.letters.append(EmailMessage())
            raise ValueError("only the second one fails, once")
        return Mail(f"p{person_id}@example.org", "Hola", "Texto")

    with clock.set_to(START):
        put_mail(session, "all")
        worker.run(once=True)
    with clock.set_to(START + timedelta(minutes=1)):
        worker.run(once=True)
    assert [letter["To"] for letter in postbox.letters if letter["To"]] == ["p1@example.org", "p2@example.org"]
    assert {row.state for row in rows(session)} == {OutboxState.DONE}


def test_two_workers_never_claim_the_same_row(session: Session, database: Database) -> None:
    with transaction(session, actor=CLOCK) as change:
        for _ in range(60):
            change.mail("greeting")
    claimed: list[int] = []
    barrier = threading.Barrier(3)

    def claim() -> None:
        queue = Queue(database)
        barrier.wait()
        while found := queue.claim(OutboxKind.MAIL, 7):
            claimed.extend(row.id for row in found)

    threads = [threading.Thread(target=claim) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(claimed) == len(set(claimed)) == 60


def test_a_claim_takes_no_more_than_it_asks_for(session: Session, database: Database) -> None:
    """A worker that took everything at once would still be sending when its claim is over, and another one too."""
    with transaction(session, actor=CLOCK) as change:
        for number in range(30):
            change.mail("contribution_received", contribution_id=number)
    assert len(Queue(database).claim(OutboxKind.MAIL, 5)) == 5
    assert len(Queue(database).claim(OutboxKind.MAIL, 50)) == 25


def test_a_claim_taken_over_is_not_marked_by_its_first_owner(session: Session, database: Database) -> None:
    queue = Queue(database)
    with clock.set_to(START):
        put_mail(session)
        mine = queue.claim(OutboxKind.MAIL, 1)
    with clock.set_to(START + CLAIM_LASTS):
        theirs = queue.claim(OutboxKind.MAIL, 1)
        queue.fail(mine[0], RuntimeError("late"))
    assert [row.state for row in rows(session)] == [OutboxState.CLAIMED]
    queue.finish(theirs)
    assert [row.state for row in rows(session)] == [OutboxState.DONE]


def test_published_words_can_be_found_and_hidden_ones_no_longer(
    session: Session, database: Database, worker: Worker, index: SearchIndex
) -> None:
    topic = make_topic(session, make_plan(session))
    proposal = make_proposal(session, source=make_contribution(session, topic, body="Luminarias para la cancha."))
    with transaction(session, actor=CLOCK) as change:
        change.index(proposal)
    worker.run(once=True)
    assert find(session, index, "luminarias").count == 1
    with transaction(session, actor=CLOCK) as change:
        proposal.sources[0].state = ContributionState.HIDDEN
        change.index(proposal.sources[0])
    worker.run(once=True)
    assert index.search(session, Question(["luminari"])) == []


def test_stopping_ends_the_run(worker: Worker) -> None:
    thread = threading.Thread(target=worker.run)
    thread.start()
    worker.stop()
    thread.join(timeout=5)
    assert not thread.is_alive()


def test_files_hold_the_same_mail_when_sent_again(tmp_path: Path) -> None:
    post = FilePost(tmp_path, "consulta@example.org", "example.org")
    for _ in range(2):
        post.deliver(Mail("ana@example.org", "Señal: información", "Año nuevo\n"), "7")
    files = list(tmp_path.iterdir())
    assert [file.name for file in files] == ["outbox-7.eml"]
    letter = message_from_bytes(files[0].read_bytes())
    assert (letter["Message-ID"], letter["Auto-Submitted"]) == ("<outbox-7@example.org>", "auto-generated")
    body = letter.get_payload(decode=True)
    assert isinstance(body, bytes)
    assert body.decode().strip() == "Año nuevo"


def test_person_without_address_gets_nothing(session: Session, worker: Worker, postbox: Postbox) -> None:
    topic = make_topic(session, make_plan(session))
    contribution = make_contribution(session, topic, person=make_person(session, email=None))
    make_proposal(session, source=contribution)
    put_mail(session, "contribution_received", contribution_id=contribution.id)
    worker.run(once=True)
    assert postbox.letters == []
    assert [row.state for row in rows(session)] == [OutboxState.DONE]
