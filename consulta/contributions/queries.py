"""What an author reads of the own contributions, and what the team reads of submissions."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload, selectinload

from consulta.contributions.models import Contribution, ContributionState, Submission, Support
from consulta.contributions.rules import SHOWN_ONCE
from consulta.errors import NotFound
from consulta.keys import place_after, read_place
from consulta.people.models import PUBLIC_BODIES, Institution
from consulta.plans.models import Plan
from consulta.proposals.models import Proposal, ProposalSource
from consulta.referrals.models import Referral

OWN_PAGE = 20
SUPPORTS_MAX = 200


@dataclass(frozen=True)
class Page:
    """Some rows in order; `following` opens the next page, None at the end."""

    rows: Sequence[Any]
    following: str | None


# Who said it, and for whom.
WITH_AUTHOR = (joinedload(Contribution.person), joinedload(Contribution.organization))
_PLACE = (
    joinedload(Contribution.organization),
    joinedload(Contribution.plan),
    joinedload(Contribution.topic),
    joinedload(Contribution.parent).joinedload(Contribution.person),
)
_PROPOSAL = selectinload(Contribution.proposal_links).joinedload(ProposalSource.proposal)
_MINE = sa.select(Contribution).where(Contribution.person_id == sa.bindparam("person_id")).options(*_PLACE)
_OWN = _MINE.where(Contribution.id == sa.bindparam("id")).options(
    _PROPOSAL.joinedload(Proposal.main_proposal),
    _PROPOSAL.selectinload(Proposal.referrals).joinedload(Referral.institution),
)
_OWN_LIST = _MINE.order_by(Contribution.received_at.desc(), Contribution.id.desc()).limit(sa.bindparam("rows"))
_OWN_LATER = _OWN_LIST.where(
    sa.or_(
        Contribution.received_at < sa.bindparam("at"),
        sa.and_(Contribution.received_at == sa.bindparam("at"), Contribution.id < sa.bindparam("id")),
    )
)


def in_thread(row: Any = Contribution) -> sa.ColumnElement[bool]:
    """Whether a contribution has a place in its thread: what was taken back before anybody read it has none."""
    was_shown = sa.and_(row.state == ContributionState.WITHDRAWN, row.published_at.is_not(None))
    return sa.or_(row.state.in_(SHOWN_ONCE), was_shown)


def find_own(session: Session, person_id: int | None, contribution_id: int) -> Contribution:
    """A contribution of this author with what its page shows. Raises NotFound for anybody else."""
    contribution = session.scalars(_OWN, {"person_id": person_id, "id": contribution_id}).one_or_none()
    if contribution is None:
        raise NotFound("Contribution", contribution_id)
    return contribution


def list_own(session: Session, person_id: int | None, cursor: str = "", size: int = OWN_PAGE) -> Page:
    """Everything an author wrote, the latest first."""
    parameters: dict[str, Any] = {"person_id": person_id, "rows": size + 1}
    statement = _OWN_LIST
    if cursor:
        at, key = read_place(cursor)
        statement, parameters = _OWN_LATER, {**parameters, "at": at, "id": key}
    return page_of(session.scalars(statement, parameters).all(), size, "received_at")


_ROOT_FOLIO = (
    sa.select(Proposal.folio)
    .join(ProposalSource, ProposalSource.proposal_id == Proposal.id)
    .where(ProposalSource.contribution_id == sa.bindparam("root_id"))
    .order_by(Proposal.id)
    .limit(1)
)


def root_folio(session: Session, contribution: Contribution) -> str | None:
    """The folio of the proposal whose conversation a contribution is in; the earliest when there are several."""
    return session.scalar(_ROOT_FOLIO, {"root_id": contribution.root_id or contribution.id})


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


def shown_sources(session: Session, proposal_ids: Sequence[int]) -> dict[int, tuple[int, int]]:
    """The first source of each proposal that people can read and support, with how many do: id and count."""
    if not proposal_ids:
        return {}
    statement = (
        sa.select(ProposalSource.proposal_id, Contribution.id, Contribution.support_count)
        .join(Contribution, Contribution.id == ProposalSource.contribution_id)
        .where(ProposalSource.proposal_id.in_(proposal_ids), Contribution.state == ContributionState.PUBLISHED)
        .order_by(ProposalSource.position.desc(), ProposalSource.id.desc())
    )
    return {proposal_id: (key, count) for proposal_id, key, count in session.execute(statement)}


def list_institutions(session: Session, *, public_only: bool) -> Sequence[Institution]:
    """Institutions in force, by name."""
    statement = sa.select(Institution).where(Institution.valid_to.is_(None)).order_by(Institution.name)
    if public_only:
        statement = statement.where(Institution.kind.in_(PUBLIC_BODIES))
    return session.scalars(statement).all()


def list_plans(session: Session) -> Sequence[Plan]:
    return session.scalars(sa.select(Plan).options(selectinload(Plan.topics)).order_by(Plan.id.desc())).all()


def page_of(rows: Sequence[Any], size: int, column: str) -> Page:
    """A page of rows that were read with one more than its size, to know whether others follow."""
    if len(rows) <= size:
        return Page(rows, None)
    last = rows[size - 1]
    return Page(rows[:size], place_after(getattr(last, column), last.id))
