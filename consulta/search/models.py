"""The index of the engine that lives in PostgreSQL; on SQLite the table stays empty."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql
from sqlalchemy.orm import Mapped, mapped_column

from consulta.database import Base


class SearchDocument(Base):
    """The stems of one document: a weighted vector, title first."""

    __tablename__ = "search_document"
    __table_args__ = (
        sa.UniqueConstraint("kind", "object_id"),
        sa.Index("ix_search_document_stems", "stems", postgresql_using="gin"),
    )

    kind: Mapped[str]
    object_id: Mapped[int]
    plan: Mapped[str] = mapped_column(index=True)
    stems: Mapped[Any] = mapped_column(sa.Text().with_variant(postgresql.TSVECTOR(), "postgresql"))
