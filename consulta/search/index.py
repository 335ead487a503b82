"""The search index: what every engine can do, and which one a configuration opens."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Protocol

from sqlalchemy.orm import Session

from consulta.database import Database
from consulta.search.documents import Document, all_documents
from consulta.search.postgresql_index import PostgresqlIndex
from consulta.search.question import Key, Question
from consulta.search.whoosh_index import WhooshIndex

if TYPE_CHECKING:
    from config import Config


class SearchIndex(Protocol):
    """What the application asks of an index. It answers keys (kind, id), best first; who asks reads them again."""

    def search(self, session: Session, question: Question) -> list[Key]:
        """Raises whatever is wrong with the index; the caller then asks the database."""
        ...

    def update(self, documents: Iterable[Document], gone: Iterable[Key]) -> None:
        """Write documents and drop what is no longer public, in one commit."""

    def replace_all(self, documents: Iterable[Document]) -> None:
        """Write the whole index anew, in one commit."""

    def forget_deleted(self) -> None:
        """Leave no word of what was dropped in the files."""

    def is_usable(self) -> bool:
        """Whether the index is there and can be read."""
        ...


def open_index(config: "Config", database: Database) -> SearchIndex:
    if config.search == "postgresql":
        return PostgresqlIndex(database)
    return WhooshIndex(config.data_dir / "search")


def rebuild(index: SearchIndex, database: Database) -> None:
    """Make the index again from the database."""
    with database.reading() as session:
        index.replace_all(all_documents(session))
