"""The console command: each mistake ends with one clear line and a status that is not zero."""

from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from consulta import clock, commands
from consulta.database import Database
from consulta.people.models import Account, Authenticator, Role
from tests.factories import store
from tests.factories.people import make_member


@pytest.fixture
def elsewhere(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A data folder of its own, without the settings of whoever runs the tests."""
    monkeypatch.setenv("CONSULTA_DATA_DIR", str(tmp_path))
    monkeypatch.delenv("CONSULTA_DATABASE_URL", raising=False)
    return tmp_path


@pytest.mark.parametrize(
    ("arguments", "settings", "said"),
    [
        (["audit"], {}, "consulta db upgrade"),
        (["users", "reset", "ana@example.org"], {}, "consulta db upgrade"),
        (["audit"], {"CONSULTA_DATABASE_URL": "basura"}, "CONSULTA_DATABASE_URL"),
        (["audit"], {"CONSULTA_DATABASE_URL": "mysql://x/y"}, "CONSULTA_DATABASE_URL"),
        (["audit"], {"CONSULTA_DATABASE_URL": "postgresql://nadie@127.0.0.1:1/x"}, "base de datos"),
    ],
)
def test_a_mistake_is_one_clear_line(
    elsewhere: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    arguments: list[str],
    settings: dict[str, str],
    said: str,
) -> None:
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    assert commands.main(arguments) == 1
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 1
    assert said in lines[0]


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["nada"],
        ["db"],
        ["users", "add"],
        ["users", "reset"],
        ["users", "add", "ana@example.org", "--role", "jefa"],
        ["run", "--port", "abc"],
        ["run", "--port", "99999"],
    ],
)
def test_an_order_that_is_not_understood_is_one_line_too(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ending:
        commands.main(arguments)
    assert ending.value.code == 2
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 1
    assert lines[0].startswith("consulta")
    assert "--help" in lines[0]


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)  # a command leaves its connections to the end of all
def test_the_last_administrator_is_helped_from_the_machine(
    elsewhere: Path,
    monkeypatch: pytest.MonkeyPatch,
    database: Database,
    session: Session,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("CONSULTA_DATABASE_URL", database.url.render_as_string(hide_password=False))
    person = make_member(session, Role.ADMIN, email="jefa@example.org")
    account = store(session, Account(person_id=person.id, email="jefa@example.org", created_at=clock.now()))
    key = Authenticator(account_id=account.id, sealed_key="x", last_count=1, created_at=clock.now())
    store(session, key)
    assert commands.main(["users", "reset", "nadie@example.org"]) == 1
    assert "no existe la cuenta" in capsys.readouterr().err
    assert commands.main(["users", "reset", "Jefa@example.org"]) == 0
    session.expire_all()
    session.rollback()
    assert session.scalars(sa.select(Authenticator)).all() == []
