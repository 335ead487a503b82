"""Versions of what public pages show: a change raises those it makes stale, in its own transaction.

A scope is `site` (anything public at all), `plan:<code>` (anything of a plan), `frame:<code>` (its state, calendar
and topics), `topic:<plan>/<code>` (its conversation) or `search` (the index).
"""

from collections.abc import Iterable

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column

from consulta.database import Base, by_dialect, table_of


class CacheVersion(Base):
    """How often the pages of a scope have become stale."""

    __tablename__ = "cache_version"

    scope: Mapped[str] = mapped_column(unique=True)
    number: Mapped[int] = mapped_column(default=0)


def site_scope() -> str:
    return "site"


def plan_scope(plan_code: str) -> str:
    return f"plan:{plan_code}"


def frame_scope(plan_code: str) -> str:
    return f"frame:{plan_code}"


def topic_scope(plan_code: str, topic_code: str) -> str:
    return f"topic:{plan_code}/{topic_code}"


def search_scope() -> str:
    return "search"


_TABLE = table_of(CacheVersion)
_RAISE = by_dialect(
    lambda insert: insert(_TABLE).on_conflict_do_update(index_elements=["scope"], set_={"number": _TABLE.c.number + 1})
)


def raise_versions(session: Session, scopes: Iterable[str]) -> None:
    """Raise each scope by one, always in the same order so that two transactions cannot wait for each other."""
    rows = [{"scope": scope, "number": 1} for scope in sorted(set(scopes))]
    if rows:
        session.execute(_RAISE(session), rows)


def read_versions(connection: sa.Connection | Session, scopes: tuple[str, ...]) -> tuple[int, ...]:
    """The version of each scope, in the order asked; 0 for one that never changed. One query."""
    rows = connection.execute(sa.select(CacheVersion.scope, CacheVersion.number).where(CacheVersion.scope.in_(scopes)))
    found: dict[str, int] = {row.scope: row.number for row in rows}
    return tuple(found.get(scope, 0) for scope in scopes)


# A page depends on three scopes at most, so that one statement of each kind serves all.
_MOST = 3
_STATEMENTS = {
    "sqlite": "SELECT scope, number FROM cache_version WHERE scope IN (?, ?, ?)",
    "postgresql": "SELECT scope, number FROM cache_version WHERE scope IN (%s, %s, %s)",
}


class VersionReader:
    """As `read_versions`, straight through the driver: it is all that most reads of a public page ask of the database.

    Building the same query with SQLAlchemy costs several times what answering it does.
    """

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine
        self._statement = _STATEMENTS[engine.dialect.name]

    def read(self, scopes: tuple[str, ...]) -> tuple[int, ...]:
        if not scopes:
            return ()
        connection = self._engine.raw_connection()
        try:
            cursor = connection.cursor()
            cursor.execute(self._statement, (scopes + scopes[:1] * _MOST)[:_MOST])
            found: dict[str, int] = dict(cursor.fetchall())
            cursor.close()
        finally:
            connection.close()
        return tuple(found.get(scope, 0) for scope in scopes)
