"""Rows with honest defaults, one module a domain folder; every default text holds a script tag.

They write straight to the tables: what is tested afterwards is the service or the page, not the way there.
"""

import itertools
from typing import TypeVar

from sqlalchemy.orm import Session

from consulta.database import Base, writing

SCRIPT = "<script>alert('marca')</script>"
_numbers = itertools.count(1)

Row = TypeVar("Row", bound=Base)


def number() -> int:
    """A number that no other row of this run has."""
    return next(_numbers)


def store(session: Session, row: Row) -> Row:
    """Commit a row; one that is already in a transaction of the caller is only flushed."""
    if session.info.get("writing"):
        session.add(row)
        session.flush()
        return row
    with writing(session):
        session.add(row)
    return row
