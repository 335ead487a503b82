"""Reads of referrals: the tray of an institution, the board of the coordinator, what can be sent and to whom."""

import enum
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload, selectinload
from sqlalchemy.orm.interfaces import ORMOption

from consulta.contributions.queries import WITH_AUTHOR
from consulta.people.models import Institution
from consulta.plans.models import Holiday, Plan, Topic, TopicCompetence
from consulta.proposals.models import Proposal, ProposalSource, ProposalState
from consulta.referrals.models import AWAITING, ENDED_WITHOUT_ANSWER, Dispatch, Referral, ReferralState
from consulta.referrals.rules import can_receive

PAGE_SIZE = 50
MAX_SENT_TOGETHER = 200


class Group(enum.Enum):
    """How trays and boards sort referrals; overdue ones are also awaited."""

    AWAITING = "awaiting"
    OVERDUE = "overdue"
    NO_ANSWER = "no_answer"
    ANSWERED = "answered"
    RETURNED = "returned"
    CANCELLED = "cancelled"


@dataclass(frozen=True)
class ReferralPage:
    """Some referrals, and the (date, id) after which the next ones come."""

    referrals: Sequence[Referral]
    next_after: tuple[date, int] | None


@dataclass(frozen=True)
class ProposalPage:
    """Some proposals, and the id after which the next ones come."""

    proposals: Sequence[Proposal]
    next_after: int | None


def holidays(session: Session) -> frozenset[date]:
    return frozenset(session.scalars(sa.select(Holiday.on)))


def institutions_by_id(session: Session, ids: Collection[int]) -> list[Institution]:
    return list(session.scalars(sa.select(Institution).where(Institution.id.in_(ids)).order_by(Institution.code)))


def referred_institutions(session: Session, plan_id: int) -> list[Institution]:
    """The institutions that a plan sent proposals to, by acronym."""
    ids = sa.select(Dispatch.institution_id).where(Dispatch.plan_id == plan_id)
    return list(session.scalars(sa.select(Institution).where(Institution.id.in_(ids)).order_by(Institution.code)))


def receivers(session: Session, today: date) -> list[Institution]:
    """Every public body that proposals can be sent to on a day, by acronym."""
    found = session.scalars(sa.select(Institution).order_by(Institution.code))
    return [institution for institution in found if can_receive(institution, today)]


def competent_ids(session: Session, topics: Collection[Topic | None]) -> frozenset[int]:
    """The institutions with competence for any of these topics."""
    codes = {topic.code for topic in topics if topic is not None}
    return frozenset(
        session.scalars(sa.select(TopicCompetence.institution_id).where(TopicCompetence.topic_code.in_(codes)))
    )


def count_groups(
    session: Session, *, today: date, plan_id: int | None = None, institution_ids: Collection[int] | None = None
) -> dict[Group, int]:
    """How many referrals are in each group, of a plan or of some institutions."""
    late = sa.and_(Referral.state.in_(AWAITING), Referral.due_on < today)
    query = (
        sa.select(Referral.state, late.label("late"), sa.func.count(Referral.id))
        .where(*_within(plan_id, institution_ids))
        .group_by(Referral.state, late)
    )
    counts = dict.fromkeys(Group, 0)
    for state, is_late, number in session.execute(query).all():
        if state in AWAITING:
            counts[Group.AWAITING] += number
            counts[Group.OVERDUE] += number if is_late else 0
        elif state is not ReferralState.PENDING_SEND:
            counts[Group(state.value)] += number
    return counts


def page_of_group(
    session: Session,
    group: Group,
    *,
    today: date,
    plan_id: int | None = None,
    institution_ids: Collection[int] | None = None,
    after: tuple[date, int] | None = None,
    limit: int = PAGE_SIZE,
) -> ReferralPage:
    """The referrals of a group, what is due first before the rest."""
    query = sa.select(Referral).where(_in_group(group, today), *_within(plan_id, institution_ids))
    if after is not None:
        query = query.where(sa.tuple_(Referral.due_on, Referral.id) > sa.tuple_(*after))
    query = query.order_by(Referral.due_on, Referral.id).limit(limit + 1).options(*_for_list())
    found = session.scalars(query).unique().all()
    page = found[:limit]
    return ReferralPage(page, (page[-1].due_on, page[-1].id) if len(found) > limit else None)


def find_referral(
    session: Session, referral_id: int, institution_ids: Collection[int] | None = None
) -> Referral | None:
    """A referral with all that its page shows; only those of `institution_ids`, when given."""
    query = (
        sa.select(Referral)
        .where(Referral.id == referral_id, *_within(None, institution_ids))
        .options(*_for_list(), selectinload(Referral.responses), *_people_words())
    )
    return session.scalars(query).unique().one_or_none()


def find_dispatch(session: Session, folio: str, institution_ids: Collection[int] | None = None) -> Dispatch | None:
    """A letter with its referrals, for a reader of its institution or of the coordination."""
    query = sa.select(Dispatch).where(Dispatch.folio == folio)
    if institution_ids is not None:
        query = query.where(Dispatch.institution_id.in_(institution_ids))
    return session.scalars(
        query.options(
            joinedload(Dispatch.institution),
            joinedload(Dispatch.plan).joinedload(Plan.coordinator_institution),
            selectinload(Dispatch.referrals).joinedload(Referral.proposal).joinedload(Proposal.topic_final),
        )
    ).one_or_none()


def live_pairs(
    session: Session, proposals: Collection[Proposal], institutions: Collection[Institution]
) -> list[tuple[str, str]]:
    """(folio, acronym) of each proposal that one of the institutions already has."""
    rows = session.execute(
        sa.select(Proposal.folio, Institution.code)
        .join(Referral, Referral.proposal_id == Proposal.id)
        .join(Institution, Institution.id == Referral.institution_id)
        .where(
            Proposal.id.in_([proposal.id for proposal in proposals]),
            Institution.id.in_([institution.id for institution in institutions]),
            Referral.state.not_in(ENDED_WITHOUT_ANSWER),
        )
        .order_by(Proposal.folio, Institution.code)
    )
    return [(row.folio, row.code) for row in rows]


def sendable_page(
    session: Session,
    plan_id: int,
    *,
    state: ProposalState = ProposalState.SYSTEMATIZED,
    topic_id: int | None = None,
    after: int | None = None,
    limit: int = PAGE_SIZE,
) -> ProposalPage:
    """Proposals that wait for an institution, or (forwarded ones) may get another; oldest first."""
    query = sa.select(Proposal).where(Proposal.plan_id == plan_id, Proposal.state == state)
    if topic_id is not None:
        query = query.where(Proposal.topic_final_id == topic_id)
    if after is not None:
        query = query.where(Proposal.id > after)
    found = session.scalars(
        query.order_by(Proposal.id)
        .limit(limit + 1)
        .options(joinedload(Proposal.topic_final), selectinload(Proposal.referrals).joinedload(Referral.institution))
    ).all()
    page = found[:limit]
    return ProposalPage(page, page[-1].id if len(found) > limit else None)


def count_sendable(session: Session, plan_id: int) -> dict[int | None, int]:
    """How many systematised proposals of a plan wait for an institution, by id of their final topic."""
    rows = session.execute(
        sa.select(Proposal.topic_final_id, sa.func.count(Proposal.id))
        .where(Proposal.plan_id == plan_id, Proposal.state == ProposalState.SYSTEMATIZED)
        .group_by(Proposal.topic_final_id)
    )
    return {row[0]: row[1] for row in rows}


def proposals_by_folio(session: Session, folios: Collection[str]) -> list[Proposal]:
    """The proposals that a form names, at most as many as are sent together."""
    chosen = sorted(set(folios))[:MAX_SENT_TOGETHER]
    return list(
        session.scalars(
            sa.select(Proposal)
            .where(Proposal.folio.in_(chosen))
            .order_by(Proposal.id)
            .options(
                joinedload(Proposal.plan),
                joinedload(Proposal.topic_final),
                selectinload(Proposal.referrals).joinedload(Referral.institution),
            )
        )
    )


def _within(plan_id: int | None, institution_ids: Collection[int] | None) -> list[sa.ColumnElement[bool]]:
    """Only what was sent by a plan, or to some institutions."""
    conditions: list[sa.ColumnElement[bool]] = []
    if plan_id is not None:
        conditions.append(Referral.dispatch_id.in_(sa.select(Dispatch.id).where(Dispatch.plan_id == plan_id)))
    if institution_ids is not None:
        conditions += [Referral.institution_id.in_(institution_ids), Referral.sent_at.is_not(None)]
    return conditions


def _in_group(group: Group, today: date) -> sa.ColumnElement[bool]:
    if group is Group.AWAITING:
        return Referral.state.in_(AWAITING)
    if group is Group.OVERDUE:
        return sa.and_(Referral.state.in_(AWAITING), Referral.due_on < today)
    return Referral.state == ReferralState(group.value)


def _for_list() -> tuple[ORMOption, ...]:
    return (
        joinedload(Referral.institution),
        joinedload(Referral.suggested_institution),
        joinedload(Referral.dispatch),
        joinedload(Referral.proposal).joinedload(Proposal.topic_final),
        joinedload(Referral.proposal).joinedload(Proposal.plan),
    )


def _people_words() -> tuple[ORMOption, ...]:
    """The sources of the proposal, and of those merged into it, with who said them."""
    own = selectinload(Referral.proposal, Proposal.source_links)
    merged = selectinload(Referral.proposal, Proposal.merged_proposals)
    return (
        own.joinedload(ProposalSource.contribution).options(*WITH_AUTHOR),
        merged.selectinload(Proposal.source_links).joinedload(ProposalSource.contribution).options(*WITH_AUTHOR),
    )
