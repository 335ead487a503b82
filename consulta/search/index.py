"""The search index: what every engine can do, and which one a configuration opens."""

from typing import TYPE_CHECKING, Protocol

from consulta.database import Database

if TYPE_CHECKING:
    from config import Config


class SearchIndex(Protocol):
    """What the application asks of an index."""


class _Nothing:
    pass


def open_index(config: "Config", database: Database) -> SearchIndex:
    return _Nothing()
