"""The index in PostgreSQL: our stems in a vector, so that both engines find the same."""

import itertools
from collections.abc import Iterable

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import TSQUERY, TSVECTOR, insert
from sqlalchemy.orm import Session

from consulta.database import Database, writing
from consulta.search.documents import BATCH, Document
from consulta.search.models import SearchDocument
from consulta.search.question import Key, Question
from consulta.search.terms import terms

# PostgreSQL keeps at most 256 places of a word, and none beyond 16383.
PLACES_MAX, PLACE_MAX = 200, 16000


class PostgresqlIndex:
    """An index in the table `search_document`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def search(self, session: Session, question: Question) -> list[Key]:
        joined = (" & " if question.match_all else " | ").join(f"'{term}'" for term in question.terms)
        asked = sa.cast(joined, TSQUERY)
        stems = SearchDocument.stems
        found = (
            sa.select(SearchDocument.kind, SearchDocument.object_id)
            .where(stems.bool_op("@@")(asked))
            .order_by(sa.func.ts_rank(stems, asked).desc(), SearchDocument.kind, SearchDocument.object_id)
            .limit(question.limit)
        )
        if question.plan is not None:
            found = found.where(SearchDocument.plan == question.plan)
        if question.kind is not None:
            found = found.where(SearchDocument.kind == question.kind)
        return [(row.kind, row.object_id) for row in session.execute(found)]

    def update(self, documents: Iterable[Document], gone: Iterable[Key]) -> None:
        with self._database.session() as session, writing(session):
            for kind, object_id in gone:
                session.execute(
                    sa.delete(SearchDocument).where(SearchDocument.kind == kind, SearchDocument.object_id == object_id),
                    execution_options={"synchronize_session": False},
                )
            _write(session, documents)

    def replace_all(self, documents: Iterable[Document]) -> None:
        with self._database.session() as session, writing(session):
            session.execute(sa.delete(SearchDocument), execution_options={"synchronize_session": False})
            _write(session, documents)

    def forget_deleted(self) -> None:
        """The server gives the place of a deleted row to others by itself."""

    def is_usable(self) -> bool:
        return True


def _write(session: Session, documents: Iterable[Document]) -> None:
    rest = iter(documents)
    while batch := list(itertools.islice(rest, BATCH)):
        statement = insert(SearchDocument).values(
            [
                {
                    "kind": document.kind,
                    "object_id": document.object_id,
                    "plan": document.plan,
                    "stems": sa.cast(_vector(document), TSVECTOR),
                }
                for document in batch
            ]
        )
        session.execute(
            statement.on_conflict_do_update(
                index_elements=["kind", "object_id"],
                set_={"plan": statement.excluded.plan, "stems": statement.excluded.stems},
            ),
            execution_options={"synchronize_session": False},
        )


def _vector(document: Document) -> str:
    """A vector as PostgreSQL writes it; a stem is letters, digits and hyphens, so it needs no escaping."""
    places: dict[str, list[str]] = {}
    marked = [(term, "A") for term in terms(document.title)] + [(term, "") for term in terms(document.text)]
    for place, (term, weight) in enumerate(marked[:PLACE_MAX], 1):
        places.setdefault(term, []).append(f"{place}{weight}")
    return " ".join(f"'{term}':{','.join(found[:PLACES_MAX])}" for term, found in places.items())
