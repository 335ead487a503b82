"""Folios: acronym, year and a yearly counter (`PROP-2018-0001`), assigned once in the transaction that needs one."""

from sqlalchemy import UniqueConstraint
from sqlalchemy.orm import Mapped, Session

from consulta.database import Base, by_dialect, table_of

PROPOSAL, SUBMISSION, DISPATCH, COMMITMENT = "PROP", "ENT", "REM", "COMP"


class FolioCounter(Base):
    """The last number given to a kind in a year."""

    __tablename__ = "folio_counter"
    __table_args__ = (UniqueConstraint("kind", "year"),)

    kind: Mapped[str]
    year: Mapped[int]
    last: Mapped[int]


_TABLE = table_of(FolioCounter)
_COUNT = by_dialect(
    lambda insert: (
        insert(_TABLE)
        .values(last=1)
        .on_conflict_do_update(index_elements=["kind", "year"], set_={"last": _TABLE.c.last + 1})
        .returning(_TABLE.c.last)
    )
)


def next_folio(session: Session, kind: str, year: int) -> str:
    """The next folio of a kind in a civil year, with at least four digits; never given twice."""
    number = session.execute(_COUNT(session), {"kind": kind, "year": year}).scalar_one()
    return f"{kind}-{year}-{number:04d}"
