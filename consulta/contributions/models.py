"""The conversation in people's own words: contributions, their versions and the support they get."""

import enum
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from markupsafe import Markup
from sqlalchemy.orm import Mapped, mapped_column, relationship

from consulta.database import Base, Imported, Versioned
from consulta.people.models import Institution, Person
from consulta.plans.models import Plan, Topic
from consulta.text import excerpt

if TYPE_CHECKING:
    from consulta.proposals.models import ProposalSource

BODY_MIN, BODY_MAX = 20, 5000
REPLY_MIN = 2
TITLE_MAX = 150
SUGGESTION_MAX = 200
PUBLIC_TEXT_MIN, PUBLIC_TEXT_MAX = 20, 2000
REPORT_NOTE_MAX = 1000


class Channel(enum.Enum):
    WEB = "web"
    FACEBOOK = "facebook"
    TWITTER = "twitter"
    WHATSAPP = "whatsapp"
    EMAIL = "email"
    IN_PERSON = "in_person"
    DOCUMENT = "document"
    WORKSHOP = "workshop"
    TERRITORIAL = "territorial"
    INSTITUTION = "institution"


class ContributionState(enum.Enum):
    PENDING = "pending"
    PUBLISHED = "published"
    OBSERVED = "observed"
    REJECTED = "rejected"
    HIDDEN = "hidden"
    WITHDRAWN = "withdrawn"


class RejectionReason(enum.Enum):
    SPAM = "spam"
    OFFENSIVE = "offensive"
    PERSONAL_DATA = "personal_data"
    EMPTY = "empty"
    NOT_PUBLIC = "not_public"
    TEST = "test"
    NOT_COMPLETED = "not_completed"


class HeldFor(enum.Enum):
    """Why a contribution waits for somebody to read it."""

    TOPIC_REVIEWS = "topic_reviews"
    NO_ACCOUNT = "no_account"
    NEW_AUTHOR = "new_author"
    FIRST_DAY = "first_day"
    MANY_LINKS = "many_links"
    SAME_HOST = "same_host"
    TOO_FAST = "too_fast"
    HONEYPOT = "honeypot"
    SAME_TEXT = "same_text"
    BURST = "burst"
    TEXT_RULES = "text_rules"
    REPORTED = "reported"
    EDITED = "edited"


class ReportReason(enum.Enum):
    SPAM = "spam"
    OFFENSIVE = "offensive"
    PERSONAL_DATA = "personal_data"
    THREAT = "threat"
    OFF_TOPIC = "off_topic"
    OTHER = "other"


class ReportState(enum.Enum):
    """A report waits, was right, was not, or came to nothing because the author withdrew the text."""

    OPEN = "open"
    UPHELD = "upheld"
    DISMISSED = "dismissed"
    MOOT = "moot"


class Submission(Base, Imported):
    """One letter, e-mail or act that brings several proposals of one contributor (entrega)."""

    __tablename__ = "submission"

    folio: Mapped[str] = mapped_column(unique=True)
    plan_id: Mapped[int] = mapped_column(sa.ForeignKey("plan.id"), index=True)
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))
    channel: Mapped[Channel]
    received_on: Mapped[date | None]
    received_by_role: Mapped[str]
    place: Mapped[str | None]
    registered_at: Mapped[datetime]

    plan: Mapped[Plan] = relationship()
    person: Mapped[Person] = relationship()
    contributions: Mapped[list["Contribution"]] = relationship(back_populates="submission")


def _index_of_known(name: str, *columns: str) -> sa.Index:
    """An index of the rows in which its first column is known."""
    known = sa.text(f"{columns[0]} IS NOT NULL")
    return sa.Index(f"ix_contribution_{name}", *columns, sqlite_where=known, postgresql_where=known)


class Contribution(Base, Versioned, Imported):
    """What somebody said, through any channel. `title` and `body` stay as received; what is shown is `public_*`.

    A top-level contribution is its own root (`root_id` null); a reply points to its parent and its root.
    """

    __tablename__ = "contribution"
    __table_args__ = (
        sa.Index("ix_contribution_thread", "topic_id", "parent_id", "received_at"),
        sa.Index("ix_contribution_supported", "topic_id", "parent_id", "support_count"),
        sa.Index("ix_contribution_tray", "plan_id", "state", "received_at"),
        sa.Index("ix_contribution_root", "root_id", "id"),
        sa.Index("ix_contribution_author", "person_id", "state"),
        _index_of_known("text", "text_digest", "person_id"),
        _index_of_known("origin", "address_prefix", "received_at"),
    )

    plan_id: Mapped[int] = mapped_column(sa.ForeignKey("plan.id"))
    topic_id: Mapped[int | None] = mapped_column(sa.ForeignKey("topic.id"))
    parent_id: Mapped[int | None] = mapped_column(sa.ForeignKey("contribution.id"), index=True)
    root_id: Mapped[int | None] = mapped_column(sa.ForeignKey("contribution.id"))
    depth: Mapped[int] = mapped_column(default=0)
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))
    channel: Mapped[Channel]
    # On whose behalf it was written; it never changes.
    organization_id: Mapped[int | None] = mapped_column(sa.ForeignKey("institution.id"))
    submission_id: Mapped[int | None] = mapped_column(sa.ForeignKey("submission.id"), index=True)
    received_at: Mapped[datetime]
    late: Mapped[bool] = mapped_column(default=False)
    late_reason: Mapped[str | None]
    title: Mapped[str | None]
    body: Mapped[str]
    suggested_institution_id: Mapped[int | None] = mapped_column(sa.ForeignKey("institution.id"))
    suggested_institution_text: Mapped[str | None]
    public_title: Mapped[str | None]
    public_body: Mapped[str]
    public_html: Mapped[Markup]
    redaction_note: Mapped[str | None]
    state: Mapped[ContributionState] = mapped_column(default=ContributionState.PENDING)
    # Codes of HeldFor.
    held_for: Mapped[list[str]] = mapped_column(default=list)
    # Tells the same text from several accounts, and many accounts behind one address; the prefix is soon dropped.
    text_digest: Mapped[str | None] = mapped_column(deferred=True)
    address_prefix: Mapped[str | None] = mapped_column(deferred=True)
    # Why it was observed, rejected or hidden: a code, the sentence the public or the author reads, and a due date.
    reason: Mapped[RejectionReason | None]
    reason_text: Mapped[str | None]
    complete_by: Mapped[date | None]
    appeal: Mapped[str | None]
    appealed_at: Mapped[datetime | None]
    # When everybody could first read it, whatever became of it.
    published_at: Mapped[datetime | None]
    # When its public words last changed with a public record of what they were.
    edited_at: Mapped[datetime | None]
    support_count: Mapped[int] = mapped_column(default=0)
    # Replies shown anywhere below it.
    reply_count: Mapped[int] = mapped_column(default=0)
    provenance_note: Mapped[str | None]

    plan: Mapped[Plan] = relationship()
    topic: Mapped[Topic | None] = relationship()
    person: Mapped[Person] = relationship()
    submission: Mapped[Submission | None] = relationship(back_populates="contributions")
    organization: Mapped[Institution | None] = relationship(foreign_keys=[organization_id])
    suggested_institution: Mapped[Institution | None] = relationship(foreign_keys=[suggested_institution_id])
    parent: Mapped["Contribution | None"] = relationship(remote_side="Contribution.id", foreign_keys=[parent_id])
    revisions: Mapped[list["Revision"]] = relationship(order_by="Revision.number")
    proposal_links: Mapped[list["ProposalSource"]] = relationship(back_populates="contribution")

    @property
    def is_reply(self) -> bool:
        return self.parent_id is not None

    @property
    def display_title(self) -> str:
        """The public title, or the first words of the public text."""
        return self.public_title or excerpt(self.public_body)


class Revision(Base):
    """The words of a contribution before its author changed them.

    `title` and `body` are as received, for the team. One that everybody can compare with the next says `was_public`;
    its `public_body` is empty when the team took personal data out afterwards.
    """

    __tablename__ = "revision"
    __table_args__ = (sa.UniqueConstraint("contribution_id", "number"),)

    contribution_id: Mapped[int] = mapped_column(sa.ForeignKey("contribution.id"))
    number: Mapped[int]
    title: Mapped[str | None]
    body: Mapped[str]
    was_public: Mapped[bool] = mapped_column(default=False)
    public_title: Mapped[str | None]
    public_body: Mapped[str | None]
    replaced_at: Mapped[datetime]


class PendingEdit(Base):
    """New words for a published contribution, which wait for moderation while the old ones stay.

    One that was not published keeps the reason, so that its author can write again from there.
    """

    __tablename__ = "pending_edit"

    contribution_id: Mapped[int] = mapped_column(sa.ForeignKey("contribution.id"), unique=True)
    title: Mapped[str | None]
    body: Mapped[str]
    html: Mapped[Markup]
    written_at: Mapped[datetime] = mapped_column(index=True)
    rejected_at: Mapped[datetime | None]
    reason: Mapped[RejectionReason | None]
    reason_text: Mapped[str | None]

    contribution: Mapped[Contribution] = relationship()


class Draft(Base):
    """What a person is writing for one place: a proposal under a topic, or a reply. `fields` is as typed."""

    __tablename__ = "draft"
    __table_args__ = (sa.UniqueConstraint("person_id", "place"),)

    person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))
    place: Mapped[str]
    topic_id: Mapped[int | None] = mapped_column(sa.ForeignKey("topic.id"))
    parent_id: Mapped[int | None] = mapped_column(sa.ForeignKey("contribution.id"))
    fields: Mapped[dict[str, Any]]
    updated_at: Mapped[datetime] = mapped_column(index=True)

    topic: Mapped[Topic | None] = relationship()
    parent: Mapped[Contribution | None] = relationship()


class Support(Base):
    """One person supports one contribution, once; it has no weight in the decision."""

    __tablename__ = "support"
    __table_args__ = (sa.UniqueConstraint("contribution_id", "person_id"),)

    contribution_id: Mapped[int] = mapped_column(sa.ForeignKey("contribution.id"))
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"), index=True)
    supported_at: Mapped[datetime]


class Report(Base):
    """Somebody says that a contribution should not be there (denuncia), once. Who did is never shown, and nobody knows
    it of a visitor."""

    __tablename__ = "report"
    __table_args__ = (
        sa.UniqueConstraint("contribution_id", "person_id"),
        sa.Index("ix_report_state", "state", "contribution_id"),
    )

    contribution_id: Mapped[int] = mapped_column(sa.ForeignKey("contribution.id"))
    person_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"), index=True)
    reason: Mapped[ReportReason]
    note: Mapped[str | None]
    reported_at: Mapped[datetime]
    state: Mapped[ReportState] = mapped_column(default=ReportState.OPEN)
    closed_at: Mapped[datetime | None]

    contribution: Mapped[Contribution] = relationship()
