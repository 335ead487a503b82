"""The list of erasures outside of the database, and doing again what a restored backup undid."""

import shutil
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from consulta import commands
from consulta.audit.models import AuditEntry
from consulta.database import Base, Database
from consulta.outbox.models import OutboxRow
from consulta.people.models import Person
from consulta.people.rules import RETIRED_NAME
from consulta.privacy.ledger import BadLine, Entry, ErasureList, Row
from consulta.privacy.models import Erasure
from consulta.privacy.retiring import complete_list, erase_due, keep_up, replay
from consulta.privacy.rules import ERASED_TEXT
from consulta.privacy.services import ask_for_erasure
from tests.factories.people import actor_of, make_person
from tests.services.privacy.life import Life
from tests.services.privacy.test_erasing import tomorrow

NOON = "2030-01-07T18:00:00+00:00"


@pytest.fixture
def erasures(tmp_path: Path) -> ErasureList:
    return ErasureList(tmp_path / "list" / "erasures.jsonl")


def entry(number: int) -> Entry:
    return Entry(NOON, NOON, (Row(number, NOON),), (Row(7, NOON),))


def test_the_list_keeps_each_erasure_once_and_outlives_a_cut(erasures: ErasureList) -> None:
    erasures.add(entry(1))
    erasures.add(entry(1))
    whole = erasures.path.read_bytes()
    erasures.path.write_bytes(whole + b'{"asked_at": "2030')  # the power went while the next was written
    assert list(erasures.read()) == [entry(1)]
    erasures.add(entry(2))
    assert list(erasures.read()) == [entry(1), entry(2)]
    assert erasures.path.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("line", [b"basura", b"{}", b'{"persons": [], "texts": []}', b"[1]", b"\xff\xfe"])
def test_a_line_that_is_no_entry_hides_no_other(erasures: ErasureList, line: bytes) -> None:
    erasures.add(entry(1))
    erasures.path.write_bytes(line + b"\n" + erasures.path.read_bytes())
    bad, good = erasures.read()
    assert isinstance(bad, BadLine)
    assert good == entry(1)


@pytest.fixture
def backup(database: Database, session: Session, tmp_path: Path) -> Any:
    """`backup()` keeps the database as it is, and answers what brings that back."""

    def keep() -> Any:
        if not database.is_sqlite:
            return _keep_rows(database)
        session.rollback()
        database.engine.dispose()
        path = Path(str(database.url.database))
        shutil.copy(path, tmp_path / "backup")

        def restore() -> None:
            session.close()
            database.engine.dispose()
            for leftover in path.parent.glob(f"{path.name}-*"):
                leftover.unlink()
            shutil.copy(tmp_path / "backup", path)

        return restore

    return keep


def _keep_rows(database: Database) -> Any:
    """Every row, written back where the triggers of the log are told to look away."""
    with database.engine.connect() as connection:
        kept = [(table, connection.execute(sa.select(table)).mappings().all()) for table in Base.metadata.sorted_tables]

    def restore() -> None:
        with database.engine.begin() as connection:
            connection.execute(sa.text("SET LOCAL session_replication_role = replica"))
            for table, rows in kept:
                connection.execute(sa.delete(table))
                if rows:
                    connection.execute(sa.insert(table), [dict(row) for row in rows])

    return restore


def snapshot(session: Session, *but: str) -> dict[str, list[Any]]:
    session.rollback()
    session.expire_all()
    return {
        table.name: [tuple(row) for row in session.execute(sa.select(table).order_by(table.c.id))]
        for table in Base.metadata.sorted_tables
        if table.name not in but
    }


def test_a_restored_backup_loses_again_what_was_erased(
    app: Flask, session: Session, database: Database, erasures: ErasureList, backup: Any
) -> None:
    life = Life(app, session)
    restore = backup()
    chosen = life.texts["chosen"]
    ask_for_erasure(session, actor=life.me, is_sure=True, text_ids=[chosen])
    assert tomorrow(erase_due, session, erasures) == 1
    # What a log, a queue and a cache tell of moments, and what only the first time is mailed.
    moments = ("audit_entry", "outbox", "cache_version", "person", "erasure", "login_session")
    erased, line = snapshot(session, *moments), erasures.path.read_text()
    restore()
    assert any("person" in mark for mark in life.found())
    assert replay(database, erasures) == (1, [])
    assert life.found() == []
    assert snapshot(session, *moments) == erased
    assert life.text("chosen").public_body == ERASED_TEXT
    assert replay(database, erasures) == (0, [])
    keep_up(database, erasures)
    assert erasures.path.read_text() == line
    assert session.query(Erasure).one().done_at is not None


def test_a_number_given_again_is_somebody_else(session: Session, database: Database, erasures: ErasureList) -> None:
    person = make_person(session)
    erasures.add(entry(person.id))
    assert replay(database, erasures) == (0, [])
    session.expire_all()
    assert session.get_one(Person, person.id).public_name != RETIRED_NAME


def test_killed_before_the_database_keeps_it_the_next_worker_does_it(
    session: Session, database: Database, erasures: ErasureList, monkeypatch: pytest.MonkeyPatch
) -> None:
    person = make_person(session)
    ask_for_erasure(session, actor=actor_of(person), is_sure=True)

    class Killed(BaseException):
        pass

    class Dying(ErasureList):
        def add(self, entry: Entry) -> None:
            super().add(entry)
            raise Killed

    with pytest.raises(Killed):
        tomorrow(erase_due, session, Dying(erasures.path))
    session.rollback()
    session.expire_all()
    assert session.get_one(Person, person.id).public_name != RETIRED_NAME
    tomorrow(keep_up, database, erasures)
    session.rollback()
    session.expire_all()
    assert session.get_one(Person, person.id).public_name == RETIRED_NAME
    assert tomorrow(erase_due, session, erasures) == 0
    assert session.query(AuditEntry).filter_by(act="person.erase").count() == 1
    assert session.query(OutboxRow).filter_by(name="erasure_done").count() == 1
    assert len(list(erasures.read())) == 1


def test_without_a_disk_for_its_line_nobody_is_erased(
    session: Session, database: Database, erasures: ErasureList, caplog: pytest.LogCaptureFixture
) -> None:
    """What was asked for is done once the disk is back; the worker goes on with everything else."""
    person = make_person(session)
    ask_for_erasure(session, actor=actor_of(person), is_sure=True)
    erasures.path.parent.write_text("a file where the folder should be")
    assert tomorrow(erase_due, session, erasures) == 0
    keep_up(database, erasures)
    assert "waits to be erased" in caplog.text
    session.rollback()
    assert session.get_one(Person, person.id).public_name != RETIRED_NAME
    erasures.path.parent.unlink()
    assert tomorrow(erase_due, session, erasures) == 1


def test_a_list_that_was_lost_is_written_again(session: Session, database: Database, erasures: ErasureList) -> None:
    person = make_person(session)
    make_person(session, email=person.email)  # wrote without an account from the same address
    ask_for_erasure(session, actor=actor_of(person), is_sure=True)
    tomorrow(erase_due, session, erasures)
    line = erasures.path.read_text()
    erasures.path.unlink()
    complete_list(database, erasures)
    assert erasures.path.read_text() == line
    assert session.query(Person).filter_by(public_name=RETIRED_NAME).count() == 2


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)  # a command leaves its connections to the end of all
def test_the_command_replays_a_list_and_says_what_is_wrong(
    session: Session,
    database: Database,
    erasures: ErasureList,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
) -> None:
    monkeypatch.setenv("CONSULTA_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("CONSULTA_DATABASE_URL", str(database.url))
    assert commands.main(["erasures", "replay"]) == 1
    assert "no existe la lista" in capsys.readouterr().err
    person = make_person(session)
    erasures.add(Entry(NOON, NOON, (Row(person.id, person.created_at.isoformat()),), ()))
    assert commands.main(["erasures", "replay", str(erasures.path)]) == 0
    assert capsys.readouterr().out == "1 persona borrada de nuevo\n"
    erasures.path.write_bytes(b"basura\n" + erasures.path.read_bytes())
    assert commands.main(["erasures", "replay", str(erasures.path)]) == 1
    told = capsys.readouterr()
    assert told.out == "0 personas borradas de nuevo\n"
    assert len(told.err.splitlines()) == 1
    assert "línea 1" in told.err
