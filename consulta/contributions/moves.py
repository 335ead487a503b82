"""What several acts on a contribution share inside their transaction: locks in one order, and what follows from a move.

Locks go root, contribution, proposals, topic, plan, so that no two acts wait for each other.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, contains_eager
from sqlalchemy.orm.attributes import set_committed_value

from consulta.changes import Change
from consulta.contributions.counters import recount
from consulta.contributions.models import Contribution, ContributionState
from consulta.database import insert_row
from consulta.errors import GuardRefused, NotFound, NotNow, WindowClosed
from consulta.folios import PROPOSAL
from consulta.follows.models import EventKind
from consulta.people.models import Membership, Role
from consulta.plans.models import Plan, Topic
from consulta.plans.rules import Work, admits, may_contribute
from consulta.proposals.models import Proposal, ProposalSource, ProposalState

GONE = (ContributionState.WITHDRAWN, ContributionState.REJECTED)


def lock_contribution(change: Change, contribution_id: int, *, seen: int | None = None) -> Contribution:
    """Lock a contribution, its root before it. Raises NotFound and StaleVersion."""
    row = change.session.execute(
        sa.select(Contribution.root_id).where(Contribution.id == contribution_id)
    ).one_or_none()
    if row is None:
        raise NotFound("Contribution", contribution_id)
    if row.root_id is not None:
        change.lock(Contribution, row.root_id)
    return change.lock(Contribution, contribution_id, seen=seen)


def lock_frame(change: Change, plan_id: int, topic_id: int | None) -> tuple[Plan, Topic | None]:
    """The topic, locked because its counters may change, and the plan, kept from changing until the end."""
    if topic_id is None:
        return change.session.get_one(Plan, plan_id, with_for_update={"read": True}, populate_existing=True), None
    plan, topic = lock_topic(change, topic_id)
    if plan.id != plan_id:
        raise NotFound("Topic", topic_id)
    return plan, topic


# One statement: on PostgreSQL each table is locked in its own way, the topic first.
_FRAME = (
    sa.select(Topic)
    .join(Topic.plan)
    .options(contains_eager(Topic.plan))
    .where(Topic.id == sa.bindparam("topic_id"))
    .with_statement_hint("FOR UPDATE OF topic FOR SHARE OF plan", "postgresql")
    .execution_options(populate_existing=True)
)


def lock_topic(change: Change, topic_id: int) -> tuple[Plan, Topic]:
    """A topic, locked, and its plan, kept from changing until the end. Raises NotFound."""
    topic = change.session.scalars(_FRAME, {"topic_id": topic_id}).one_or_none()
    if topic is None:
        raise NotFound("Topic", topic_id)
    return topic.plan, topic


def require_open(change: Change, plan: Plan, topic: Topic | None) -> None:
    """Raise WindowClosed unless people can take part there at this moment."""
    if topic is None:
        is_open = admits(plan, Work.CONTRIBUTE, change.now)
    else:
        is_open = may_contribute(plan, topic, change.now)
    if not is_open:
        raise WindowClosed(plan)


def require_moderation(change: Change, plan: Plan, work: Work = Work.MODERATE) -> None:
    """Raise NotNow unless the plan still admits moderation, or that part of it."""
    if not admits(plan, work, change.now):
        raise NotNow(plan, work.value)


def represents(change: Change, organization_id: int) -> bool:
    """Whether the actor speaks for an organisation at this moment; held until the end, since it may just be taken."""
    held = sa.select(Membership.id).where(
        Membership.person_id == change.actor.person_id,
        Membership.institution_id == organization_id,
        Membership.role == Role.ORG_REP,
    )
    return change.session.scalar(held.with_for_update()) is not None


def require_voice(change: Change, contribution: Contribution) -> None:
    """Raise GuardRefused where it speaks for an organisation that the actor no longer represents."""
    organization_id = contribution.organization_id
    if organization_id is not None and not represents(change, organization_id):
        raise GuardRefused("organization_no_longer_yours")


def add_proposal(
    change: Change, contribution: Contribution, *, in_template: bool = False, external_ref: str | None = None
) -> Proposal:
    """The proposal of a contribution, with its folio, as it is received."""
    proposal = Proposal(
        folio=change.folio(PROPOSAL),
        plan_id=contribution.plan_id,
        topic_received_id=contribution.topic_id,
        channel=contribution.channel,
        received_at=contribution.received_at,
        late=contribution.late,
        title=contribution.public_title,
        in_template=in_template,
        state=ProposalState.RECEIVED,
        external_ref=external_ref,
    )
    change.create(proposal, "proposal.receive", contribution_id=contribution.id)
    link = ProposalSource(proposal_id=proposal.id, contribution_id=contribution.id)
    insert_row(change.session, link)
    set_committed_value(link, "proposal", proposal)
    if "proposal_links" in contribution.__dict__:
        set_committed_value(contribution, "proposal_links", [*contribution.proposal_links, link])
    return proposal


def fed_proposals(change: Change, contribution: Contribution) -> list[Proposal]:
    """The proposals that come from a contribution, locked, in the order of their ids."""
    keys = change.session.scalars(
        sa.select(ProposalSource.proposal_id)
        .where(ProposalSource.contribution_id == contribution.id)
        .order_by(ProposalSource.proposal_id)
    )
    return [change.lock(Proposal, key) for key in keys.all()]


def move_contribution(
    change: Change,
    contribution: Contribution,
    to: ContributionState,
    *,
    act: str,
    facts: Mapping[str, Any] | None = None,
    reason: str | None = None,
) -> None:
    """Move it with all that follows: its proposals, counters, public pages and search entries."""
    before = contribution.state
    proposals = fed_proposals(change, contribution)
    plan, topic = lock_frame(change, contribution.plan_id, contribution.topic_id)
    change.move(
        contribution,
        to,
        act=act,
        facts={"in_process": in_process(change.session, proposals), **(facts or {})},
        reason=reason,
    )
    for proposal in proposals:
        _follow(change, proposal, to, reason)
        change.index(proposal)
    recount(change, contribution, before)
    change.stale(plan, topic)
    if to is ContributionState.PUBLISHED:
        contribution.published_at = contribution.published_at or change.now
        tell_published(change, contribution)


def tell_published(change: Change, contribution: Contribution) -> None:
    """Have the followers of its topic or its conversation told; what was told of once is not told again."""
    kind = EventKind.REPLY_PUBLISHED if contribution.is_reply else EventKind.PROPOSAL_PUBLISHED
    if contribution.topic_id is not None:
        change.tell(kind, contribution)


def in_process(session: Session, proposals: Sequence[Proposal]) -> bool:
    """Whether work on any of them has begun, or others were merged into it."""
    if any(proposal.state not in (ProposalState.RECEIVED, ProposalState.VOIDED) for proposal in proposals):
        return True
    keys = [proposal.id for proposal in proposals]
    merged = sa.select(Proposal.id).where(Proposal.main_proposal_id.in_(keys)).limit(1)
    return session.scalar(merged) is not None


def _follow(change: Change, proposal: Proposal, to: ContributionState, reason: str | None) -> None:
    """A proposal goes with its last contribution, and comes back with it."""
    if to is ContributionState.PENDING and proposal.state is ProposalState.INADMISSIBLE:
        change.move(proposal, ProposalState.RECEIVED, reason=reason)
    if to not in GONE or proposal.state is not ProposalState.RECEIVED:
        return
    change.session.flush()
    others = (
        sa.select(Contribution.id)
        .join(ProposalSource, ProposalSource.contribution_id == Contribution.id)
        .where(ProposalSource.proposal_id == proposal.id, Contribution.state.not_in(GONE))
        .limit(1)
    )
    if change.session.scalar(others) is None:
        is_withdrawn = to is ContributionState.WITHDRAWN
        change.move(proposal, ProposalState.WITHDRAWN if is_withdrawn else ProposalState.INADMISSIBLE, reason=reason)
