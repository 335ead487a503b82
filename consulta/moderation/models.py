"""What moderators leave behind: their acts, claims on what they read, notes among themselves, and stored texts."""

import enum
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from consulta.contributions.models import Contribution, RejectionReason
from consulta.database import Base, Versioned
from consulta.people.models import Person

NOTE_MAX = 2000
# The stored text for asking an author to complete; the others go by the code of a rejection reason.
COMPLETION = "completion"


class Act(enum.Enum):
    """What a moderator does with a contribution; `EXPIRE` is the clock's, `REPORT` what a report hides at once.

    The last three change the words and not the state: new words of the author are shown or not, personal data leave.
    """

    PUBLISH = "publish"
    OBSERVE = "observe"
    REJECT = "reject"
    HIDE = "hide"
    UNHIDE = "unhide"
    REVIEW = "review"
    EXPIRE = "expire"
    REPORT = "report"
    ACCEPT = "accept"
    DECLINE = "decline"
    REDACT = "redact"


class ModerationAct(Base):
    """One act on one contribution: what the public totals count, and what may be taken back for some seconds.

    Acts done together share a `batch`. `before` is what the contribution was: state, reason, text, due date.
    `month` is that of El Salvador; `waited_seconds` is how long a first review took.
    """

    __tablename__ = "moderation_act"
    __table_args__ = (sa.Index("ix_moderation_act_totals", "plan_id", "act", "month"),)

    batch: Mapped[str] = mapped_column(index=True)
    contribution_id: Mapped[int] = mapped_column(sa.ForeignKey("contribution.id"), index=True)
    plan_id: Mapped[int] = mapped_column(sa.ForeignKey("plan.id"))
    person_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))
    act: Mapped[Act]
    reason: Mapped[RejectionReason | None]
    done_at: Mapped[datetime]
    month: Mapped[str]
    waited_seconds: Mapped[int | None]
    version: Mapped[int]
    before: Mapped[dict[str, Any]]
    undone_at: Mapped[datetime | None]

    @property
    def hold_key(self) -> str:
        """Names the mails of this act while they are held back."""
        return f"{self.batch}-{self.contribution_id}"


class Claim(Base):
    """Somebody is reading a contribution, so that nobody else does the same work meanwhile."""

    __tablename__ = "claim"

    contribution_id: Mapped[int] = mapped_column(sa.ForeignKey("contribution.id"), unique=True)
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))
    claimed_at: Mapped[datetime]
    ends_at: Mapped[datetime]

    person: Mapped[Person] = relationship()


class StaffNote(Base):
    """A note among the team about a contribution; never public."""

    __tablename__ = "staff_note"

    contribution_id: Mapped[int] = mapped_column(sa.ForeignKey("contribution.id"), index=True)
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))
    text: Mapped[str]
    written_at: Mapped[datetime]

    contribution: Mapped[Contribution] = relationship()
    person: Mapped[Person] = relationship()


class StoredText(Base, Versioned):
    """The team's own wording for a reason, in place of the one that comes with the site."""

    __tablename__ = "stored_text"

    code: Mapped[str] = mapped_column(unique=True)
    text: Mapped[str]
