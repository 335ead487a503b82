"""Steps that sending, answering and deciding share, inside the change of whoever asks."""

from collections.abc import Sequence

import sqlalchemy as sa

from consulta.changes import Change
from consulta.contributions.models import Contribution
from consulta.errors import NotFound, NotNow
from consulta.permissions import Permission
from consulta.plans.models import Plan, Topic
from consulta.plans.rules import Work, admits
from consulta.proposals import rules as proposal_rules  # noqa: F401  # its table of states is what moves proposals
from consulta.proposals.models import Proposal, ProposalSource, ProposalState
from consulta.referrals.models import ENDED_WITHOUT_ANSWER, Referral


def require_work(change: Change, plan_id: int, work: Work) -> Plan:
    """The plan, kept from changing until the end; raises NotNow unless it admits this kind of work."""
    plan = change.session.get_one(Plan, plan_id, with_for_update={"read": True}, populate_existing=True)
    if not admits(plan, work, change.now):
        raise NotNow(plan, work.value)
    return plan


def lock_referral(
    change: Change, referral_id: int, *, seen: int | None, permission: Permission, work: Work
) -> Referral:
    """A referral to judge, with its proposal and plan, each locked in the agreed order.

    Raises NotFound, NotAllowed, StaleVersion or NotNow.
    """
    found = change.session.get(Referral, referral_id)
    if found is None:
        raise NotFound("Referral", referral_id)
    change.require(permission, found)
    proposal = change.lock(Proposal, found.proposal_id)
    referral = change.lock(Referral, referral_id, seen=seen)
    require_work(change, proposal.plan_id, work)
    return referral


def release_proposal(change: Change, proposal: Proposal) -> None:
    """Take it back to systematized once no institution has it, so that it can be sent to another."""
    change.session.flush()
    live = sa.select(sa.func.count(Referral.id)).where(
        Referral.proposal_id == proposal.id, Referral.state.not_in(ENDED_WITHOUT_ANSWER)
    )
    live_count = change.session.scalar(live) or 0
    if proposal.state is ProposalState.FORWARDED and not live_count:
        change.move(proposal, ProposalState.SYSTEMATIZED, act="proposal.released", facts={"live_count": live_count})


def mark_stale(change: Change, plan: Plan, proposals: Sequence[Proposal]) -> None:
    """The pages where proposals are read: the topics they came to, were given or came from, merged ones included."""
    ids = [proposal.id for proposal in proposals]
    family = sa.select(Proposal.id).where(sa.or_(Proposal.id.in_(ids), Proposal.main_proposal_id.in_(ids)))
    topic_ids = sa.union(
        sa.select(Proposal.topic_received_id).where(Proposal.id.in_(family)),
        sa.select(Proposal.topic_final_id).where(Proposal.id.in_(family)),
        sa.select(Contribution.topic_id)
        .join(ProposalSource, ProposalSource.contribution_id == Contribution.id)
        .where(ProposalSource.proposal_id.in_(family)),
    )
    change.stale(plan)
    for topic in change.session.scalars(sa.select(Topic).where(Topic.id.in_(topic_ids))):
        change.stale(plan, topic)
