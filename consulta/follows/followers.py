"""Who is told of an event: its followers, a page of persons at a time, each once and by their soonest mode."""

from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from consulta.contributions.models import Contribution
from consulta.follows.models import Event, EventKind, Follow
from consulta.follows.rules import rank_of
from consulta.plans.models import Topic
from consulta.proposals.models import Proposal, ProposalSource

Condition = sa.ColumnElement[bool]
ANSWERS: Condition = sa.and_(Follow.topic_id.is_(None), Follow.proposal_id.is_(None))


@dataclass(frozen=True)
class Followers:
    """A page of them, one follow a person; `last` is the person after whom the next page begins, None at the end."""

    follows: Sequence[Follow]
    last: int | None


def followers_of(session: Session, event: Event, *, after: int, limit: int) -> Followers:
    """Who followed at the moment of the event and still does, in the order of their ids; never who made it."""
    about = session.get_one(Contribution, event.contribution_id) if event.contribution_id else None
    wanted = _wanted(session, event, about)
    left_out = [key for key in (event.actor_id, about.person_id if about else None) if key is not None]
    persons = session.scalars(
        sa.select(Follow.person_id)
        .where(wanted, Follow.person_id > after, Follow.person_id.not_in(left_out))
        .distinct()
        .order_by(Follow.person_id)
        .limit(limit)
    ).all()
    found = session.scalars(sa.select(Follow).where(wanted, Follow.person_id.in_(persons))).all()
    chosen: dict[int, Follow] = {}
    for follow in sorted(found, key=_closeness):
        chosen.setdefault(follow.person_id, follow)
    return Followers([chosen[key] for key in persons], persons[-1] if len(persons) == limit else None)


def _closeness(follow: Follow) -> tuple[int, bool, bool, int]:
    """The soonest mode first, then what is nearest to the person: answers, a proposal, a topic."""
    return rank_of(follow.mode), not follow.is_answers, follow.proposal_id is None, follow.id


def _wanted(session: Session, event: Event, about: Contribution | None) -> Condition:
    if event.kind is EventKind.RESULTS_PUBLISHED:
        proposals = sa.select(Proposal.id).where(Proposal.plan_id == event.plan_id)
        topics = sa.select(Topic.id).where(Topic.plan_id == event.plan_id)
        followed = sa.or_(Follow.proposal_id.in_(proposals), Follow.topic_id.in_(topics))
    elif about is None:
        family = sa.or_(Proposal.id == event.proposal_id, Proposal.main_proposal_id == event.proposal_id)
        followed = Follow.proposal_id.in_(sa.select(Proposal.id).where(family))
    elif about.parent_id is None:
        followed = Follow.topic_id == sa.literal(about.topic_id)  # no topic is nobody's, not «without a topic»
    else:
        answered = session.get_one(Contribution, about.parent_id)
        conversation = sa.select(ProposalSource.proposal_id).where(ProposalSource.contribution_id == about.root_id)
        followed = Follow.proposal_id.in_(conversation)
        # Answers are followed from the first contribution on, whenever the row was made.
        return sa.or_(
            sa.and_(followed, Follow.created_at <= event.happened_at),
            sa.and_(ANSWERS, Follow.person_id == answered.person_id),
        )
    return sa.and_(followed, Follow.created_at <= event.happened_at)
