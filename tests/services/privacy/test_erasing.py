"""Erasing somebody: nothing that names them or that they wrote in private is left anywhere, and every sum stays."""

from collections.abc import Callable
from contextlib import nullcontext
from datetime import timedelta
from pathlib import Path
from typing import Any, TypeVar

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from config import Config
from consulta import clock
from consulta.audit.models import AuditEntry
from consulta.contributions import services as writing
from consulta.contributions.counters import find_drift
from consulta.contributions.models import Contribution, Report, Revision
from consulta.database import Base, Database, table_of
from consulta.database import writing as writing_to
from consulta.errors import GuardRefused, Invalid, NotAllowed
from consulta.figures.services import account as accounting
from consulta.messages.links import Site
from consulta.moderation.models import ModerationAct
from consulta.outbox.worker import Worker
from consulta.people.models import Membership, Person, Role
from consulta.people.rules import RETIRED_NAME
from consulta.privacy.fates import EMPTIED, FATES, ROWS_GO
from consulta.privacy.ledger import ErasureList
from consulta.privacy.models import Erasure
from consulta.privacy.retiring import erase_due
from consulta.privacy.rules import ERASED_TEXT, TAKEN_OUT
from consulta.privacy.services import ask_for_erasure, call_off_erasure
from consulta.proposals.models import Proposal
from consulta.search.index import open_index, rebuild
from tests.clients import Client
from tests.factories import store
from tests.factories.people import actor_of, make_actor, make_coordinator, make_person
from tests.parallel import in_parallel
from tests.services.privacy.life import EMAIL, GOES, NAME, STAYS, Life
from tests.services.test_outbox import Postbox

Result = TypeVar("Result")
DAY = timedelta(hours=24, seconds=1)


@pytest.fixture
def life(app: Flask, session: Session) -> Life:
    return Life(app, session)


@pytest.fixture
def erasures(tmp_path: Path) -> ErasureList:
    return ErasureList(tmp_path / "erasures.jsonl")


@pytest.fixture
def postbox() -> Postbox:
    return Postbox()


@pytest.fixture
def worker(database: Database, settings: Config, postbox: Postbox, erasures: ErasureList) -> Worker:
    index = open_index(settings, database)
    rebuild(index, database)
    return Worker(database, index, postbox, Site("https://consulta.example.org", "secret"), erasures)


def ask(session: Session, life: Life, **changes: Any) -> Erasure:
    return ask_for_erasure(session, actor=life.me, is_sure=True, **changes)


def tomorrow(act: Callable[..., Result], *arguments: Any, **named: Any) -> Result:
    """What an act answers when the day of the request has passed."""
    with clock.set_to(clock.now() + DAY):
        return act(*arguments, **named)


def pass_a_day(worker: Worker, after: timedelta = DAY) -> None:
    with clock.set_to(clock.now() + after):
        worker.run(once=True)
    with clock.set_to(clock.now() + after + timedelta(minutes=1)):
        worker.run(once=True)


def counted(session: Session, life: Life) -> Any:
    """Every figure of the plan, and how many rows each table that is counted has."""
    session.rollback()
    session.expire_all()
    models = (Person, Contribution, Revision, Report, Proposal, ModerationAct)
    rows = [session.scalar(sa.select(sa.func.count()).select_from(table_of(model))) for model in models]
    assert not list(find_drift(session))
    return accounting(session, life.plan), rows


def test_nothing_of_the_person_is_left_and_every_figure_stays(
    session: Session, database: Database, life: Life, worker: Worker, postbox: Postbox, app: Flask
) -> None:
    worker.run(once=True)
    before = counted(session, life)
    assert {mark for line in life.found() for mark in [line.partition(": ")[2]]} == set(GOES)
    log = session.scalar(sa.select(sa.func.count()).select_from(AuditEntry))
    ask(session, life, text_ids=[life.texts["chosen"], life.texts["hidden"]])
    pass_a_day(worker)
    assert life.found() == []
    _look_at_words(life)
    assert counted(session, life) == before
    assert [str(letter["To"]) for letter in postbox.letters[-2:]] == [EMAIL, EMAIL]
    assert "última" not in str(postbox.letters[-1]["Subject"])
    # The request, and the erasure itself.
    assert session.scalar(sa.select(sa.func.count()).select_from(AuditEntry)) == (log or 0) + 2
    person = session.get_one(Person, life.person.id)
    assert (person.public_name, person.email, person.consent_at) == (RETIRED_NAME, None, None)
    assert _in_index(worker) == []
    _look_at_pages(app, life)


def _in_index(worker: Worker) -> list[str]:
    """Marks in the files of the index, or in its table, which `found` has looked at."""
    folder = getattr(worker._index, "_folder", None)
    content = b"".join(path.read_bytes() for path in folder.glob("*.seg")) if folder else b""
    return [mark for mark in GOES if mark.encode() in content]


def _look_at_pages(app: Flask, life: Life) -> None:
    app.test_client_class = Client
    client, plan = app.test_client(), life.plan.code
    folios = [link.proposal.folio for name in ("kept", "chosen", "hidden") for link in life.text(name).proposal_links]
    topic = f"/planes/{plan}/temas/{life.topic.code}"
    paths = [topic, f"/planes/{plan}/propuestas", f"/aportes/{life.texts['kept']}/cambios", "/buscar?q=agua"]
    pages = {path: client.get(path).text for path in [*paths, *(f"/propuestas/{folio}" for folio in folios)]}
    for path, page in pages.items():
        assert [mark for mark in GOES if mark in page.lower()] == [], path
    assert RETIRED_NAME in pages[topic]
    assert STAYS in pages[topic]
    assert TAKEN_OUT in pages[topic]
    assert ERASED_TEXT in pages[topic]


def _look_at_words(life: Life) -> None:
    """They stay where they are public, and only there."""
    out = TAKEN_OUT
    kept = life.text("kept")
    said = f"{STAYS}: agua limpia. Soy {out}, {out}, tel. {out} o {out}, DUI {out}. Plan 2018-2020."
    assert (kept.public_title, kept.public_body) == (f"Agua para todos, dice {out}", said)
    assert (kept.title, kept.body) == (kept.public_title, kept.public_body)
    assert kept.support_count == 1
    assert life.text("answer").public_body == f"Gracias, {out}."
    redacted = life.text("redacted")
    assert redacted.body == redacted.public_body == f"{STAYS}: un parque donde juegan los niños."
    for name in ("chosen", "hidden", "withdrawn", "pending", "rejected"):
        text = life.text(name)
        assert (text.title, text.body, text.public_title, text.public_body) == (None, ERASED_TEXT, None, ERASED_TEXT)
    proposal = life.text("chosen").proposal_links[0].proposal
    assert (proposal.title, proposal.summary) == (None, ERASED_TEXT)
    assert life.text("kept").proposal_links[0].proposal.title == kept.public_title


def test_what_is_called_off_in_time_changes_nothing(session: Session, life: Life, worker: Worker) -> None:
    worker.run(once=True)
    before, marks = counted(session, life), set(life.found())
    ask(session, life)
    with clock.set_to(clock.now() + timedelta(hours=23)):
        worker.run(once=True)
        call_off_erasure(session, actor=life.me)
    pass_a_day(worker)
    assert counted(session, life) == before
    assert set(life.found()) == marks
    assert session.get_one(Person, life.person.id).retired_at is None


def test_asked_for_twice_it_waits_and_is_done_once(session: Session, database: Database, erasures: ErasureList) -> None:
    """And once its day has passed nothing can be called off."""
    me = make_actor(session)
    first = ask_for_erasure(session, actor=me, is_sure=True).due_at
    with clock.set_to(clock.now() + timedelta(hours=5)):
        assert ask_for_erasure(session, actor=me, is_sure=True).due_at == first
    with pytest.raises(GuardRefused):
        tomorrow(call_off_erasure, session, actor=me)
    done = in_parallel(database, [lambda each: tomorrow(erase_due, each, erasures)] * 4)
    assert sorted(map(int, done)) == [0, 0, 0, 1]  # type: ignore[arg-type]
    assert len(list(erasures.read())) == 1
    assert session.query(AuditEntry).filter_by(act="person.erase").count() == 1


def test_it_needs_a_yes_and_nobody_with_a_role(session: Session, erasures: ErasureList) -> None:
    person, team = make_person(session, public_name=NAME), make_coordinator(session)
    with pytest.raises(Invalid):
        ask_for_erasure(session, actor=actor_of(person), is_sure=False)
    with pytest.raises(NotAllowed):
        ask_for_erasure(session, actor=team, is_sure=True)
    ask_for_erasure(session, actor=actor_of(person), is_sure=True)
    store(session, Membership(person_id=person.id, role=Role.OBSERVER))
    assert tomorrow(erase_due, session, erasures) == 0
    session.expire_all()
    assert session.query(Erasure).count() == 0
    assert session.get_one(Person, person.id).public_name == NAME


def test_whoever_writes_meanwhile_is_in_time_or_refused(
    session: Session, database: Database, life: Life, erasures: ErasureList
) -> None:
    ask(session, life, all_texts=True)
    topic_id = life.topic.id

    def write(number: int) -> Any:
        def act(each: Session) -> Any:
            body = f"Escribo {number} mientras me borran, yo, {NAME}."
            key = f"at-once-{number}"
            words = {"title": "A la vez", "body": body, "form_key": key}
            return tomorrow(writing.submit_contribution, each, actor=life.me, topic_id=topic_id, **words)

        return act

    acts = [write(number) for number in range(4)]
    answers = in_parallel(database, [*acts[:2], lambda each: tomorrow(erase_due, each, erasures), *acts[2:]])
    assert answers[2] == 1
    assert all(isinstance(answer, int | Contribution | NotAllowed) for answer in answers)
    assert [line for line in life.found() if "erasure:" not in line] == []
    said = sa.select(Contribution.public_body).where(Contribution.person_id == life.person.id)
    assert set(session.scalars(said)) == {ERASED_TEXT}
    with pytest.raises(NotAllowed):
        write(9)(session)


def test_the_log_loses_what_named_somebody_only_while_they_are_erased(session: Session) -> None:
    persons = [make_person(session) for _ in range(2)]
    for person in persons:
        ask_for_erasure(session, actor=actor_of(person), is_sure=True)
    mine, other = session.scalars(sa.select(AuditEntry).order_by(AuditEntry.id)).all()
    _lose(session, mine, refused=True, actor=RETIRED_NAME)
    with writing_to(session):
        session.get_one(Person, persons[0].id).retired_at = clock.now()
    for values in ({"act": "nothing"}, {"actor": "Otra"}, {"reason": "Otra"}, {"detail": {"a": 1}}, {"object_id": 0}):
        _lose(session, mine, refused=True, **values)
    _lose(session, other, refused=True, actor=RETIRED_NAME)
    _lose(session, mine, refused=False, actor=RETIRED_NAME, reason=None, detail={})
    with pytest.raises(sa.exc.DBAPIError, match="append-only"), writing_to(session):
        session.execute(sa.delete(AuditEntry).where(AuditEntry.id == mine.id))


def _lose(session: Session, entry: AuditEntry, *, refused: bool, **values: Any) -> None:
    expected = pytest.raises(sa.exc.DBAPIError, match="append-only") if refused else nullcontext()
    with expected, writing_to(session):
        session.execute(sa.update(AuditEntry).where(AuditEntry.id == entry.id).values(values))


def test_every_column_has_its_fate() -> None:
    """A new one has to be decided in `fates.py`, and one that is gone leaves."""
    undecided, unknown = [], set(FATES)
    for table in Base.metadata.sorted_tables:
        unknown.discard(table.name)
        decided = FATES.get(table.name, {})
        named = {column for name, column, _ in ROWS_GO if name == table.name}
        named |= {emptied for name, emptied, _, _ in EMPTIED if name == table.name}
        named |= set(decided) if isinstance(decided, dict) else set(table.c.keys())
        goes = any(name == table.name for name, _, _ in ROWS_GO)
        undecided += [f"{table.name}.{c.name}" for c in table.c if c.name not in named and _matters(c, goes=goes)]
        unknown |= {f"{table.name}.{column}" for column in named if column not in table.c}
    assert undecided == []
    assert unknown == set()


def _matters(column: sa.Column[Any], *, goes: bool) -> bool:
    """Whether it ties a row to somebody or, in rows that stay, holds words."""
    tied = {key.column.table.name for key in column.foreign_keys} & {"person", "account", "contribution"}
    kind: Any = column.type
    stored = kind.impl_instance if isinstance(kind, sa.types.TypeDecorator) else kind
    is_free = isinstance(stored, sa.Text | sa.JSON | sa.LargeBinary)
    return bool(tied) or (is_free and not goes)
