"""One proposal as anybody may read it: its sources, what was joined to it, and the dates of its path."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased, joinedload

from consulta.audit.models import AuditEntry
from consulta.contributions.models import Contribution, ContributionState
from consulta.contributions.queries import in_thread
from consulta.contributions.threads import TITLE_SOURCE
from consulta.errors import NotFound
from consulta.people.models import Institution, Person
from consulta.proposals.models import Proposal, ProposalSource, ProposalState
from consulta.proposals.public import listed
from consulta.proposals.stages import is_visible

Row = Any  # a result row with the columns its statement names


@dataclass(frozen=True)
class PathDates:
    """When a proposal reached what its path shows of moderation and order; None for what has not happened."""

    published_at: datetime | None
    systematized_at: datetime | None
    merged_at: datetime | None


def find_public_proposal(session: Session, folio: str) -> Proposal:
    """Raises NotFound for one that does not exist or still waits for moderation."""
    statement = (
        sa.select(Proposal)
        .where(Proposal.folio == folio, is_visible())
        .options(
            joinedload(Proposal.plan),
            joinedload(Proposal.topic_final),
            joinedload(Proposal.topic_received),
            joinedload(Proposal.main_proposal),
        )
    )
    proposal = session.scalars(statement).one_or_none()
    if proposal is None:
        raise NotFound("Proposal", folio)
    return proposal


_SOURCE_COLUMNS = (
    Contribution.id,
    Contribution.root_id,
    Contribution.parent_id,
    Contribution.state,
    Contribution.channel,
    Contribution.received_at,
    Contribution.late,
    Contribution.late_reason,
    Contribution.public_title,
    Contribution.public_html,
    sa.func.substr(Contribution.public_body, 1, TITLE_SOURCE).label("opening"),
    Contribution.redaction_note,
    Contribution.edited_at,
    Contribution.support_count,
    Contribution.reply_count,
    Contribution.reason,
    Contribution.reason_text,
    Contribution.provenance_note,
    Person.public_name.label("author"),
    Institution.name.label("organization"),
)


def sources_of(session: Session, proposal_id: int) -> Sequence[Row]:
    """The contributions a proposal comes from that have a place in public: words or a tombstone."""
    shown = sa.or_(in_thread(), Contribution.state == ContributionState.REJECTED)
    statement = (
        sa.select(*_SOURCE_COLUMNS)
        .join(ProposalSource, ProposalSource.contribution_id == Contribution.id)
        .join(Person, Person.id == Contribution.person_id)
        .outerjoin(Institution, Institution.id == Contribution.organization_id)
        .where(ProposalSource.proposal_id == proposal_id, shown)
        .order_by(ProposalSource.position, ProposalSource.id)
    )
    return session.execute(statement).all()


def heading_of(session: Session, proposal_id: int) -> Row:
    """The row that a list would show of it."""
    return session.execute(listed().where(Proposal.id == proposal_id)).one()


def merged_into(session: Session, proposal_id: int) -> Sequence[Row]:
    """Proposals that were joined to this one."""
    return session.execute(listed().where(Proposal.main_proposal_id == proposal_id).order_by(Proposal.id)).all()


def siblings_of(session: Session, proposal_id: int) -> Sequence[Row]:
    """Other proposals that come from the same words: those of a split, and of a reply that was taken up."""
    mine, theirs = aliased(ProposalSource), aliased(ProposalSource)
    others = (
        sa.select(theirs.proposal_id)
        .join(mine, mine.contribution_id == theirs.contribution_id)
        .where(mine.proposal_id == proposal_id, theirs.proposal_id != proposal_id)
    )
    statement = listed().where(Proposal.id.in_(others), Proposal.state != ProposalState.VOIDED, is_visible())
    return session.execute(statement.order_by(Proposal.id)).all()


def folio_of_root(session: Session, contribution_id: int) -> str | None:
    """The folio of the first proposal that comes from a contribution, if anybody may see it."""
    statement = (
        sa.select(Proposal.folio)
        .join(ProposalSource, ProposalSource.proposal_id == Proposal.id)
        .where(ProposalSource.contribution_id == contribution_id, Proposal.state != ProposalState.VOIDED, is_visible())
        .order_by(Proposal.id)
        .limit(1)
    )
    return session.execute(statement).scalar_one_or_none()


def path_dates(session: Session, proposal_id: int, source_ids: Sequence[int]) -> PathDates:
    """Read from the log. Moves to and from a decision are left out: they have their own date, once it is public."""
    published = sa.and_(
        AuditEntry.object_type == "contribution",
        AuditEntry.object_id.in_(source_ids),
        AuditEntry.to_state == ContributionState.PUBLISHED.value,
    )
    ordered = sa.and_(
        AuditEntry.object_type == "proposal",
        AuditEntry.object_id == proposal_id,
        AuditEntry.from_state.in_((ProposalState.RECEIVED.value, ProposalState.SYSTEMATIZED.value)),
        AuditEntry.to_state.in_((ProposalState.SYSTEMATIZED.value, ProposalState.MERGED.value)),
    )
    rows = session.execute(
        sa.select(AuditEntry.to_state, sa.func.min(AuditEntry.at).label("at"))
        .where(sa.or_(published, ordered))
        .group_by(AuditEntry.to_state)
    )
    found = {row.to_state: row.at for row in rows}
    return PathDates(
        found.get(ContributionState.PUBLISHED.value),
        found.get(ProposalState.SYSTEMATIZED.value),
        found.get(ProposalState.MERGED.value),
    )
