"""Who speaks for an organisation of society: asked for, confirmed or not, and ended."""

import enum
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from consulta.database import Base, Versioned
from consulta.people.models import Institution, InstitutionKind, Person

POST_MAX = 120
EVIDENCE_MAX = 1000
REASON_MAX = 1000


class RepresentationState(enum.Enum):
    WAITING = "waiting"
    CONFIRMED = "confirmed"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"
    ENDED = "ended"
    REVOKED = "revoked"


LIVE = (RepresentationState.WAITING, RepresentationState.CONFIRMED)
_IS_LIVE = sa.text("state IN ('waiting', 'confirmed')")


class Representation(Base, Versioned):
    """One person asks to represent one organisation, and does once the team has confirmed it.

    `institution_id` is the organisation that was chosen, or made when it was confirmed; the `new_*` columns name one
    that was not in the list. `evidence` says how to check it and is read by nobody else. A person has one that waits
    or holds, at most.
    """

    __tablename__ = "representation"
    __table_args__ = (
        sa.Index("uq_representation_live", "person_id", unique=True, sqlite_where=_IS_LIVE, postgresql_where=_IS_LIVE),
        sa.Index("ix_representation_state", "state", "asked_at"),
    )

    person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"), index=True)
    institution_id: Mapped[int | None] = mapped_column(sa.ForeignKey("institution.id"))
    new_code: Mapped[str | None]
    new_name: Mapped[str | None]
    new_kind: Mapped[InstitutionKind | None]
    post: Mapped[str]
    evidence: Mapped[str]
    state: Mapped[RepresentationState] = mapped_column(default=RepresentationState.WAITING)
    # Why it was declined or revoked, as the person reads it.
    reason: Mapped[str | None]
    asked_at: Mapped[datetime]
    judged_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]

    person: Mapped[Person] = relationship()
    institution: Mapped[Institution | None] = relationship()

    @property
    def organization_name(self) -> str:
        """The name it has in the list, or the one that was written."""
        return self.institution.name if self.institution else self.new_name or ""
