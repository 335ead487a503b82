"""The numbers kept beside what they count, so that a page reads them instead of counting.

`Topic.proposal_count` counts the proposals posted on the site under a topic and published; a hidden one stays,
because its proposal stays admitted. `reply_count` counts the replies whose words are shown: under a topic, or anywhere
below a contribution.
`Topic.last_activity_at` is when the latest of both was received; `support_count` counts supports.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from consulta.changes import Change
from consulta.contributions.models import Channel, Contribution, ContributionState, Support
from consulta.plans.models import Topic

PROPOSAL_STATES = (ContributionState.PUBLISHED, ContributionState.HIDDEN)
REPLY_STATES = (ContributionState.PUBLISHED,)

_above = (
    sa.select(Contribution.id, Contribution.parent_id)
    .where(Contribution.id == sa.bindparam("parent"))
    .cte("above", recursive=True)
)
_above = _above.union_all(
    sa.select(Contribution.id, Contribution.parent_id).join(_above, Contribution.id == _above.c.parent_id)
)
# All that a reply stands below, whatever its depth. The root is locked by then, so that no two of these can meet.
_COUNT_ABOVE = (
    sa.update(Contribution)
    .where(Contribution.id.in_(sa.select(_above.c.id)))
    .values(reply_count=Contribution.reply_count + sa.bindparam("by"))
    .execution_options(synchronize_session=False)
)


@dataclass(frozen=True)
class Drift:
    """A kept number that is not what counting gives."""

    table: str
    key: int
    column: str
    kept: object
    counted: object


def recount(change: Change, contribution: Contribution, before: ContributionState | None) -> None:
    """Bring the counters from what they were in state `before` (None: it did not exist) to the present state."""
    by = _weight(contribution, contribution.state) - _weight(contribution, before)
    if by == 0:
        return
    topic = contribution.topic
    if contribution.is_reply:
        _count_above(change.session, contribution, by)
    if topic is None:
        return
    change.count(topic, Topic.reply_count if contribution.is_reply else Topic.proposal_count, by)
    _note_activity(change, topic, contribution.received_at if by > 0 else None)


def _count_above(session: Session, contribution: Contribution, by: int) -> None:
    session.flush()
    session.execute(_COUNT_ABOVE, {"parent": contribution.parent_id, "by": by})
    for row in session.identity_map.values():
        if isinstance(row, Contribution):
            session.expire(row, ["reply_count"])


def _weight(contribution: Contribution, state: ContributionState | None) -> int:
    if contribution.is_reply:
        return int(state in REPLY_STATES)
    return int(contribution.channel is Channel.WEB and state in PROPOSAL_STATES)


def _note_activity(change: Change, topic: Topic, received_at: datetime | None) -> None:
    """Something was received then; or (None) something left, and the latest of the rest is looked for."""
    change.session.flush()
    if received_at is None:
        latest: sa.ColumnElement[Any] = _latest(topic.id).scalar_subquery()
    else:
        kept = Topic.last_activity_at
        latest = sa.case((sa.or_(kept.is_(None), kept < received_at), received_at), else_=kept)
    change.session.execute(
        sa.update(Topic).where(Topic.id == topic.id).values(last_activity_at=latest),
        execution_options={"synchronize_session": False},
    )
    change.session.expire(topic, ["last_activity_at"])


def _is_proposal() -> sa.ColumnElement[bool]:
    return sa.and_(
        Contribution.parent_id.is_(None), Contribution.channel == Channel.WEB, Contribution.state.in_(PROPOSAL_STATES)
    )


def _is_reply() -> sa.ColumnElement[bool]:
    return sa.and_(Contribution.parent_id.is_not(None), Contribution.state.in_(REPLY_STATES))


def _latest(topic_id: int) -> sa.Select[datetime]:
    return sa.select(sa.func.max(Contribution.received_at)).where(
        Contribution.topic_id == topic_id, sa.or_(_is_proposal(), _is_reply())
    )


def find_drift(session: Session) -> Iterator[Drift]:
    """Count everything again and name each kept number that differs."""
    yield from _topic_drift(session)
    replies = _counted(session, _replies_below())
    supports = _counted(session, sa.select(Support.contribution_id, sa.func.count()).group_by("contribution_id"))
    kept = sa.select(Contribution.id, Contribution.reply_count, Contribution.support_count).order_by(Contribution.id)
    for row in session.execute(kept):
        if row.reply_count != replies.get(row.id, 0):
            yield Drift("contribution", row.id, "reply_count", row.reply_count, replies.get(row.id, 0))
        if row.support_count != supports.get(row.id, 0):
            yield Drift("contribution", row.id, "support_count", row.support_count, supports.get(row.id, 0))


def _replies_below() -> sa.Select[Any, int]:
    """How many replies are shown below each contribution, by its id."""
    above = sa.select(Contribution.id, Contribution.parent_id).where(_is_reply()).cte("above", recursive=True)
    above = above.union_all(
        sa.select(Contribution.id, Contribution.parent_id).join(above, Contribution.id == above.c.parent_id)
    )
    return (
        sa.select(above.c.parent_id, sa.func.count()).where(above.c.parent_id.is_not(None)).group_by(above.c.parent_id)
    )


def _counted(session: Session, statement: sa.Select[Any, int]) -> dict[int, int]:
    return dict(session.execute(statement).all())


def _topic_drift(session: Session) -> Iterator[Drift]:
    counted = (
        sa.select(
            Contribution.topic_id,
            sa.func.sum(sa.case((_is_proposal(), 1), else_=0)).label("proposals"),
            sa.func.sum(sa.case((_is_reply(), 1), else_=0)).label("replies"),
            sa.func.max(sa.case((sa.or_(_is_proposal(), _is_reply()), Contribution.received_at))).label("latest"),
        )
        .group_by(Contribution.topic_id)
        .subquery()
    )
    rows = session.execute(sa.select(Topic, counted).outerjoin(counted, counted.c.topic_id == Topic.id))
    for topic, _, proposals, replies, latest in rows:
        if topic.proposal_count != (proposals or 0):
            yield Drift("topic", topic.id, "proposal_count", topic.proposal_count, proposals or 0)
        if topic.reply_count != (replies or 0):
            yield Drift("topic", topic.id, "reply_count", topic.reply_count, replies or 0)
        if topic.last_activity_at != latest:
            yield Drift("topic", topic.id, "last_activity_at", topic.last_activity_at, latest)
