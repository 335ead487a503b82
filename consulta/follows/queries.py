"""What a person follows, as their own pages show it."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from consulta.errors import NotFound
from consulta.follows.followers import ANSWERS
from consulta.follows.models import Event, Follow, Mode, Notice
from consulta.follows.news import News, Place, places_of, read_news
from consulta.follows.rules import ANSWERS_MODE
from consulta.follows.tokens import Stop
from consulta.keys import key_of
from consulta.plans.models import Topic

PAGE = 30
ASKED_MAX = 100


@dataclass(frozen=True)
class Followed:
    """One row of what somebody follows: a topic, or a proposal (`place`), and the latest news of it."""

    follow: Follow
    place: Place | None
    latest: News | None


@dataclass(frozen=True)
class FollowedPage:
    rows: Sequence[Followed]
    following: str | None


def find_follow(
    session: Session, person_id: int | None, *, topic_id: int | None = None, proposal_id: int | None = None
) -> Follow | None:
    """How a person follows a topic or a proposal; with neither, the answers to them."""
    what = ANSWERS if topic_id is None and proposal_id is None else _same(topic_id, proposal_id)
    return session.scalars(sa.select(Follow).where(Follow.person_id == person_id, what)).one_or_none()


def find_own_follow(session: Session, person_id: int | None, follow_id: int) -> Follow:
    """Raises NotFound for one that is somebody else's."""
    follow = session.get(Follow, follow_id)
    if follow is None or follow.person_id != person_id:
        raise NotFound("Follow", follow_id)
    return follow


def find_stopped(session: Session, stop: Stop) -> Follow | None:
    """The follow that a link in a mail is about; None for a digest, and for what is no longer followed."""
    follow = session.get(Follow, stop.follow_id) if stop.follow_id is not None else None
    return follow if follow is not None and follow.person_id == stop.person_id else None


def answers_mode(session: Session, person_id: int | None) -> Mode:
    follow = find_follow(session, person_id)
    return follow.mode if follow else ANSWERS_MODE


def list_follows(session: Session, person_id: int, cursor: str = "", size: int = PAGE) -> FollowedPage:
    """Topics and proposals that a person follows, the latest first. Raises NotFound for a cursor that nobody gave."""
    statement = sa.select(Follow).where(Follow.person_id == person_id, ~ANSWERS)
    if cursor:
        key = key_of(cursor)
        if key is None:
            raise NotFound("Page", cursor)
        statement = statement.where(Follow.id < key)
    options = joinedload(Follow.topic).joinedload(Topic.plan), joinedload(Follow.proposal)
    found = session.scalars(statement.options(*options).order_by(Follow.id.desc()).limit(size + 1)).all()
    page = found[:size]
    places = places_of(session, [follow.proposal_id for follow in page if follow.proposal_id is not None])
    latest = _latest(session, person_id, [follow.id for follow in page])
    rows = [Followed(follow, places.get(follow.proposal_id or 0), latest.get(follow.id)) for follow in page]
    return FollowedPage(rows, str(page[-1].id) if len(found) > size else None)


def _latest(session: Session, person_id: int, follow_ids: Collection[int]) -> Mapping[int, News]:
    """The newest that can be told of each follow."""
    newest = sa.select(sa.func.max(Notice.id)).where(Notice.follow_id.in_(follow_ids)).group_by(Notice.follow_id)
    notices = session.scalars(sa.select(Notice).where(Notice.id.in_(newest)).options(joinedload(Notice.event))).all()
    news = read_news(session, [notice.event for notice in notices], person_id)
    return {n.follow_id: news[n.event_id] for n in notices if n.follow_id is not None and n.event_id in news}


def latest_news(session: Session, person_id: int, limit: int) -> list[News]:
    """The newest of everything that a person was told."""
    statement = (
        sa.select(Event)
        .join(Notice, Notice.event_id == Event.id)
        .where(Notice.person_id == person_id)
        .order_by(Notice.event_id.desc())
        .limit(limit)
    )
    return list(read_news(session, session.scalars(statement).all(), person_id).values())


def followed_among(
    session: Session, person_id: int | None, topics: Collection[int], proposals: Collection[int]
) -> tuple[set[int], set[int]]:
    """Of some topics and proposals, those that a person follows."""
    if not topics and not proposals:
        return set(), set()
    here = sa.or_(Follow.topic_id.in_(topics), Follow.proposal_id.in_(proposals))
    rows = session.scalars(sa.select(Follow).where(Follow.person_id == person_id, here)).all()
    return {row.topic_id for row in rows if row.topic_id}, {row.proposal_id for row in rows if row.proposal_id}


def _same(topic_id: int | None, proposal_id: int | None) -> sa.ColumnElement[bool]:
    return Follow.topic_id == topic_id if proposal_id is None else Follow.proposal_id == proposal_id
