"""Reading what belongs to a person a few rows at a time, so that a copy of any size needs little memory."""

from collections.abc import Callable, Iterator
from itertools import groupby
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

Row = Any  # a result row with the columns its statement names
Item = dict[str, Any]
AT_ONCE = 500


def stream(session: Session, statement: sa.Executable, person_id: int) -> Iterator[Row]:
    """The rows of a statement that asks for `person_id`."""
    return iter(session.execute(statement, {"person_id": person_id}, execution_options={"yield_per": AT_ONCE}))


def items(session: Session, statement: sa.Executable, person_id: int) -> Iterator[Item]:
    """Each row by the names of its columns."""
    return (dict(row._mapping) for row in stream(session, statement, person_id))


class Beside:
    """Rows that go along with others: both are sorted by the same id, and each stream is read once."""

    def __init__(self, rows: Iterator[Row], key: Callable[[Row], int]) -> None:
        self._groups = groupby(rows, key)
        self._next = next(self._groups, None)

    def of(self, key: int) -> list[Row]:
        """The rows of an id; ask for ids in rising order."""
        while self._next is not None and self._next[0] < key:
            self._next = next(self._groups, None)
        if self._next is None or self._next[0] != key:
            return []
        found = list(self._next[1])
        self._next = next(self._groups, None)
        return found
