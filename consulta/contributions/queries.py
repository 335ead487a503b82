"""What an author reads of the own contributions, and what moderators read in their trays."""

import enum
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload, selectinload

from consulta.audit.models import AuditEntry
from consulta.contributions.models import Contribution, ContributionState, Submission, Support
from consulta.errors import NotFound
from consulta.keys import place_after, read_place
from consulta.people.models import PUBLIC_BODIES, Institution
from consulta.plans.models import Plan
from consulta.proposals.models import Proposal, ProposalSource
from consulta.referrals.models import Referral

OWN_PAGE = 20
TRAY_PAGE = 50
SUPPORTS_MAX = 200


class Tray(enum.Enum):
    """What the moderation tray shows."""

    PENDING = "en-revision"
    OBSERVED = "en-subsanacion"
    APPEALED = "reclamados"
    ALL = "todos"


@dataclass(frozen=True)
class Page:
    """Some rows in order; `following` opens the next page, None at the end."""

    rows: Sequence[Any]
    following: str | None


def find_own(session: Session, person_id: int | None, contribution_id: int) -> Contribution:
    """A contribution of this author with what its page shows. Raises NotFound for anybody else."""
    statement = _own(person_id).where(Contribution.id == contribution_id)
    contribution = session.scalars(statement).one_or_none()
    if contribution is None:
        raise NotFound("Contribution", contribution_id)
    return contribution


def list_own(session: Session, person_id: int | None, cursor: str = "", size: int = OWN_PAGE) -> Page:
    """Everything an author wrote, the latest first."""
    statement = _own(person_id)
    if cursor:
        at, key = read_place(cursor)
        statement = statement.where(
            sa.or_(Contribution.received_at < at, sa.and_(Contribution.received_at == at, Contribution.id < key))
        )
    statement = statement.order_by(Contribution.received_at.desc(), Contribution.id.desc()).limit(size + 1)
    return _page(session.scalars(statement).all(), size, "received_at")


def _own(person_id: int | None) -> sa.Select[Contribution]:
    proposal = selectinload(Contribution.proposal_links).joinedload(ProposalSource.proposal)
    return (
        sa.select(Contribution)
        .where(Contribution.person_id == person_id)
        .options(
            joinedload(Contribution.plan),
            joinedload(Contribution.topic),
            joinedload(Contribution.parent).joinedload(Contribution.person),
            proposal.joinedload(Proposal.main_proposal),
            proposal.selectinload(Proposal.referrals).joinedload(Referral.institution),
        )
    )


def root_folio(session: Session, contribution: Contribution) -> str | None:
    """The folio of the proposal whose conversation a contribution is in; the earliest when there are several."""
    statement = (
        sa.select(Proposal.folio)
        .join(ProposalSource, ProposalSource.proposal_id == Proposal.id)
        .where(ProposalSource.contribution_id == (contribution.root_id or contribution.id))
        .order_by(Proposal.id)
        .limit(1)
    )
    return session.scalar(statement)


def list_tray(
    session: Session, tray: Tray, *, plan_id: int | None = None, cursor: str = "", size: int = TRAY_PAGE
) -> Page:
    """Contributions to moderate, the oldest first."""
    statement = (
        sa.select(Contribution)
        .where(*_tray_conditions(tray, plan_id))
        .options(joinedload(Contribution.person), joinedload(Contribution.topic), joinedload(Contribution.plan))
        .order_by(Contribution.received_at, Contribution.id)
        .limit(size + 1)
    )
    if cursor:
        at, key = read_place(cursor)
        statement = statement.where(
            sa.or_(Contribution.received_at > at, sa.and_(Contribution.received_at == at, Contribution.id > key))
        )
    return _page(session.scalars(statement).all(), size, "received_at")


def count_trays(session: Session, plan_id: int | None = None) -> dict[Tray, int]:
    """How many stand in each tray. One query."""
    columns = [
        sa.func.coalesce(sa.func.sum(sa.case((sa.and_(*_tray_conditions(tray, None)), 1), else_=0)), 0) for tray in Tray
    ]
    statement = sa.select(*columns).select_from(Contribution)
    if plan_id is not None:
        statement = statement.where(Contribution.plan_id == plan_id)
    return dict(zip(Tray, map(int, session.execute(statement).one()), strict=True))


def _tray_conditions(tray: Tray, plan_id: int | None) -> list[sa.ColumnElement[bool]]:
    conditions: list[sa.ColumnElement[bool]] = [] if plan_id is None else [Contribution.plan_id == plan_id]
    pending = Contribution.state == ContributionState.PENDING
    match tray:
        case Tray.PENDING:
            conditions.append(pending)
        case Tray.OBSERVED:
            conditions.append(Contribution.state == ContributionState.OBSERVED)
        case Tray.APPEALED:
            conditions += [pending, Contribution.appealed_at.is_not(None)]
        case Tray.ALL:
            conditions.append(sa.true())
    return conditions


def find_to_moderate(session: Session, contribution_id: int) -> Contribution:
    """A contribution with what a moderator weighs. Raises NotFound."""
    statement = (
        sa.select(Contribution)
        .where(Contribution.id == contribution_id)
        .options(
            joinedload(Contribution.person),
            joinedload(Contribution.plan),
            joinedload(Contribution.topic),
            joinedload(Contribution.suggested_institution),
            joinedload(Contribution.submission),
            joinedload(Contribution.parent).joinedload(Contribution.person),
            selectinload(Contribution.revisions),
            selectinload(Contribution.proposal_links).joinedload(ProposalSource.proposal),
        )
    )
    contribution = session.scalars(statement).one_or_none()
    if contribution is None:
        raise NotFound("Contribution", contribution_id)
    return contribution


def author_history(session: Session, contribution: Contribution) -> dict[ContributionState, int]:
    """How many other contributions of the same author stand in each state."""
    statement = (
        sa.select(Contribution.state, sa.func.count())
        .where(Contribution.person_id == contribution.person_id, Contribution.id != contribution.id)
        .group_by(Contribution.state)
    )
    return dict(session.execute(statement).all())


def list_audit(session: Session, contribution: Contribution) -> Sequence[AuditEntry]:
    """What was done to a contribution, in order."""
    statement = sa.select(AuditEntry).where(
        AuditEntry.object_type == "contribution", AuditEntry.object_id == contribution.id
    )
    return session.scalars(statement.order_by(AuditEntry.id)).all()


def next_pending(session: Session) -> int | None:
    """The contribution that has waited longest for a moderator."""
    statement = sa.select(Contribution.id).where(*_tray_conditions(Tray.PENDING, None))
    return session.scalar(statement.order_by(Contribution.received_at, Contribution.id).limit(1))


def list_submissions(session: Session, *, cursor: str = "", size: int = OWN_PAGE) -> Page:
    """Submissions, the latest registered first, each with how many proposals it brought."""
    brought = (
        sa.select(sa.func.count(Contribution.id))
        .where(Contribution.submission_id == Submission.id)
        .correlate(Submission)
        .scalar_subquery()
    )
    statement = (
        sa.select(Submission, brought.label("brought"))
        .options(joinedload(Submission.person), joinedload(Submission.plan))
        .order_by(Submission.id.desc())
        .limit(size + 1)
    )
    if cursor:
        statement = statement.where(Submission.id < read_place(cursor)[1])
    rows = session.execute(statement).all()
    last = rows[size - 1].Submission if len(rows) > size else None
    return Page(rows[:size], f"0-{last.id}" if last else None)


def find_submission(session: Session, folio: str) -> Submission:
    """A submission with its contributions and their proposals. Raises NotFound."""
    contributions = selectinload(Submission.contributions)
    statement = (
        sa.select(Submission)
        .where(Submission.folio == folio)
        .options(
            joinedload(Submission.person),
            joinedload(Submission.plan),
            contributions.joinedload(Contribution.topic),
            contributions.selectinload(Contribution.proposal_links).joinedload(ProposalSource.proposal),
        )
    )
    submission = session.scalars(statement).one_or_none()
    if submission is None:
        raise NotFound("Submission", folio)
    return submission


def supported_ids(session: Session, person_id: int | None, contribution_ids: Sequence[int]) -> list[int]:
    """Those among some contributions that a person supports."""
    if not contribution_ids:
        return []
    statement = sa.select(Support.contribution_id).where(
        Support.person_id == person_id, Support.contribution_id.in_(contribution_ids[:SUPPORTS_MAX])
    )
    return list(session.scalars(statement.order_by(Support.contribution_id)))


def list_institutions(session: Session, *, public_only: bool) -> Sequence[Institution]:
    """Institutions in force, by name."""
    statement = sa.select(Institution).where(Institution.valid_to.is_(None)).order_by(Institution.name)
    if public_only:
        statement = statement.where(Institution.kind.in_(PUBLIC_BODIES))
    return session.scalars(statement).all()


def list_plans(session: Session) -> Sequence[Plan]:
    return session.scalars(sa.select(Plan).options(selectinload(Plan.topics)).order_by(Plan.id.desc())).all()


def _page(rows: Sequence[Any], size: int, column: str) -> Page:
    if len(rows) <= size:
        return Page(rows, None)
    last = rows[size - 1]
    return Page(rows[:size], place_after(getattr(last, column), last.id))
