"""Figures that somebody printed, kept beside what the data says."""

import enum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from consulta.database import Base, Imported, Versioned


class FigureStatus(enum.Enum):
    MATCH = "match"
    MISMATCH = "mismatch"
    AMBIGUOUS = "ambiguous"
    NOT_PUBLISHED = "not_published"


class PublishedFigure(Base, Versioned, Imported):
    """A figure as its source printed it. `ambiguous` is a judgement and is kept; the other states are computed."""

    __tablename__ = "published_figure"
    __table_args__ = (sa.UniqueConstraint("plan_id", "key"),)

    plan_id: Mapped[int] = mapped_column(sa.ForeignKey("plan.id"))
    key: Mapped[str]
    label: Mapped[str]
    published_value: Mapped[int | None]
    source: Mapped[str | None]
    ambiguous: Mapped[bool] = mapped_column(default=False)
    note: Mapped[str | None]
    # For a figure about what the site does not hold (posts, agenda): `{"sum": [...]}` or `{"product": [...]}`,
    # the terms that the source itself gives.
    terms: Mapped[dict[str, Any] | None]
