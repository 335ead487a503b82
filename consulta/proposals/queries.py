"""What the team reads of proposals: the tray to systematise, one proposal with its sources, and its history."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload, selectinload
from sqlalchemy.sql.base import ExecutableOption

from consulta.audit.models import AuditEntry
from consulta.contributions.models import Channel, Contribution, ContributionState
from consulta.contributions.queries import WITH_AUTHOR
from consulta.errors import NotFound
from consulta.keys import place_after, read_place
from consulta.proposals.models import Proposal, ProposalSource, ProposalState

PAGE_SIZE = 25
READABLE = (ContributionState.PUBLISHED, ContributionState.HIDDEN)


@dataclass(frozen=True)
class TrayFilter:
    """What the tray shows; `topic` is where a proposal is now, 0 those without one."""

    plan_id: int
    state: ProposalState | None = ProposalState.RECEIVED
    topic_id: int | None = None
    channel: Channel | None = None


@dataclass(frozen=True)
class TrayPage:
    """One page of the tray, oldest first; `next_cursor` opens the following one."""

    proposals: Sequence[Proposal]
    total: int
    next_cursor: str | None


def read_tray(session: Session, wanted: TrayFilter, cursor: str = "", size: int = PAGE_SIZE) -> TrayPage:
    """Proposals with a readable source, oldest first. Raises NotFound for a cursor that nobody gave."""
    conditions = _conditions(wanted)
    total = session.scalar(sa.select(sa.func.count()).select_from(Proposal).where(*conditions)) or 0
    if cursor:
        received_at, key = read_place(cursor)
        conditions.append(sa.tuple_(Proposal.received_at, Proposal.id) > sa.tuple_(_moment(received_at), key))
    statement = (
        sa.select(Proposal)
        .where(*conditions)
        .order_by(Proposal.received_at, Proposal.id)
        .limit(size + 1)
        .options(*_with_sources())
    )
    found = list(session.scalars(statement))
    last = found[size - 1] if len(found) > size else None
    return TrayPage(found[:size], total, place_after(last.received_at, last.id) if last else None)


def _conditions(wanted: TrayFilter) -> list[sa.ColumnElement[bool]]:
    source = (
        sa.select(ProposalSource.id)
        .join(Contribution)
        .where(ProposalSource.proposal_id == Proposal.id, Contribution.state.in_(READABLE))
    )
    conditions: list[sa.ColumnElement[bool]] = [Proposal.plan_id == wanted.plan_id, source.exists()]
    if wanted.state is not None:
        conditions.append(Proposal.state == wanted.state)
    if wanted.channel is not None:
        conditions.append(Proposal.channel == wanted.channel)
    if wanted.topic_id is not None:
        topic_now = sa.func.coalesce(Proposal.topic_final_id, Proposal.topic_received_id)
        conditions.append(topic_now.is_(None) if wanted.topic_id == 0 else topic_now == wanted.topic_id)
    return conditions


def _with_sources() -> tuple[ExecutableOption, ...]:
    contribution = selectinload(Proposal.source_links).joinedload(ProposalSource.contribution)
    return (
        contribution.options(*WITH_AUTHOR),
        contribution.joinedload(Contribution.suggested_institution),
        joinedload(Proposal.topic_received),
        joinedload(Proposal.topic_final),
        joinedload(Proposal.plan),
    )


def _moment(value: datetime) -> sa.BindParameter[datetime]:
    return sa.bindparam(None, value, Proposal.received_at.type)


def find_proposal(session: Session, folio: str) -> Proposal:
    """A proposal by its folio, whatever its state, with its sources and what is merged. Raises NotFound."""
    statement = (
        sa.select(Proposal)
        .where(Proposal.folio == folio.strip().upper())
        .options(
            *_with_sources(),
            joinedload(Proposal.main_proposal),
            selectinload(Proposal.merged_proposals)
            .selectinload(Proposal.source_links)
            .joinedload(ProposalSource.contribution)
            .options(*WITH_AUTHOR),
        )
    )
    proposal = session.scalars(statement).unique().one_or_none()
    if proposal is None:
        raise NotFound("Proposal", folio)
    return proposal


def find_proposals(session: Session, keys: Sequence[int]) -> list[Proposal]:
    """Proposals by their ids, in the order of their folios, with their sources."""
    statement = sa.select(Proposal).where(Proposal.id.in_(keys)).order_by(Proposal.folio).options(*_with_sources())
    return list(session.scalars(statement))


def search_main_candidates(session: Session, plan_id: int, text: str, *, exclude: int | None = None) -> list[Proposal]:
    """Up to 20 proposals of the plan that could receive others, whose folio or words contain `text`."""
    words = text.strip()
    if not words:
        return []
    body = (
        sa.select(ProposalSource.id)
        .join(Contribution)
        .where(
            ProposalSource.proposal_id == Proposal.id,
            sa.or_(
                Contribution.public_body.icontains(words, autoescape=True),
                Contribution.public_title.icontains(words, autoescape=True),
            ),
        )
    )
    able = (ProposalState.RECEIVED, ProposalState.SYSTEMATIZED, ProposalState.FORWARDED, ProposalState.DECIDED)
    statement = (
        sa.select(Proposal)
        .where(
            Proposal.plan_id == plan_id,
            Proposal.state.in_(able),
            Proposal.id != (exclude or 0),
            sa.or_(
                Proposal.folio.icontains(words, autoescape=True),
                Proposal.title.icontains(words, autoescape=True),
                Proposal.summary.icontains(words, autoescape=True),
                body.exists(),
            ),
        )
        .order_by(Proposal.folio)
        .limit(20)
        .options(*_with_sources())
    )
    return list(session.scalars(statement))


def proposals_from(session: Session, contribution_ids: Sequence[int]) -> dict[int, list[Proposal]]:
    """Which proposals come from each contribution, voided ones too, in the order of their folios."""
    statement = (
        sa.select(ProposalSource.contribution_id, Proposal)
        .join(Proposal)
        .where(ProposalSource.contribution_id.in_(contribution_ids))
        .order_by(Proposal.folio)
    )
    found: dict[int, list[Proposal]] = {}
    for contribution_id, proposal in session.execute(statement):
        found.setdefault(contribution_id, []).append(proposal)
    return found


def replies_below(session: Session, root_ids: Sequence[int]) -> list[Contribution]:
    """The published replies of some conversations, oldest first."""
    statement = (
        sa.select(Contribution)
        .where(Contribution.root_id.in_(root_ids), Contribution.state == ContributionState.PUBLISHED)
        .order_by(Contribution.received_at, Contribution.id)
        .options(*WITH_AUTHOR)
    )
    return list(session.scalars(statement))


def history_of(session: Session, proposal: Proposal) -> list[AuditEntry]:
    """Every recorded act on a proposal, in order."""
    statement = (
        sa.select(AuditEntry)
        .where(AuditEntry.object_type == "proposal", AuditEntry.object_id == proposal.id)
        .order_by(AuditEntry.id)
    )
    return list(session.scalars(statement))


def waiting_by_topic(session: Session, plan_id: int) -> dict[int | None, int]:
    """How many proposals wait to be systematised in each topic; None those received without one."""
    topic_now = sa.func.coalesce(Proposal.topic_final_id, Proposal.topic_received_id)
    conditions = _conditions(TrayFilter(plan_id))
    statement = sa.select(topic_now, sa.func.count()).where(*conditions).group_by(topic_now)
    return {row[0]: row[1] for row in session.execute(statement)}
