"""Workers die with -9 while people post: nothing that was acknowledged is lost, and nothing is there twice."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from config import Config
from consulta import create_app
from consulta.database import Database
from tests.conftest import SECRET
from tests.drills.posting import History, gunicorn, kill_while_posting, prepare, what_is_wrong

pytestmark = pytest.mark.drill
KILLS, CLIENTS, SECONDS = 50, 6, 120


@pytest.fixture
def sqlite_site(sqlite_template: Path, tmp_path: Path) -> Iterator[Database]:
    path = tmp_path / "consulta.sqlite3"
    shutil.copy(sqlite_template, path)
    database = Database(f"sqlite:///{path}")
    yield database
    database.engine.dispose()


def environment(database: Database, folder: Path) -> dict[str, str]:
    return {
        "CONSULTA_DATABASE_URL": database.url.render_as_string(hide_password=False),
        "CONSULTA_SECRET_KEY": SECRET,
        "CONSULTA_DATA_DIR": str(folder),
        "CONSULTA_LIMITS": "off",
    }


def run(target: str, app: Flask, database: Database, folder: Path, kills: int) -> tuple[list[str], History, int]:
    """Post while workers die; what is wrong afterwards, what the clients know, how many workers died."""
    posters = prepare(app, database, CLIENTS)
    with gunicorn(target, environment(database, folder), folder / "server.log") as (port, master):
        history, killed = kill_while_posting(port, master, posters, kills, SECONDS)
    with database.session() as session:
        return what_is_wrong(session, history), history, killed


def test_no_acknowledged_post_is_lost_or_doubled(app: Flask, database: Database, tmp_path: Path) -> None:
    problems, history, killed = run("wsgi:app", app, database, tmp_path, KILLS)
    assert problems == []
    assert killed >= KILLS
    assert len(history.acknowledged) >= KILLS
    assert history.interrupted > 0


@pytest.mark.parametrize(
    ("variant", "symptom"),
    [("doubling", "stored 2 times"), ("hasty", "stored 0 times")],
)
def test_the_drill_notices_a_broken_promise(
    settings_of: Config, sqlite_site: Database, tmp_path: Path, variant: str, symptom: str
) -> None:
    app = create_app(settings_of, sqlite_site)
    problems, _, _ = run(f"tests.drills.broken:{variant}()", app, sqlite_site, tmp_path, 12)
    assert [problem for problem in problems if symptom in problem]


@pytest.fixture
def settings_of(sqlite_site: Database, tmp_path: Path) -> Config:
    return Config(
        env="development",
        secret_key=SECRET,
        database_url=sqlite_site.url.render_as_string(hide_password=False),
        search="whoosh",
        mail_url="",
        mail_from="consulta@localhost.localdomain",
        data_dir=tmp_path,
        site_url="http://localhost",
        trusted_proxies=0,
        limits="off",
    )
