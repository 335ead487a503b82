"""The final outcome of each proposal, with its justification."""

import enum
from datetime import datetime

import sqlalchemy as sa
from markupsafe import Markup
from sqlalchemy.orm import Mapped, mapped_column, relationship

from consulta.database import Base, Imported
from consulta.people.models import Person
from consulta.proposals.models import Proposal
from consulta.referrals.models import Reason


class Outcome(enum.Enum):
    INCLUDED = "included"
    PARTIALLY_INCLUDED = "partially_included"
    NOT_INCLUDED = "not_included"


WITH_COMMITMENT = (Outcome.INCLUDED, Outcome.PARTIALLY_INCLUDED)


class Decision(Base, Imported):
    """A decision on a proposal. The current one has no `superseded_at`; reopening keeps the old one."""

    __tablename__ = "decision"
    __table_args__ = (
        sa.UniqueConstraint("proposal_id", "number"),
        sa.Index(
            "uq_decision_current",
            "proposal_id",
            unique=True,
            sqlite_where=sa.text("superseded_at IS NULL"),
            postgresql_where=sa.text("superseded_at IS NULL"),
        ),
    )

    proposal_id: Mapped[int] = mapped_column(sa.ForeignKey("proposal.id"))
    number: Mapped[int]
    outcome: Mapped[Outcome]
    reasons: Mapped[list[str]] = mapped_column(default=list)
    reason_detail: Mapped[str | None]
    justification: Mapped[str]
    justification_html: Mapped[Markup]
    decided_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))
    decided_at: Mapped[datetime]
    superseded_at: Mapped[datetime | None]
    published_at: Mapped[datetime | None]
    provenance_note: Mapped[str | None]

    proposal: Mapped[Proposal] = relationship(back_populates="decisions")
    decided_by: Mapped[Person | None] = relationship()

    @property
    def given_reasons(self) -> list[Reason]:
        return [Reason(code) for code in self.reasons]
