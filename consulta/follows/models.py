"""Who follows what and how they hear of it; what happened; and who was told."""

import enum
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from consulta.database import Base
from consulta.plans.models import Topic
from consulta.proposals.models import Proposal


class Mode(enum.Enum):
    """How somebody hears of what they follow, the soonest first; OFF only on the site."""

    AT_ONCE = "at_once"
    DAILY = "daily"
    WEEKLY = "weekly"
    OFF = "off"


DIGESTS = (Mode.DAILY, Mode.WEEKLY)


class Follow(Base):
    """One person follows a topic, a proposal or, with neither, the answers to what they write.

    Everybody hears of answers at once without a row; it is made when it is first needed.
    """

    __tablename__ = "follow"
    __table_args__ = (
        sa.UniqueConstraint("topic_id", "person_id"),
        sa.UniqueConstraint("proposal_id", "person_id"),
        sa.Index(
            "uq_follow_answers",
            "person_id",
            unique=True,
            sqlite_where=sa.text("topic_id IS NULL AND proposal_id IS NULL"),
            postgresql_where=sa.text("topic_id IS NULL AND proposal_id IS NULL"),
        ),
        sa.Index("ix_follow_person", "person_id", "id"),
    )

    person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))
    topic_id: Mapped[int | None] = mapped_column(sa.ForeignKey("topic.id"))
    proposal_id: Mapped[int | None] = mapped_column(sa.ForeignKey("proposal.id"))
    mode: Mapped[Mode]
    created_at: Mapped[datetime]

    topic: Mapped[Topic | None] = relationship()
    proposal: Mapped[Proposal | None] = relationship()

    @property
    def is_answers(self) -> bool:
        return self.topic_id is None and self.proposal_id is None


class EventKind(enum.Enum):
    """What followers are told. Each kind is about one row: a contribution, a proposal or a plan."""

    PROPOSAL_PUBLISHED = "proposal_published"
    REPLY_PUBLISHED = "reply_published"
    PROPOSAL_MERGED = "merged"
    PROPOSAL_UNMERGED = "unmerged"
    PROPOSAL_FORWARDED = "forwarded"
    RESULTS_PUBLISHED = "results"


class Event(Base):
    """Something that happened, as the outbox row `outbox_id` told it; `actor_id` did it.

    A contribution is told of once, however often it is hidden and shown again.
    """

    __tablename__ = "event"

    kind: Mapped[EventKind]
    outbox_id: Mapped[int] = mapped_column(unique=True)
    contribution_id: Mapped[int | None] = mapped_column(sa.ForeignKey("contribution.id"), unique=True)
    proposal_id: Mapped[int | None] = mapped_column(sa.ForeignKey("proposal.id"))
    plan_id: Mapped[int | None] = mapped_column(sa.ForeignKey("plan.id"))
    actor_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))
    happened_at: Mapped[datetime]


class Notice(Base):
    """One person is told of one event, once. `mail_id` is the outbox row of the mail or digest that it is in."""

    __tablename__ = "notice"
    __table_args__ = (
        sa.UniqueConstraint("person_id", "event_id"),
        sa.Index("ix_notice_follow", "follow_id", "id"),
        sa.Index("ix_notice_mail", "mail_id"),
        sa.Index(
            "ix_notice_waiting",
            "mode",
            "person_id",
            sqlite_where=sa.text("mail_id IS NULL AND mode IN ('daily', 'weekly')"),
            postgresql_where=sa.text("mail_id IS NULL AND mode IN ('daily', 'weekly')"),
        ),
    )

    event_id: Mapped[int] = mapped_column(sa.ForeignKey("event.id"))
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))
    # The reason why they are told; empty once they stopped following.
    follow_id: Mapped[int | None] = mapped_column(sa.ForeignKey("follow.id", ondelete="SET NULL"))
    mode: Mapped[Mode]
    told_at: Mapped[datetime]
    mail_id: Mapped[int | None]

    event: Mapped[Event] = relationship()
    follow: Mapped[Follow | None] = relationship()
