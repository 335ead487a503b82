"""What is consulted: plans with their calendar, window, topics and documents."""

import enum
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from markupsafe import Markup
from sqlalchemy.orm import Mapped, mapped_column, relationship

from consulta.database import Base, Imported, Versioned
from consulta.people.models import Institution

TITLE_MAX = 200
DOCUMENT_MAX_BYTES = 10 * 1024 * 1024
DOCUMENT_TYPES = {
    "pdf": "application/pdf",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "odt": "application/vnd.oasis.opendocument.text",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "ods": "application/vnd.oasis.opendocument.spreadsheet",
    "csv": "text/csv; charset=utf-8",
    "txt": "text/plain; charset=utf-8",
}


class PlanState(enum.Enum):
    PREPARATION = "preparation"
    OPEN = "open"
    SYSTEMATIZATION = "systematization"
    INSTITUTIONAL_ANALYSIS = "institutional_analysis"
    DRAFTING = "drafting"
    IN_APPROVAL = "in_approval"
    APPROVED = "approved"


class PhaseKind(enum.Enum):
    STRATEGY = "strategy"
    CONSULTATION = "consultation"
    DRAFTING = "drafting"
    PRESENTATION = "presentation"
    OTHER = "other"


class TopicState(enum.Enum):
    DRAFT = "draft"
    PUBLISHED = "published"
    CLOSED = "closed"


class Moderation(enum.Enum):
    """When a contribution of a topic is read by a moderator: before it is shown, or afterwards."""

    BEFORE = "before"
    AFTER = "after"


class DocumentKind(enum.Enum):
    METHOD = "method"
    SUBMISSION = "submission"
    MEMO = "memo"
    ANNEX = "annex"
    PLAN = "plan"
    REPORT = "report"
    OTHER = "other"


class Plan(Base, Versioned, Imported):
    """A national action plan and its one consultation. Window dates are civil days, both included."""

    __tablename__ = "plan"

    code: Mapped[str] = mapped_column(unique=True)
    title: Mapped[str]
    ordinal: Mapped[str | None]
    objective: Mapped[str]
    period_start_on: Mapped[date]
    period_end_on: Mapped[date]
    coordinator_institution_id: Mapped[int] = mapped_column(sa.ForeignKey("institution.id"))
    state: Mapped[PlanState] = mapped_column(default=PlanState.PREPARATION)
    notice_published_on: Mapped[date | None]
    opens_on: Mapped[date | None]
    closes_on: Mapped[date | None]
    window_closed_at: Mapped[datetime | None]
    response_days: Mapped[int] = mapped_column(default=15)
    # Whether people without an account can write in the site too; they are always read first.
    takes_guests: Mapped[bool] = mapped_column(default=True)
    results_published_at: Mapped[datetime | None]
    approved_on: Mapped[date | None]
    approval_document_id: Mapped[int | None] = mapped_column(sa.ForeignKey("document.id", use_alter=True))
    demo_notice: Mapped[str | None]

    coordinator_institution: Mapped[Institution] = relationship()
    topics: Mapped[list["Topic"]] = relationship(back_populates="plan", order_by="Topic.position")
    phases: Mapped[list["Phase"]] = relationship(back_populates="plan", order_by="Phase.position")
    extensions: Mapped[list["WindowExtension"]] = relationship(order_by="WindowExtension.id")
    documents: Mapped[list["Document"]] = relationship(
        back_populates="plan", order_by="Document.id", foreign_keys="Document.plan_id"
    )

    @property
    def has_results(self) -> bool:
        """Whether outcomes, reasons and matrices are public."""
        return self.results_published_at is not None


class WindowExtension(Base):
    """Another closing date, with the one it replaced and why; an earlier one when the window was closed at once."""

    __tablename__ = "window_extension"

    plan_id: Mapped[int] = mapped_column(sa.ForeignKey("plan.id"), index=True)
    old_closes_on: Mapped[date]
    new_closes_on: Mapped[date]
    reason: Mapped[str]
    extended_at: Mapped[datetime]


class Phase(Base, Versioned):
    """A row of the calendar; what was planned and what happened are kept apart."""

    __tablename__ = "phase"

    plan_id: Mapped[int] = mapped_column(sa.ForeignKey("plan.id"), index=True)
    kind: Mapped[PhaseKind]
    label: Mapped[str]
    position: Mapped[int]
    planned_start_on: Mapped[date]
    planned_end_on: Mapped[date]
    actual_start_on: Mapped[date | None]
    actual_end_on: Mapped[date | None]
    note: Mapped[str | None]

    plan: Mapped[Plan] = relationship(back_populates="phases")


@dataclass(frozen=True)
class Thresholds:
    """What a contribution of a topic may have and still be shown at once, where the topic shows them so.

    An author is new until `approvals` contributions were shown and `trust_hours` went by. Then the most that passes:
    links of a new author, what a new author sends on the first day, links to one host, accounts that send one text,
    accounts behind one address in ten minutes. A form takes at least `form_seconds`; `text_points` of suspicion in
    the words are enough to hold them.
    """

    approvals: int = 2
    trust_hours: int = 24
    new_author_links: int = 2
    first_day_proposals: int = 3
    first_day_replies: int = 10
    host_links: int = 2
    same_text_accounts: int = 1
    burst_accounts: int = 10
    form_seconds: int = 3
    text_points: int = 4


class Topic(Base, Versioned, Imported):
    """A subject of a plan: introduction first, conversation below. The counters change with what they count."""

    __tablename__ = "topic"
    __table_args__ = (sa.UniqueConstraint("plan_id", "code"),)

    plan_id: Mapped[int] = mapped_column(sa.ForeignKey("plan.id"))
    code: Mapped[str]
    name: Mapped[str]
    one_line: Mapped[str]
    position: Mapped[int]
    intro: Mapped[str]
    intro_html: Mapped[Markup]
    source_citation: Mapped[str | None]
    state: Mapped[TopicState] = mapped_column(default=TopicState.DRAFT)
    moderation: Mapped[Moderation] = mapped_column(default=Moderation.BEFORE)
    # What the coordinator set in place of the usual Thresholds, by name.
    thresholds: Mapped[dict[str, Any]] = mapped_column(default=dict)
    # Shown on cards: proposals with a published source posted here, replies shown, and the latest of both.
    proposal_count: Mapped[int] = mapped_column(default=0)
    reply_count: Mapped[int] = mapped_column(default=0)
    last_activity_at: Mapped[datetime | None]

    plan: Mapped[Plan] = relationship(back_populates="topics")

    @property
    def holding(self) -> Thresholds:
        """What holds a contribution here: the usual, with what was set for this topic."""
        return Thresholds(**self.thresholds)


class TopicCompetence(Base):
    """An institution that may answer for a topic (by code, so that it holds for every plan)."""

    __tablename__ = "topic_competence"
    __table_args__ = (sa.UniqueConstraint("institution_id", "topic_code"),)

    institution_id: Mapped[int] = mapped_column(sa.ForeignKey("institution.id"))
    topic_code: Mapped[str] = mapped_column(index=True)

    institution: Mapped[Institution] = relationship()


class Document(Base, Imported):
    """A file of the repository, kept in the database so that it is saved, copied and restored with the rest."""

    __tablename__ = "document"

    plan_id: Mapped[int] = mapped_column(sa.ForeignKey("plan.id"), index=True)
    title: Mapped[str]
    kind: Mapped[DocumentKind]
    issued_on: Mapped[date]
    edition: Mapped[str]
    file_name: Mapped[str]
    media_type: Mapped[str]
    size: Mapped[int]
    sha256: Mapped[str]
    content: Mapped[bytes] = mapped_column(deferred=True)
    added_at: Mapped[datetime]
    withdrawn_at: Mapped[datetime | None]

    plan: Mapped[Plan] = relationship(back_populates="documents", foreign_keys=[plan_id])


class Holiday(Base):
    """A day on which public offices do not count a term."""

    __tablename__ = "holiday"

    on: Mapped[date] = mapped_column(unique=True)
    label: Mapped[str]
