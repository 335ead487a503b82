"""What a request has at hand: its database session, the settings and, in private audiences, the actor."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from flask import current_app, g
from sqlalchemy.orm import Session

from consulta.cache_versions import VersionReader
from consulta.database import Database
from consulta.limits.spending import Spending
from consulta.people.actors import Actor

if TYPE_CHECKING:
    from config import Config
    from consulta.search.index import SearchIndex


@dataclass(frozen=True)
class Parts:
    """The application's parts, made once by create_app."""

    config: "Config"
    database: Database
    search: "SearchIndex"
    build: str
    versions: VersionReader
    limits: Spending


def parts() -> Parts:
    found: Parts = current_app.extensions["consulta"]
    return found


def db() -> Session:
    """The session of this request, closed with it."""
    if "db" not in g:
        g.db = parts().database.session()
    session: Session = g.db
    return session


def actor() -> Actor:
    """Who is asking. Public pages must never call this: they are the same for everybody."""
    if g.get("is_public_page"):
        raise RuntimeError("a public page asked who reads it")
    if "actor" not in g:
        raise RuntimeError("this audience did not identify its actor")
    found: Actor = g.actor
    return found


def close_session(error: BaseException | None = None) -> None:
    """Teardown of the application context."""
    session = g.pop("db", None)
    if session is not None:
        session.close()
