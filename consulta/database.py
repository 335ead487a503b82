"""The database: base class, column types, engines, and the only place that commits.

SQLite runs in WAL with durable commits; reads begin deferred, writes begin immediately, because a read that
turns into a write fails at once there, whatever the timeout.
"""

import enum
import functools
import sqlite3
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime
from typing import Any, TypeVar, cast

import sqlalchemy as sa
from markupsafe import Markup
from sqlalchemy import event
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import (
    DeclarativeBase,
    Mapped,
    ORMExecuteState,
    Session,
    make_transient_to_detached,
    mapped_column,
    sessionmaker,
)
from sqlalchemy.orm.attributes import set_committed_value

from consulta.text import Sanitized

# How long a writer waits for others on SQLite, and how often it looks.
BUSY_SECONDS, TURN_SECONDS = 15.0, 0.0003
NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


Statement = TypeVar("Statement", bound=sa.Executable)


class UtcDateTime(sa.types.TypeDecorator[datetime]):
    """An aware moment, kept in UTC; a naive time is refused."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("naive time")
        moment = value.astimezone(UTC)
        return moment.replace(tzinfo=None) if dialect.name == "sqlite" else moment

    def process_result_value(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class SafeHtml(sa.types.TypeDecorator[Markup]):
    """Markup from people: takes only what `text.sanitize()` made, reads back as Markup."""

    impl = sa.Text
    cache_ok = True

    def process_bind_param(self, value: Markup | None, dialect: sa.Dialect) -> str | None:
        if value is not None and not isinstance(value, Sanitized):
            raise TypeError("only sanitised markup is stored")
        return None if value is None else str(value)

    def process_result_value(self, value: str | None, dialect: sa.Dialect) -> Markup | None:
        return None if value is None else Sanitized(value)


class Base(DeclarativeBase):
    """Base of every table; names every constraint and stores the values of enums, not their names."""

    metadata = sa.MetaData(naming_convention=NAMING)
    type_annotation_map = {
        datetime: UtcDateTime(),
        date: sa.Date(),
        str: sa.Text(),
        Markup: SafeHtml(),
        dict[str, Any]: sa.JSON(),
        list[str]: sa.JSON(),
        enum.Enum: sa.Enum(
            enum.Enum,
            native_enum=False,
            length=40,
            validate_strings=True,
            values_callable=lambda members: [member.value for member in members],
        ),
    }

    id: Mapped[int] = mapped_column(primary_key=True)


class Versioned:
    """A record that people edit: `version` counts its changes, so that a stale form is noticed."""

    version: Mapped[int] = mapped_column(default=1)


class Imported:
    """A record that may come from a file: `external_ref` names its row there, once."""

    external_ref: Mapped[str | None] = mapped_column(unique=True)


class Database:
    """An engine with the settings of its kind, and the sessions over it."""

    def __init__(self, url: str) -> None:
        self.url = sa.make_url(url)
        if self.is_sqlite:
            self.engine = sa.create_engine(self.url, connect_args={"timeout": BUSY_SECONDS})
            event.listen(self.engine, "connect", _prepare_sqlite)
            event.listen(self.engine, "begin", _begin_sqlite)
        else:
            self.engine = sa.create_engine(self.url, pool_pre_ping=True, pool_size=8, max_overflow=8)
        self.sessions = sessionmaker(self.engine, class_=Session, expire_on_commit=False, autoflush=False)
        event.listen(self.sessions, "before_flush", _refuse_stray_flush)
        event.listen(self.sessions, "do_orm_execute", _refuse_stray_statement)

    @property
    def is_sqlite(self) -> bool:
        return self.url.get_backend_name() == "sqlite"

    def session(self) -> Session:
        return self.sessions()

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """A session for reads; whatever it began is ended on leaving."""
        with self.sessions() as session:
            yield session


def table_of(model: type[Base]) -> sa.Table:
    """The table under a model, for statements that need no objects."""
    return cast("sa.Table", model.__table__)


def read_rows(
    session: Session, statement: sa.Select[*tuple[Any, ...]], parameters: dict[str, Any] | None = None
) -> Sequence[Any]:
    """The rows of a statement that names columns and no objects, all at once, as part of the session's transaction.

    They come from the engine, with the types of their columns; the session would do to them what objects need.
    """
    return session.connection().execute(statement, parameters).all()


@functools.cache
def _insertion(model: type[Base]) -> tuple[sa.Executable, dict[str, Any], frozenset[str]]:
    """How a row of a model is inserted: the statement, the default of each column, and what else it may refer to."""
    mapper, table = sa.inspect(model), table_of(model)
    defaults = {attribute.key: attribute.columns[0].default for attribute in mapper.column_attrs}
    statement = sa.insert(table).returning(table.c.id)
    return statement, defaults, frozenset(mapper.relationships.keys())


def insert_row(session: Session, row: Base) -> None:
    """Add a new row at once; it gets its id.

    A flush orders any number of rows by what they refer to, which costs several times what one insert does: it is
    left to rows that name others as objects, and not by their ids.
    """
    statement, defaults, relations = _insertion(type(row))
    held = row.__dict__
    if row in session or any(held.get(name) for name in relations):
        session.add(row)
        session.flush()
        return
    session.flush()
    for name, default in defaults.items():
        if name != "id" and name not in held:
            value = default.arg(None) if default is not None and default.is_callable else default and default.arg
            set_committed_value(row, name, value)
    values = {name: held[name] for name in defaults if name in held}
    set_committed_value(row, "id", session.execute(statement, values).scalar_one())
    make_transient_to_detached(row)
    session.add(row)
    session.info["inserted"].append(row)


def by_dialect(make: Callable[[Any], Statement]) -> Callable[[Session], Statement]:
    """A statement whose insert meets conflicts, made once with the insert of each engine; the session picks its own."""
    made = {"sqlite": make(sqlite.insert), "postgresql": make(postgresql.insert)}
    return lambda session: made[session.get_bind().dialect.name]


def _prepare_sqlite(connection: Any, record: Any) -> None:
    connection.isolation_level = None  # the driver's own BEGIN is off: `_begin_sqlite` emits ours
    for pragma in (
        "journal_mode=WAL",
        f"busy_timeout={int(BUSY_SECONDS * 1000)}",
        "foreign_keys=ON",
        "synchronous=FULL",
        "secure_delete=ON",  # what somebody had erased is overwritten, wherever SQLite was built
    ):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: sa.Connection) -> None:
    if connection.get_execution_options().get("writing"):
        _wait_for_turn(connection.connection.dbapi_connection)
    else:
        connection.exec_driver_sql("BEGIN")


def _wait_for_turn(connection: Any) -> None:
    """Begin to write as soon as the writer before has ended.

    SQLite's own wait sleeps longer each time, many times what a change takes, so two busy workers would wait for
    nothing. After BUSY_SECONDS the database counts as unavailable.
    """
    connection.execute("PRAGMA busy_timeout=0")
    last = time.monotonic() + BUSY_SECONDS
    try:
        while True:
            try:
                connection.execute("BEGIN IMMEDIATE")
                return
            except sqlite3.OperationalError as error:
                if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() > last:
                    raise sa.exc.OperationalError("BEGIN IMMEDIATE", None, error) from error
            time.sleep(TURN_SECONDS)
    finally:
        connection.execute(f"PRAGMA busy_timeout={int(BUSY_SECONDS * 1000)}")


def _refuse_stray_flush(session: Session, *_: Any) -> None:
    if not session.info.get("writing"):
        raise RuntimeError("a change outside of a transaction")


def _refuse_stray_statement(state: ORMExecuteState) -> None:
    if (state.is_insert or state.is_update or state.is_delete) and not state.session.info.get("writing"):
        raise RuntimeError("a change outside of a transaction")


@contextmanager
def writing(session: Session) -> Iterator[Session]:
    """One transaction: everything inside commits together or not at all. Refuses to nest.

    The reading transaction is ended first, so what was read before is read again when it is asked for.
    """
    if session.info.get("writing"):
        raise RuntimeError("transactions do not nest")
    session.rollback()
    session.expire_all()
    session.info["writing"], session.info["inserted"] = True, []
    try:
        session.connection(execution_options={"writing": True})
        yield session
        session.flush()
        session.commit()
    except BaseException:
        session.rollback()
        # The session does not know that these are gone with the transaction.
        for row in session.info["inserted"]:
            session.expunge(row)
        raise
    finally:
        session.info["writing"], session.info["inserted"] = False, []
