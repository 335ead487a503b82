"""What takes long and is not tested: hashing, compiling templates and routes, waiting for disks, emptying tables."""

import functools
from collections.abc import Callable

import sqlalchemy as sa
from flask import Flask
from jinja2 import BytecodeCache
from jinja2.bccache import Bucket
from sqlalchemy import event
from werkzeug.routing import Rule

import consulta
from consulta.database import Base, Database


class CompiledTemplates(BytecodeCache):
    """Compiled templates that all applications of this process share; each would compile them again."""

    def __init__(self) -> None:
        self._codes: dict[tuple[str, str], object] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        bucket.code = self._codes.get((bucket.key, bucket.checksum))  # type: ignore[assignment]

    def dump_bytecode(self, bucket: Bucket) -> None:
        self._codes[bucket.key, bucket.checksum] = bucket.code


_TEMPLATES = CompiledTemplates()


def make_quick(app: Flask) -> Flask:
    """An application for tests."""
    app.testing = True
    app.extensions["security"].pwd_context.update(argon2__memory_cost=8, argon2__time_cost=1)
    app.jinja_env.bytecode_cache = _TEMPLATES
    return app


Builder = Callable[..., tuple[str, str]]
_compile, _compile_builder = Rule.compile, Rule._compile_builder
# What compiling leaves in a rule; and that of each rule so far, the same in every application.
_MADE = ("_parts", "_trace", "_converters", "_build", "_build_unknown")
_compiled: dict[tuple[object, ...], dict[str, object]] = {}


def _compile_once(rule: Rule) -> None:
    """Each test has an application of its own, with two hundred rules."""
    assert rule.map is not None
    converters = tuple(rule.map.converters.values())
    key = (rule.rule, rule.subdomain, rule.merge_slashes, str(rule.defaults), converters)
    if key not in _compiled:
        _compile(rule)
        _compiled[key] = {name: vars(rule)[name] for name in _MADE}
    vars(rule).update(_compiled[key])
    rule.arguments.update(rule._converters)


def _compile_when_asked(rule: Rule, append_unknown: bool = True) -> Builder:
    """The code that writes addresses of a rule, made at the first address."""
    compiled = functools.cache(lambda: _compile_builder(rule, append_unknown))
    return lambda *parts, **named: compiled()(*parts, **named)


def make_applications_quick() -> None:
    """Once for a run, before the first application."""
    Rule.compile = _compile_once  # type: ignore[method-assign]
    Rule._compile_builder = _compile_when_asked  # type: ignore[method-assign]
    # The files of the product stay as they are during a run.
    consulta._build = functools.cache(consulta._build)  # type: ignore[assignment]


def forget_power_cuts(database: Database) -> Database:
    """This process does not wait for the disk; servers that a test starts open the database as in production."""
    statement = "PRAGMA synchronous=OFF" if database.is_sqlite else "SET synchronous_commit = off"

    @event.listens_for(database.engine, "connect")
    def relax(connection: sa.engine.interfaces.DBAPIConnection, _: object) -> None:
        cursor = connection.cursor()
        cursor.execute(statement)
        cursor.close()
        connection.commit()

    return database


def prepare_emptying(database: Database) -> None:
    """A function that empties every table of a PostgreSQL; TRUNCATE makes new files for each table and index."""
    deletions = " ".join(f"DELETE FROM {table.name};" for table in Base.metadata.sorted_tables)
    with database.engine.begin() as connection:
        # As a replica no trigger and no foreign key is asked.
        connection.exec_driver_sql(
            "CREATE FUNCTION empty_everything() RETURNS void LANGUAGE plpgsql SET session_replication_role = replica"
            f" AS $$ BEGIN {deletions} PERFORM setval(quote_ident(sequencename)::regclass, 1, false)"
            " FROM pg_sequences WHERE last_value IS NOT NULL; END $$"
        )


def empty(database: Database) -> None:
    """A PostgreSQL as it was after `prepare_emptying`: no rows, and ids from 1."""
    with database.engine.begin() as connection:
        connection.execute(sa.text("SELECT empty_everything()"))
