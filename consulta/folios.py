"""Folios: acronym, year and a yearly counter (`PROP-2018-0001`), assigned once in the transaction that needs one."""

from sqlalchemy import UniqueConstraint
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Mapped, Session

from consulta.database import Base

PROPOSAL, SUBMISSION, DISPATCH, COMMITMENT = "PROP", "ENT", "REM", "COMP"


class FolioCounter(Base):
    """The last number given to a kind in a year."""

    __tablename__ = "folio_counter"
    __table_args__ = (UniqueConstraint("kind", "year"),)

    kind: Mapped[str]
    year: Mapped[int]
    last: Mapped[int]


def next_folio(session: Session, kind: str, year: int) -> str:
    """The next folio of a kind in a civil year, with at least four digits; never given twice."""
    insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    statement = (
        insert(FolioCounter)
        .values(kind=kind, year=year, last=1)
        .on_conflict_do_update(index_elements=["kind", "year"], set_={"last": FolioCounter.last + 1})
        .returning(FolioCounter.last)
    )
    number = session.execute(statement, execution_options={"populate_existing": True}).scalar_one()
    return f"{kind}-{year}-{number:04d}"
