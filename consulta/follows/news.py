"""What happened, as it may be told now: whatever was hidden, withdrawn or undone meanwhile is left out."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from consulta.contributions.models import Contribution, ContributionState
from consulta.contributions.queries import WITH_AUTHOR
from consulta.decisions.models import Decision, Outcome
from consulta.follows.models import Event, EventKind, Follow
from consulta.people.models import Institution
from consulta.plans.models import Plan
from consulta.proposals.models import Proposal, ProposalSource, ProposalState
from consulta.proposals.public import listed, title_of
from consulta.proposals.stages import is_visible
from consulta.referrals.models import AWAITING, Referral

Row = Any  # a result row with the columns its statement names


@dataclass(frozen=True)
class Place:
    """A proposal as it is named: `title` is empty when its words are not shown."""

    folio: str
    title: str


@dataclass(frozen=True)
class News:
    """One event, ready to be worded. `place` is where to read on; results have a plan instead."""

    kind: EventKind
    at: datetime
    place: Place | None = None
    contribution: Contribution | None = None
    main: Place | None = None
    institutions: Sequence[tuple[str, date]] = ()
    plan: Plan | None = None
    outcomes: Sequence[tuple[str, Outcome | ProposalState]] = ()


def read_news(session: Session, events: Sequence[Event], person_id: int) -> dict[int, News]:
    """The events that can be told to a person, by id, in the order given. A constant number of queries."""
    if not events:
        return {}
    facts = _Facts(session, events)
    found: dict[int, News] = {}
    for event in events:
        if event.plan_id is not None:
            news = _results(session, event, facts.plans[event.plan_id], person_id)
        elif event.contribution_id is not None:
            news = facts.of_contribution(event)
        else:
            news = facts.of_proposal(event)
        if news is not None:
            found[event.id] = news
    return found


class _Facts:
    """Everything that some events are about, read together."""

    def __init__(self, session: Session, events: Sequence[Event]) -> None:
        contributions = {event.contribution_id for event in events if event.contribution_id is not None}
        self._contributions = _published(session, contributions)
        self._folders = _conversations(session, self._contributions.values())
        moved = {event.proposal_id for event in events if event.proposal_id is not None}
        self._states = _states(session, moved)
        mains = {row.main_proposal_id for row in self._states.values() if row.main_proposal_id is not None}
        self._places = places_of(session, {*moved, *mains, *self._folders.values()})
        self._waiting = _waiting(session, moved)
        plans = {event.plan_id for event in events if event.plan_id is not None}
        found = session.scalars(sa.select(Plan).where(Plan.id.in_(plans))) if plans else ()
        self.plans = {plan.id: plan for plan in found}

    def of_contribution(self, event: Event) -> News | None:
        contribution = self._contributions.get(event.contribution_id or 0)
        if contribution is None:
            return None
        place = self._places.get(self._folders.get(contribution.root_id or contribution.id, 0))
        return News(event.kind, event.happened_at, place, contribution) if place else None

    def of_proposal(self, event: Event) -> News | None:
        key = event.proposal_id or 0
        place, row = self._places.get(key), self._states.get(key)
        if place is None or row is None:
            return None
        is_merged = row.state is ProposalState.MERGED
        match event.kind:
            case EventKind.PROPOSAL_MERGED:
                main = self._places.get(row.main_proposal_id) if is_merged else None
                return News(event.kind, event.happened_at, place, main=main) if main else None
            case EventKind.PROPOSAL_UNMERGED:
                return None if is_merged else News(event.kind, event.happened_at, place)
            case _:
                waiting = self._waiting.get(key, ())
                return News(event.kind, event.happened_at, place, institutions=waiting) if waiting else None


def _published(session: Session, keys: Collection[int]) -> dict[int, Contribution]:
    if not keys:
        return {}
    statement = (
        sa.select(Contribution)
        .where(Contribution.id.in_(keys), Contribution.state == ContributionState.PUBLISHED)
        .options(*WITH_AUTHOR, joinedload(Contribution.topic))
    )
    return {row.id: row for row in session.scalars(statement)}


def _conversations(session: Session, contributions: Iterable[Contribution]) -> Mapping[int, int]:
    """The first proposal that came from each root: its page has the conversation."""
    roots = {contribution.root_id or contribution.id for contribution in contributions}
    if not roots:
        return {}
    rows = session.execute(
        sa.select(ProposalSource.contribution_id, sa.func.min(ProposalSource.proposal_id).label("proposal_id"))
        .join(Proposal, Proposal.id == ProposalSource.proposal_id)
        .where(ProposalSource.contribution_id.in_(roots), Proposal.state != ProposalState.VOIDED)
        .group_by(ProposalSource.contribution_id)
    )
    return {row.contribution_id: row.proposal_id for row in rows}


def _states(session: Session, keys: Collection[int]) -> dict[int, Row]:
    if not keys:
        return {}
    statement = sa.select(Proposal.id, Proposal.state, Proposal.main_proposal_id).where(Proposal.id.in_(keys))
    return {row.id: row for row in session.execute(statement)}


def places_of(session: Session, keys: Collection[int]) -> dict[int, Place]:
    """Proposals that anybody may see, by id."""
    if not keys:
        return {}
    rows = session.execute(listed().where(Proposal.id.in_(keys), is_visible()))
    return {row.id: Place(row.folio, title_of(row)) for row in rows}


def _waiting(session: Session, keys: Collection[int]) -> dict[int, list[tuple[str, date]]]:
    """The institutions that owe an answer on each proposal, and by when."""
    if not keys:
        return {}
    rows = session.execute(
        sa.select(Referral.proposal_id, Institution.name, Referral.due_on)
        .join(Institution, Institution.id == Referral.institution_id)
        .where(Referral.proposal_id.in_(keys), Referral.state.in_(AWAITING))
        .order_by(Referral.due_on, Institution.name)
    )
    found: dict[int, list[tuple[str, date]]] = {}
    for row in rows:
        found.setdefault(row.proposal_id, []).append((row.name, row.due_on))
    return found


def _results(session: Session, event: Event, plan: Plan, person_id: int) -> News | None:
    if not plan.has_results:
        return None
    return News(event.kind, event.happened_at, plan=plan, outcomes=followed_outcomes(session, plan.id, person_id))


def followed_outcomes(session: Session, plan_id: int, person_id: int) -> list[tuple[str, Outcome | ProposalState]]:
    """Folio and outcome of each proposal of a plan that a person follows; a merged one has that of its main one.

    Only for a plan whose results are public.
    """
    decided = sa.func.coalesce(Proposal.main_proposal_id, Proposal.id)
    rows = session.execute(
        sa.select(Proposal.folio, Proposal.state, Decision.outcome)
        .join(Follow, Follow.proposal_id == Proposal.id)
        .outerjoin(Decision, sa.and_(Decision.proposal_id == decided, Decision.superseded_at.is_(None)))
        .where(Follow.person_id == person_id, Proposal.plan_id == plan_id, Proposal.state != ProposalState.VOIDED)
        .order_by(Proposal.folio)
    )
    return [(row.folio, row.outcome or row.state) for row in rows]
