"""The console command: each mistake ends with one clear line and a status that is not zero."""

from pathlib import Path

import pytest

from consulta import commands


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
