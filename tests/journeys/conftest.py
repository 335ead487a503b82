"""A browser, and the site it reads: empty on each engine, or with the demonstration."""

import dataclasses
import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import Browser, sync_playwright

from config import Config
from consulta import create_app
from consulta.database import Database
from consulta.demo import loader
from consulta.demo.accounts import PASSWORD
from consulta.web.account.passwords import hash_password
from tests.journeys.serving import HOST, LiveSite, free_port
from tests.journeys.watching import Windows
from tests.quick import forget_power_cuts, make_quick

# The one without windows takes a third of the time; pages look the same to both.
CHROMIUM = shutil.which("chromium-headless-shell") or "/usr/bin/chromium"
ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def settings(settings: Config) -> Config:
    return dataclasses.replace(settings, site_url=f"http://{HOST}:{free_port()}")


@pytest.fixture
def site(app: Flask, database: Database, settings: Config) -> Iterator[LiveSite]:
    """An empty site, on each engine."""
    with LiveSite(app, database, settings).serving() as site:
        yield site


@pytest.fixture
def browse(chromium: Browser) -> Iterator[Windows]:
    """Opens the browser of another person each time; in the end none may have complained."""
    windows = Windows(chromium)
    yield windows
    windows.close()


@pytest.fixture(scope="session")
def demo_folder(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory, run_folder: Path) -> Path:
    """A data folder with the demonstration and its search index, to copy: one process loads it for all of a run."""
    folder, making = run_folder / "demo", tmp_path_factory.mktemp("demo")
    with (run_folder / "demo.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not folder.exists():
            _load_demo(sqlite_template, making)
            making.rename(folder)
    return folder


@pytest.fixture(scope="session")
def run_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the processes of a run have in common."""
    own = tmp_path_factory.getbasetemp()
    return own.parent if "PYTEST_XDIST_WORKER" in os.environ else own


def _load_demo(sqlite_template: Path, folder: Path) -> None:
    shutil.copy(sqlite_template, folder / "consulta.sqlite3")
    with demo_site(folder) as site:
        with site.app.app_context():
            password_hash = hash_password(PASSWORD)
        loader.load(site.database, password_hash=password_hash)
        site.work()


@pytest.fixture
def demo(demo_folder: Path, tmp_path: Path) -> Iterator[LiveSite]:
    """The site with the demonstration, each test with its own copy."""
    folder = tmp_path / "demo"
    shutil.copytree(demo_folder, folder)
    with demo_site(folder) as site, site.serving():
        yield site


@contextmanager
def demo_site(folder: Path) -> Iterator[LiveSite]:
    """The demonstration that a data folder holds."""
    config = Config(
        env="development",
        secret_key="demonstration-secret-0123456789-abcdef",
        database_url=f"sqlite:///{folder / 'consulta.sqlite3'}",
        search="whoosh",
        mail_url="",
        mail_from="consulta@localhost.localdomain",
        data_dir=folder,
        site_url=f"http://{HOST}:{free_port()}",
        trusted_proxies=0,
        limits="off",
    )
    database = forget_power_cuts(Database(config.database_url))
    app = make_quick(create_app(config, database))
    yield LiveSite(app, database, config)
    with database.engine.connect() as connection:
        connection.exec_driver_sql("ROLLBACK")
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.exec_driver_sql("BEGIN")
    database.engine.dispose()
