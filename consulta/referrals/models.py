"""Proposals sent to institutions, and what each institution answered."""

import enum
from datetime import date, datetime

import sqlalchemy as sa
from markupsafe import Markup
from sqlalchemy.orm import Mapped, mapped_column, relationship

from consulta.database import Base, Imported, Versioned
from consulta.people.models import Institution, Person
from consulta.plans.models import Plan
from consulta.proposals.models import Proposal

JUSTIFICATION_MIN, JUSTIFICATION_MAX = 40, 5000
COVER_MIN, COVER_MAX = 20, 5000


class ReferralState(enum.Enum):
    PENDING_SEND = "pending_send"
    SENT = "sent"
    ACKNOWLEDGED = "acknowledged"
    ANSWERED = "answered"
    RETURNED = "returned"
    CANCELLED = "cancelled"
    NO_ANSWER = "no_answer"


# A referral in one of these no longer binds its institution to an answer.
ENDED_WITHOUT_ANSWER = (ReferralState.RETURNED, ReferralState.CANCELLED)
AWAITING = (ReferralState.SENT, ReferralState.ACKNOWLEDGED)
# While a proposal has one of these it is not decided.
PENDING = (ReferralState.PENDING_SEND, *AWAITING)


class ResponseOutcome(enum.Enum):
    INCLUDE = "include"
    INCLUDE_PARTIAL = "include_partial"
    NOT_INCLUDE = "not_include"


class Reason(enum.Enum):
    """Why a proposal is not, or not wholly, included; of responses and of decisions."""

    OUT_OF_SCOPE = "out_of_scope"
    NO_COMPETENT_INSTITUTION = "no_competent_institution"
    ALREADY_DONE = "already_done"
    NO_BUDGET = "no_budget"
    LEGAL_LIMIT = "legal_limit"
    NOT_FEASIBLE = "not_feasible"
    NO_TIME = "no_time"
    TOO_GENERAL = "too_general"
    NO_ANSWER = "no_answer"
    OTHER = "other"


# These two say nothing by themselves: where it exists, or which other reason.
REASONS_WITH_DETAIL = frozenset({Reason.ALREADY_DONE, Reason.OTHER})


class Dispatch(Base, Imported):
    """One numbered letter to one institution, carrying many referrals (oficio de remisión)."""

    __tablename__ = "dispatch"

    folio: Mapped[str] = mapped_column(unique=True)
    plan_id: Mapped[int] = mapped_column(sa.ForeignKey("plan.id"), index=True)
    institution_id: Mapped[int] = mapped_column(sa.ForeignKey("institution.id"), index=True)
    cover_text: Mapped[str]
    sent_at: Mapped[datetime | None]
    sent_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))
    due_on: Mapped[date]

    plan: Mapped[Plan] = relationship()
    institution: Mapped[Institution] = relationship()
    referrals: Mapped[list["Referral"]] = relationship(back_populates="dispatch", order_by="Referral.id")


class Referral(Base, Versioned, Imported):
    """One proposal at one institution. Overdue is computed from `due_on`, never stored."""

    __tablename__ = "referral"
    __table_args__ = (
        sa.Index(
            "uq_referral_live",
            "proposal_id",
            "institution_id",
            unique=True,
            sqlite_where=sa.text("state NOT IN ('returned', 'cancelled')"),
            postgresql_where=sa.text("state NOT IN ('returned', 'cancelled')"),
        ),
        sa.Index("ix_referral_tray", "institution_id", "state", "due_on"),
    )

    dispatch_id: Mapped[int] = mapped_column(sa.ForeignKey("dispatch.id"), index=True)
    proposal_id: Mapped[int] = mapped_column(sa.ForeignKey("proposal.id"), index=True)
    institution_id: Mapped[int] = mapped_column(sa.ForeignKey("institution.id"))
    state: Mapped[ReferralState] = mapped_column(default=ReferralState.PENDING_SEND)
    due_on: Mapped[date]
    sent_at: Mapped[datetime | None]
    acknowledged_at: Mapped[datetime | None]
    answered_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    return_reason: Mapped[str | None]
    suggested_institution_id: Mapped[int | None] = mapped_column(sa.ForeignKey("institution.id"))
    extended_from: Mapped[date | None]
    extension_reason: Mapped[str | None]

    dispatch: Mapped[Dispatch] = relationship(back_populates="referrals")
    proposal: Mapped[Proposal] = relationship(back_populates="referrals")
    institution: Mapped[Institution] = relationship(foreign_keys=[institution_id])
    suggested_institution: Mapped[Institution | None] = relationship(foreign_keys=[suggested_institution_id])
    responses: Mapped[list["Response"]] = relationship(back_populates="referral", order_by="Response.number")

    @property
    def response(self) -> "Response | None":
        """The answer that holds: the last version."""
        return self.responses[-1] if self.responses else None


class Response(Base, Imported):
    """One version of an institution's answer on one referral, with its public justification."""

    __tablename__ = "response"
    __table_args__ = (sa.UniqueConstraint("referral_id", "number"),)

    referral_id: Mapped[int] = mapped_column(sa.ForeignKey("referral.id"))
    number: Mapped[int]
    outcome: Mapped[ResponseOutcome]
    reasons: Mapped[list[str]] = mapped_column(default=list)
    reason_detail: Mapped[str | None]
    justification: Mapped[str]
    justification_html: Mapped[Markup]
    answered_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))
    answered_at: Mapped[datetime]
    provenance_note: Mapped[str | None]

    referral: Mapped[Referral] = relationship(back_populates="responses")
    answered_by: Mapped[Person | None] = relationship()

    @property
    def given_reasons(self) -> list[Reason]:
        return [Reason(code) for code in self.reasons]
