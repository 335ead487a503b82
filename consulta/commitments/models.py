"""What institutions promise: commitments in SMART form."""

import enum
from datetime import date
from decimal import Decimal

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from consulta.database import Base, Imported, Versioned
from consulta.people.models import Institution
from consulta.plans.models import Plan
from consulta.proposals.models import Proposal

NAME_MIN, NAME_MAX = 10, 200
TEXT_MAX = 5000


class CommitmentState(enum.Enum):
    DRAFT = "draft"
    INSTITUTION_REVIEW = "institution_review"
    OBSERVED = "observed"
    VALIDATED = "validated"
    APPROVED = "approved"
    DROPPED = "dropped"


class Precision(enum.Enum):
    DAY = "day"
    MONTH = "month"


class Origin(enum.Enum):
    NEW = "new"
    CONTINUED = "continued"


class CommitmentSource(enum.Enum):
    PROPOSALS = "proposals"
    INSTITUTIONAL = "institutional"


class OpenGovernmentValue(enum.Enum):
    TRANSPARENCY = "transparency"
    PARTICIPATION = "participation"
    ACCOUNTABILITY = "accountability"
    TECHNOLOGY = "technology"


class Grade(enum.Enum):
    """How much of what a letter of the SMART check asks is there."""

    COMPLETE = "complete"
    PARTIAL = "partial"
    EMPTY = "empty"


class Commitment(Base, Versioned, Imported):
    """A commitment of a plan. Texts may be empty while it is a draft; the SMART check says what is missing."""

    __tablename__ = "commitment"
    __table_args__ = (sa.UniqueConstraint("plan_id", "number"),)

    folio: Mapped[str] = mapped_column(unique=True)
    plan_id: Mapped[int] = mapped_column(sa.ForeignKey("plan.id"))
    number: Mapped[int]
    name: Mapped[str]
    start_on: Mapped[date | None]
    start_precision: Mapped[Precision] = mapped_column(default=Precision.DAY)
    end_on: Mapped[date | None]
    end_precision: Mapped[Precision] = mapped_column(default=Precision.DAY)
    origin: Mapped[Origin] = mapped_column(default=Origin.NEW)
    previous_commitment: Mapped[str | None]
    source: Mapped[CommitmentSource] = mapped_column(default=CommitmentSource.PROPOSALS)
    lead_institution_id: Mapped[int] = mapped_column(sa.ForeignKey("institution.id"), index=True)
    problem: Mapped[str] = mapped_column(default="")
    description: Mapped[str] = mapped_column(default="")
    contribution: Mapped[str] = mapped_column(default="")
    values: Mapped[list[str]] = mapped_column(default=list)
    relevance: Mapped[str] = mapped_column(default="")
    additional: Mapped[str] = mapped_column(default="")
    budget_usd: Mapped[Decimal | None] = mapped_column(sa.Numeric(14, 2))
    contact_post: Mapped[str] = mapped_column(default="")
    contact_unit: Mapped[str] = mapped_column(default="")
    contact_email: Mapped[str] = mapped_column(default="")
    contact_phone: Mapped[str] = mapped_column(default="")
    state: Mapped[CommitmentState] = mapped_column(default=CommitmentState.DRAFT)
    observation: Mapped[str | None]
    provenance_note: Mapped[str | None]

    plan: Mapped[Plan] = relationship()
    lead_institution: Mapped[Institution] = relationship()
    milestones: Mapped[list["Milestone"]] = relationship(order_by="Milestone.position", cascade="all, delete-orphan")
    indicators: Mapped[list["Indicator"]] = relationship(order_by="Indicator.position", cascade="all, delete-orphan")
    actors: Mapped[list["CommitmentActor"]] = relationship(cascade="all, delete-orphan")
    proposal_links: Mapped[list["CommitmentProposal"]] = relationship(
        order_by="CommitmentProposal.proposal_id", cascade="all, delete-orphan"
    )

    @property
    def proposals(self) -> list[Proposal]:
        return [link.proposal for link in self.proposal_links]


class Milestone(Base):
    """A dated, verifiable step (hito: actividad y producto entregable)."""

    __tablename__ = "milestone"

    commitment_id: Mapped[int] = mapped_column(sa.ForeignKey("commitment.id"), index=True)
    position: Mapped[int]
    activity: Mapped[str]
    deliverable: Mapped[str] = mapped_column(default="")
    verification: Mapped[str] = mapped_column(default="")
    start_on: Mapped[date | None]
    end_on: Mapped[date | None]
    responsible: Mapped[str] = mapped_column(default="")


class Indicator(Base):
    """How progress is measured; `baseline` null means «sin línea base», said on purpose when `no_baseline`."""

    __tablename__ = "indicator"

    commitment_id: Mapped[int] = mapped_column(sa.ForeignKey("commitment.id"), index=True)
    position: Mapped[int]
    name: Mapped[str]
    baseline: Mapped[str | None]
    no_baseline: Mapped[bool] = mapped_column(default=False)
    target: Mapped[str] = mapped_column(default="")
    unit: Mapped[str] = mapped_column(default="")


class CommitmentActor(Base):
    """Another institution or organisation that takes part in a commitment."""

    __tablename__ = "commitment_actor"
    __table_args__ = (sa.UniqueConstraint("commitment_id", "institution_id"),)

    commitment_id: Mapped[int] = mapped_column(sa.ForeignKey("commitment.id"))
    institution_id: Mapped[int] = mapped_column(sa.ForeignKey("institution.id"))

    institution: Mapped[Institution] = relationship()


class CommitmentProposal(Base):
    """A proposal that a commitment answers."""

    __tablename__ = "commitment_proposal"
    __table_args__ = (sa.UniqueConstraint("commitment_id", "proposal_id"),)

    commitment_id: Mapped[int] = mapped_column(sa.ForeignKey("commitment.id"))
    proposal_id: Mapped[int] = mapped_column(sa.ForeignKey("proposal.id"), index=True)

    proposal: Mapped[Proposal] = relationship()
