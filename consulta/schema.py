"""The schema: migrate a database to the newest version, or say which version it has."""

from pathlib import Path

from alembic import command
from alembic.config import Config as AlembicConfig
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from consulta.database import Database

MIGRATIONS = Path(__file__).resolve().parent.parent / "migrations"


def _alembic(database: Database) -> AlembicConfig:
    config = AlembicConfig()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["engine"] = database.engine
    return config


def upgrade(database: Database, revision: str = "head") -> None:
    """Migrate up; creates every table on an empty database."""
    command.upgrade(_alembic(database), revision)


def downgrade(database: Database, revision: str) -> None:
    """Migrate down to a revision; `base` leaves nothing."""
    command.downgrade(_alembic(database), revision)


def is_current(database: Database) -> bool:
    """Whether the database has the schema this code was written for."""
    with database.engine.connect() as connection:
        present = MigrationContext.configure(connection).get_current_revision()
    return present == ScriptDirectory.from_config(_alembic(database)).get_current_head()
