"""What feeds tell: the newest public words, each with the proposal whose page shows them."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from consulta.contributions.models import Channel, Contribution, ContributionState
from consulta.contributions.threads import is_shown, words_of
from consulta.plans.models import Topic
from consulta.proposals.models import Proposal, ProposalSource, ProposalState
from consulta.proposals.public import listed, title_of
from consulta.proposals.stages import is_visible

MOST = 30
Row = Any  # a result row with the columns its statement names


@dataclass(frozen=True, slots=True)
class Entry:
    """What somebody said, and the proposal in whose conversation it stands."""

    said: Row
    folio: str
    title: str

    @property
    def updated_at(self) -> datetime:
        moment: datetime = self.said.edited_at or self.said.received_at
        return moment


def newest_proposals(session: Session, plan_id: int) -> list[Entry]:
    """What was proposed under a plan, through any channel."""
    return _newest(session, Contribution.plan_id == plan_id, Contribution.parent_id.is_(None))


def newest_of_topic(session: Session, topic: Topic) -> list[Entry]:
    """What was said in the conversation of a topic."""
    here = sa.or_(Contribution.parent_id.is_not(None), Contribution.channel == Channel.WEB)
    return _newest(session, Contribution.plan_id == topic.plan_id, Contribution.topic_id == topic.id, here)


def newest_replies(session: Session, root_ids: Sequence[int]) -> list[Entry]:
    """What was answered anywhere below some contributions."""
    return _newest(session, Contribution.root_id.in_(root_ids))


def _newest(session: Session, *conditions: sa.ColumnElement[bool]) -> list[Entry]:
    newest = (
        sa.select(Contribution.id)
        .where(Contribution.state == ContributionState.PUBLISHED, *conditions)
        .order_by(Contribution.received_at.desc(), Contribution.id.desc())
        .limit(MOST)
    )
    words = words_of(session, session.scalars(newest).all())
    # On PostgreSQL what was published a moment ago may be hidden by now.
    shown = sorted(filter(is_shown, words.values()), key=lambda row: (row.received_at, row.id), reverse=True)
    places = _places(session, {row.root_id or row.id for row in shown})
    return [Entry(row, *places[root]) for row in shown if (root := row.root_id or row.id) in places]


def _places(session: Session, root_ids: Collection[int]) -> dict[int, tuple[str, str]]:
    """Folio and title of the first proposal that came from each root: its page has the conversation."""
    first = (
        sa.select(ProposalSource.contribution_id, sa.func.min(ProposalSource.proposal_id).label("proposal_id"))
        .join(Proposal, Proposal.id == ProposalSource.proposal_id)
        .where(ProposalSource.contribution_id.in_(root_ids), Proposal.state != ProposalState.VOIDED, is_visible())
        .group_by(ProposalSource.contribution_id)
        .subquery("first")
    )
    statement = listed().add_columns(first.c.contribution_id).join(first, first.c.proposal_id == Proposal.id)
    return {row.contribution_id: (row.folio, title_of(row)) for row in session.execute(statement)}
