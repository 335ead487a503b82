"""Publishing results: outcomes, justifications and matrices become public together, or not at all."""

import sqlalchemy as sa
from sqlalchemy.orm import Session

from consulta.changes import Change, transaction
from consulta.commitments.models import Commitment, CommitmentState
from consulta.decisions.models import Decision
from consulta.errors import GuardRefused, NotNow
from consulta.figures.services import Accounting, account
from consulta.follows.models import EventKind
from consulta.messages.readers import contributors_of
from consulta.people.actors import Actor
from consulta.permissions import Permission
from consulta.plans.models import Plan, Topic
from consulta.plans.rules import Work, admits
from consulta.proposals.models import Proposal
from consulta.results.queries import Blocker, blocking_proposals


def find_blockers(session: Session, plan: Plan) -> list[Blocker]:
    """Everything that must be mended before results can be published; empty when they can."""
    accounting = account(session, plan, public=False)
    return blocking_proposals(session, plan) + _blocking_figures(accounting)


def _blocking_figures(accounting: Accounting) -> list[Blocker]:
    broken = tuple((one.key, f"{one.value} ≠ {one.total}") for one in accounting.sums if not one.holds)
    unexplained = tuple((figure.key, figure.label) for figure in accounting.unexplained)
    found = [
        Blocker("broken_sums", len(broken), broken),
        Blocker("unexplained_figures", len(unexplained), unexplained),
    ]
    return [blocker for blocker in found if blocker.count]


def publish_results(session: Session, *, actor: Actor, plan_id: int, version: int | None) -> Plan:
    """Publish every current decision of a plan at one moment, keep its figures in the log, and tell contributors.

    Raises NotNow outside of drafting or when already published, GuardRefused while anything blocks.
    """
    with transaction(session, actor=actor) as change:
        plan = change.lock(Plan, plan_id, seen=version)
        change.require(Permission.RESULTS_PUBLISH, plan)
        if not admits(plan, Work.PUBLISH, change.now):
            raise NotNow(plan, Work.PUBLISH.value)
        if find_blockers(session, plan):
            raise GuardRefused("results_blocked")
        plan.results_published_at = change.now
        session.flush()
        _publish_decisions(change, plan)
        accounting = account(session, plan)
        change.edit(plan, "results.publish", figures={figure.key: figure.value for figure in accounting.figures})
        for topic in session.scalars(sa.select(Topic).where(Topic.plan_id == plan.id)):
            change.stale(plan, topic, frame=True)
        change.stale(plan, frame=True)
        _tell_contributors(change, plan)
        change.tell(EventKind.RESULTS_PUBLISHED, plan)
        _index_results(change, plan)
    return plan


def _publish_decisions(change: Change, plan: Plan) -> None:
    proposals = sa.select(Proposal.id).where(Proposal.plan_id == plan.id)
    change.session.execute(
        sa.update(Decision)
        .where(Decision.superseded_at.is_(None), Decision.proposal_id.in_(proposals))
        .values(published_at=change.now),
        execution_options={"synchronize_session": False},
    )


def _tell_contributors(change: Change, plan: Plan) -> None:
    """One message to each contributor with an address, whatever the number of their proposals."""
    for person_id in change.session.scalars(contributors_of(plan.id)).all():
        change.mail("results_published", plan_id=plan.id, person_id=person_id)


def _index_results(change: Change, plan: Plan) -> None:
    commitments = sa.select(Commitment).where(
        Commitment.plan_id == plan.id, Commitment.state != CommitmentState.DROPPED
    )
    for commitment in change.session.scalars(commitments).all():
        change.index(commitment)
