"""The index in files, for SQLite: Whoosh holds our stems as they are. The worker is its only writer."""

import shutil
import threading
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session
from whoosh import fields, index, query
from whoosh.analysis import RegexTokenizer
from whoosh.searching import Searcher
from whoosh.writing import CLEAR

from consulta.search.documents import Document
from consulta.search.question import Key, Question
from consulta.search.terms import terms

TITLE_BOOST = 2.0
WRITER_WAIT_SECONDS = 20


def _schema() -> fields.Schema:
    stems = RegexTokenizer(r"\S+")
    return fields.Schema(
        key=fields.ID(unique=True, stored=True),
        kind=fields.ID(),
        plan=fields.ID(),
        title=fields.TEXT(analyzer=stems, field_boost=TITLE_BOOST, phrase=False),
        text=fields.TEXT(analyzer=stems, phrase=False),
    )


class WhooshIndex:
    """An index in a folder; every process reads it with one searcher, opened again when a commit changed it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lock = threading.Lock()
        self._searcher: Searcher | None = None

    def search(self, session: Session, question: Question) -> list[Key]:
        results = self._fresh_searcher().search(_query(question), limit=question.limit)
        return [_key(hit["key"]) for hit in results]

    def update(self, documents: Iterable[Document], gone: Iterable[Key]) -> None:
        writer = self._open_or_create().writer(timeout=WRITER_WAIT_SECONDS, delay=0.02)
        try:
            for kind, object_id in gone:
                writer.delete_by_term("key", f"{kind}:{object_id}")
            for document in documents:
                writer.update_document(**_fields(document))
        except BaseException:
            writer.cancel()
            raise
        writer.commit()

    def replace_all(self, documents: Iterable[Document]) -> None:
        if not self.is_usable():
            shutil.rmtree(self._folder, ignore_errors=True)
        writer = self._open_or_create().writer(timeout=WRITER_WAIT_SECONDS, delay=0.02, limitmb=256)
        try:
            for document in documents:
                writer.add_document(**_fields(document))
        except BaseException:
            writer.cancel()
            raise
        writer.commit(mergetype=CLEAR)

    def forget_deleted(self) -> None:
        """Whoosh marks what is deleted, and leaves it out when it writes everything into one file."""
        self._open_or_create().writer(timeout=WRITER_WAIT_SECONDS, delay=0.02).commit(optimize=True)

    def is_usable(self) -> bool:
        try:
            with index.open_dir(str(self._folder)).searcher() as searcher:
                searcher.search(query.Every(), limit=1)
        except Exception:  # Whoosh answers a damaged file with whatever error its parts happen to raise
            return False
        return True

    def _open_or_create(self) -> Any:
        if index.exists_in(str(self._folder)):
            return index.open_dir(str(self._folder))
        self._folder.mkdir(parents=True, exist_ok=True)
        return index.create_in(str(self._folder), _schema())

    def _fresh_searcher(self) -> Searcher:
        """The process's searcher; an old one is left to those who still read with it."""
        with self._lock:
            if self._searcher is None or not self._searcher.up_to_date():
                self._searcher = None
                self._searcher = index.open_dir(str(self._folder)).searcher()
            return self._searcher


def _query(question: Question) -> query.Query:
    each = [query.Or([query.Term("title", term, TITLE_BOOST), query.Term("text", term)]) for term in question.terms]
    asked: list[query.Query] = [query.And(each) if question.match_all else query.Or(each)]
    for name, value in (("plan", question.plan), ("kind", question.kind)):
        if value is not None:
            asked.append(query.ConstantScoreQuery(query.Term(name, value), 0.0))
    return query.And(asked)


def _fields(document: Document) -> dict[str, str]:
    return {
        "key": f"{document.kind}:{document.object_id}",
        "kind": document.kind,
        "plan": document.plan,
        "title": " ".join(terms(document.title)),
        "text": " ".join(terms(document.text)),
    }


def _key(stored: str) -> Key:
    kind, _, object_id = stored.partition(":")
    return kind, int(object_id)
