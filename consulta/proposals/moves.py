"""What every act on a proposal shares: reading it for judgement, and telling what its change makes stale."""

import sqlalchemy as sa

from consulta.changes import Change
from consulta.contributions.models import Contribution
from consulta.errors import Invalid, NotNow, Problem
from consulta.permissions import Permission
from consulta.plans.models import Plan, Topic
from consulta.plans.rules import Work, admits
from consulta.proposals.models import Proposal, ProposalSource, ProposalState


def lock_for_systematization(change: Change, *keys: tuple[int, int | None]) -> list[Proposal]:
    """Lock proposals, given as (id, version shown or None), in the order of their ids; answer them in the given order.

    Raises NotFound, StaleVersion, NotAllowed, and NotNow when the plan of one does not admit this work now.
    """
    locked = {key: change.lock(Proposal, key, seen=seen) for key, seen in sorted(keys, key=lambda pair: pair[0])}
    for plan_id in sorted({proposal.plan_id for proposal in locked.values()}):
        insist_on_work(change, plan_id)
    return [locked[key] for key, _ in keys]


def insist_on_work(change: Change, plan_id: int) -> None:
    """Raise unless the actor may systematise and the plan, kept from changing until the end, admits it now."""
    plan = change.session.get_one(Plan, plan_id, with_for_update={"read": True}, populate_existing=True)
    change.require(Permission.PROPOSAL_SYSTEMATIZE, plan)
    if not admits(plan, Work.SYSTEMATIZE, change.now):
        raise NotNow(plan, Work.SYSTEMATIZE.value)


def topic_of_plan(change: Change, topic_id: int, plan_id: int) -> Topic:
    """The topic, which must be of the plan."""
    topic = change.session.get(Topic, topic_id)
    if topic is None or topic.plan_id != plan_id:
        raise Invalid(Problem("topic_final_id", "topic_of_other_plan"))
    return topic


def merged_count(change: Change, proposal: Proposal) -> int:
    """How many proposals are merged into this one."""
    statement = sa.select(sa.func.count()).select_from(Proposal).where(Proposal.main_proposal_id == proposal.id)
    return change.session.scalar(statement) or 0


def first_proposal_id(change: Change, contribution: Contribution) -> int | None:
    """The proposal that was made with a contribution, or the first one made of it; voided ones do not count."""
    statement = (
        sa.select(sa.func.min(Proposal.id))
        .join(ProposalSource)
        .where(ProposalSource.contribution_id == contribution.id, Proposal.state != ProposalState.VOIDED)
    )
    return change.session.scalar(statement)


def refresh(change: Change, proposal: Proposal, *topics: Topic | None) -> None:
    """Make stale every page that shows a proposal, and have the index read it again.

    `topics` are those where it no longer is; where it is now, was received and its sources stand are known.
    """
    shown_in = {proposal.topic_received, proposal.topic_final, *(source.topic for source in proposal.sources), *topics}
    change.stale(proposal.plan)
    for topic in shown_in:
        change.stale(proposal.plan, topic)
    change.index(proposal)
