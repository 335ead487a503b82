"""From what happened to who is told: a notice for each follower, a page of them at a time.

A page is one transaction: its notices, the mails that go out at once, and the place where the next page begins. So
whoever stops the worker, and however, each follower gets the notice once.
"""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from consulta import clock
from consulta.contributions.models import Contribution, ContributionState
from consulta.database import by_dialect, table_of
from consulta.follows.followers import ANSWERS, followers_of
from consulta.follows.models import Event, EventKind, Follow, Mode, Notice
from consulta.follows.rules import ANSWERS_MODE
from consulta.messages.readers import authors_of, contributors_of
from consulta.outbox.models import OutboxKind, OutboxRow

PAGE = 200
AFTER = "after"
NOTICE_MAIL = "follow_notice"
_FOLLOWS = table_of(Follow)
_FOLLOW_ANSWERS = by_dialect(
    lambda insert: insert(_FOLLOWS).on_conflict_do_nothing(index_elements=["person_id"], index_where=ANSWERS)
)
_MAILS = sa.insert(OutboxRow).returning(OutboxRow.id, sort_by_parameter_order=True)
_NOTICES = sa.insert(table_of(Notice))


def spread_page(session: Session, row: OutboxRow) -> dict[str, Any] | None:
    """Tell the next followers of the event of an outbox row; the row's payload for the page after, None at the end."""
    event = _event_of(session, row)
    if event is None:
        return None
    page = followers_of(session, event, after=row.payload.get(AFTER, 0), limit=PAGE)
    told_already = _told_by_other_mail(session, event, [follow.person_id for follow in page.follows])
    modes = {f.person_id: Mode.OFF if f.person_id in told_already else f.mode for f in page.follows}
    now = [person_id for person_id, mode in modes.items() if mode is Mode.AT_ONCE]
    mails = dict(zip(now, _put_mails(session, event, now), strict=True))
    common = {"event_id": event.id, "told_at": clock.now()}
    notices = [
        {
            **common,
            "person_id": follow.person_id,
            "follow_id": follow.id,
            "mode": modes[follow.person_id],
            "mail_id": mails.get(follow.person_id),
        }
        for follow in page.follows
    ]
    if notices:
        session.execute(_NOTICES, notices)
    return None if page.last is None else {**row.payload, AFTER: page.last}


def _event_of(session: Session, row: OutboxRow) -> Event | None:
    """The event of an outbox row, kept when its first page is told.

    None for words that are no longer shown, or that were told of before they were hidden and shown again.
    """
    event = session.scalars(sa.select(Event).where(Event.outbox_id == row.id)).one_or_none()
    if event is not None:
        return event
    ids: dict[str, int | None] = {name: value for name, value in row.payload.items() if name != AFTER}
    event = Event(kind=EventKind(row.name), outbox_id=row.id, happened_at=row.available_at, **ids)
    if event.contribution_id is not None and not _can_be_told(session, event.contribution_id):
        return None
    session.add(event)
    session.flush()
    if event.kind is EventKind.REPLY_PUBLISHED:
        _follow_answers(session, event)
    return event


def _can_be_told(session: Session, contribution_id: int) -> bool:
    contribution = session.get_one(Contribution, contribution_id)
    told = sa.select(Event.id).where(Event.contribution_id == contribution_id)
    return contribution.state is ContributionState.PUBLISHED and session.scalar(told) is None


def _follow_answers(session: Session, event: Event) -> None:
    """Who was answered follows the answers to them, unless they already said how."""
    reply = session.get_one(Contribution, event.contribution_id)
    answered = session.get_one(Contribution, reply.parent_id)
    if answered.person_id != reply.person_id:
        values = {"person_id": answered.person_id, "mode": ANSWERS_MODE, "created_at": event.happened_at}
        session.execute(_FOLLOW_ANSWERS(session), values)


def _told_by_other_mail(session: Session, event: Event, persons: Sequence[int]) -> set[int]:
    """Of some persons, those whom the same event wrote to as authors: to them it is only news on the site."""
    if event.contribution_id is not None or not persons:
        return set()
    if event.plan_id is not None:
        return set(session.scalars(contributors_of(event.plan_id).where(Contribution.person_id.in_(persons))))
    authors = authors_of(session, event.proposal_id or 0)
    return {author["person_id"] for author in authors}.intersection(persons)


def _put_mails(session: Session, event: Event, persons: Sequence[int]) -> Sequence[int]:
    """A mail to each person, for the worker to write; the ids of their rows, in the same order."""
    common = {"kind": OutboxKind.NOTICE, "name": NOTICE_MAIL, "available_at": clock.now()}
    rows = [{**common, "payload": {"event_id": event.id, "person_id": person_id}} for person_id in persons]
    return session.scalars(_MAILS, rows).all() if rows else ()
