"""The unit that is counted, forwarded and decided."""

import enum
from datetime import datetime
from typing import TYPE_CHECKING

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from consulta.contributions.models import Channel, Contribution
from consulta.database import Base, Imported, Versioned
from consulta.plans.models import Plan, Topic
from consulta.text import excerpt

if TYPE_CHECKING:
    from consulta.decisions.models import Decision
    from consulta.referrals.models import Referral

SUMMARY_MIN, SUMMARY_MAX = 10, 200


class ProposalState(enum.Enum):
    RECEIVED = "received"
    INADMISSIBLE = "inadmissible"
    WITHDRAWN = "withdrawn"
    SYSTEMATIZED = "systematized"
    MERGED = "merged"
    VOIDED = "voided"
    FORWARDED = "forwarded"
    DECIDED = "decided"


class Proposal(Base, Versioned, Imported):
    """A proposal and its sources. `channel` and `topic_received` are copied from the first source, once."""

    __tablename__ = "proposal"
    __table_args__ = (
        sa.Index("ix_proposal_tray", "plan_id", "state", "id"),
        sa.Index("ix_proposal_topic_final", "topic_final_id", "channel", "id"),
        sa.Index("ix_proposal_topic_received", "topic_received_id", "channel", "id"),
    )

    folio: Mapped[str] = mapped_column(unique=True)
    plan_id: Mapped[int] = mapped_column(sa.ForeignKey("plan.id"))
    topic_received_id: Mapped[int | None] = mapped_column(sa.ForeignKey("topic.id"))
    topic_final_id: Mapped[int | None] = mapped_column(sa.ForeignKey("topic.id"))
    channel: Mapped[Channel]
    received_at: Mapped[datetime]
    late: Mapped[bool] = mapped_column(default=False)
    title: Mapped[str | None]
    summary: Mapped[str | None]
    in_template: Mapped[bool] = mapped_column(default=False)
    main_proposal_id: Mapped[int | None] = mapped_column(sa.ForeignKey("proposal.id"), index=True)
    state: Mapped[ProposalState] = mapped_column(default=ProposalState.RECEIVED)

    plan: Mapped[Plan] = relationship()
    topic_received: Mapped[Topic | None] = relationship(foreign_keys=[topic_received_id])
    topic_final: Mapped[Topic | None] = relationship(foreign_keys=[topic_final_id])
    source_links: Mapped[list["ProposalSource"]] = relationship(
        back_populates="proposal", order_by="ProposalSource.position"
    )
    main_proposal: Mapped["Proposal | None"] = relationship(
        remote_side="Proposal.id", back_populates="merged_proposals"
    )
    merged_proposals: Mapped[list["Proposal"]] = relationship(back_populates="main_proposal", order_by="Proposal.folio")
    referrals: Mapped[list["Referral"]] = relationship(back_populates="proposal", order_by="Referral.id")
    decisions: Mapped[list["Decision"]] = relationship(back_populates="proposal", order_by="Decision.number")

    @property
    def sources(self) -> list[Contribution]:
        return [link.contribution for link in self.source_links]

    @property
    def first_source(self) -> Contribution:
        return self.source_links[0].contribution

    @property
    def display_title(self) -> str:
        """What a list shows: the systematised summary, else the title, else the first words of its source."""
        return self.title or self.summary or excerpt(self.first_source.public_body)

    @property
    def topic(self) -> Topic | None:
        """Where it is now: the topic given by systematisation, else the one it was sent to."""
        return self.topic_final or self.topic_received


class ProposalSource(Base):
    """A contribution that a proposal comes from; never removed, so both directions can be walked."""

    __tablename__ = "proposal_source"
    __table_args__ = (sa.UniqueConstraint("proposal_id", "contribution_id"),)

    proposal_id: Mapped[int] = mapped_column(sa.ForeignKey("proposal.id"))
    contribution_id: Mapped[int] = mapped_column(sa.ForeignKey("contribution.id"), index=True)
    position: Mapped[int] = mapped_column(default=1)

    proposal: Mapped[Proposal] = relationship(back_populates="source_links")
    contribution: Mapped[Contribution] = relationship(back_populates="proposal_links")
