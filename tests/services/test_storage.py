"""What the database itself promises."""

from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from consulta import database as database_module
from consulta.cache_versions import raise_versions, read_versions
from consulta.database import Database, writing


def test_versions_rise_by_one_in_their_transaction(session: Session) -> None:
    for _ in range(2):
        with writing(session):
            raise_versions(session, {"site", "plan:x"})
    assert read_versions(session, ("plan:x", "site", "topic:never")) == (2, 2, 0)


def test_ready_means_able_to_write(app: Flask) -> None:
    assert app.test_client().get("/readyz").status_code == 200
    with app.extensions["consulta"].database.engine.connect() as connection:
        assert connection.execute(sa.text("select count(*) from cache_version")).scalar_one() == 0


def test_a_writer_that_never_gets_its_turn_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database_module, "BUSY_SECONDS", 0.05)
    database = Database(f"sqlite:///{tmp_path / 'turns.sqlite3'}")
    with database.session() as first, database.session() as second:
        with writing(first), pytest.raises(sa.exc.OperationalError), writing(second):
            pass
        with writing(second):
            second.execute(sa.text("create table after (n integer)"))
    database.engine.dispose()
