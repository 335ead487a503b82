"""Alembic's entry: migrates the database that `config.attributes["engine"]` or the environment names."""

from typing import Any

from alembic import context

import config as settings
from consulta.database import Base, Database

context_config = context.config
PLAIN_TYPES = {"UtcDateTime": "sa.DateTime(timezone=True)", "SafeHtml": "sa.Text()"}


def render_item(kind: str, item: Any, autogen_context: Any) -> str | bool:
    """Write our column types as the plain ones they are stored as, so that a migration imports no model."""
    return PLAIN_TYPES.get(type(item).__name__, False) if kind == "type" else False


def run() -> None:
    engine = context_config.attributes.get("engine") or Database(settings.from_environment().database_url).engine
    with engine.connect().execution_options(writing=True) as connection:
        if connection.dialect.name == "sqlite":
            # Changing a table there makes it anew; the rows that point to it must not mind. Set before any BEGIN.
            connection.connection.driver_connection.execute("PRAGMA foreign_keys=OFF")
        context.configure(
            connection=connection,
            target_metadata=Base.metadata,
            render_as_batch=True,
            render_item=render_item,
            transaction_per_migration=True,
        )
        with context.begin_transaction():
            context.run_migrations()
        if connection.dialect.name == "sqlite":
            connection.connection.driver_connection.execute("PRAGMA foreign_keys=ON")


run()
