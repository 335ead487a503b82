"""What the two citizens of the demonstration follow, and what they were told of it: on the site, not by mail."""

import sqlalchemy as sa
from sqlalchemy.orm import Session

from consulta import clock
from consulta.demo.accounts import citizens
from consulta.follows.models import Follow, Mode
from consulta.follows.spreading import spread_page
from consulta.outbox.models import OutboxKind, OutboxRow, OutboxState
from consulta.plans.models import Plan
from consulta.proposals.models import Proposal, ProposalState

FOLLOWED_STATES = (ProposalState.FORWARDED, ProposalState.MERGED)


def load_follows(session: Session, plan: Plan) -> None:
    """Each follows another topic since the window opened, and a proposal in each state that tells something."""
    since = clock.start_of_day(plan.opens_on or clock.today())
    for person, topic in zip(citizens(session).values(), plan.topics, strict=False):
        session.add(Follow(person_id=person.id, topic_id=topic.id, mode=Mode.AT_ONCE, created_at=since))
        for state in FOLLOWED_STATES:
            found = sa.select(sa.func.min(Proposal.id)).where(Proposal.plan_id == plan.id, Proposal.state == state)
            follow = Follow(person_id=person.id, proposal_id=session.scalar(found), mode=Mode.AT_ONCE, created_at=since)
            session.add(follow)
    session.flush()
    events = sa.select(OutboxRow).where(OutboxRow.kind == OutboxKind.EVENT, OutboxRow.state == OutboxState.NEW)
    for row in session.scalars(events.order_by(OutboxRow.id)).all():
        spread_page(session, row)
