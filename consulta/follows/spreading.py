"""From what happened to who is told: a notice for each follower, a page of them at a time.

A page is one transaction: its notices, the mails that go out at once, and the place where the next page begins. So
whoever stops the worker, and however, each follower gets the notice once.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from consulta import clock
from consulta.contributions.models import Contribution, ContributionState
from consulta.database import by_dialect, table_of
from consulta.follows.followers import ANSWERS, followers_of
from consulta.follows.models import Event, EventKind, Follow, Mode, Notice
from consulta.follows.rules import ANSWERS_MODE, QUIET_TIME
from consulta.messages.readers import authors_of, contributors_of
from consulta.outbox.models import OutboxKind, OutboxRow, OutboxState

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
    mails = _mails_for(session, now)
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


def _mails_for(session: Session, persons: Sequence[int]) -> dict[int, int]:
    """The mail that tells each person: one that nobody has begun to write, else a new one for the worker to write."""
    if not persons:
        return {}
    now, recent = clock.now(), _recent_mails(session, persons)
    mails = {person_id: mail.id for person_id, (mail, _) in recent.items() if _can_take_more(mail)}
    common = {"kind": OutboxKind.NOTICE, "name": NOTICE_MAIL}
    rest = [person_id for person_id in persons if person_id not in mails]
    rows = [
        {
            **common,
            "available_at": recent[person_id][1] + QUIET_TIME if person_id in recent else now,
            "payload": {"person_id": person_id},
        }
        for person_id in rest
    ]
    made = session.scalars(_MAILS, rows).all() if rows else ()
    return mails | dict(zip(rest, made, strict=True))


def _recent_mails(session: Session, persons: Sequence[int]) -> dict[int, tuple[OutboxRow, datetime]]:
    """The last mail at once to each person within the quiet time, and when it was last added to; no worker takes one
    of them before the end of the transaction."""
    latest = (
        sa.select(Notice.person_id, sa.func.max(Notice.mail_id), sa.func.max(Notice.told_at))
        .where(
            Notice.person_id.in_(persons),
            Notice.mode == Mode.AT_ONCE,
            Notice.mail_id.is_not(None),
            Notice.told_at > clock.now() - QUIET_TIME,
        )
        .group_by(Notice.person_id)
    )
    found = {person_id: (mail_id, told_at) for person_id, mail_id, told_at in session.execute(latest)}
    keys = [mail_id for mail_id, _ in found.values()]
    locked = sa.select(OutboxRow).where(OutboxRow.id.in_(keys)).order_by(OutboxRow.id).with_for_update()
    mails = {mail.id: mail for mail in session.scalars(locked.execution_options(populate_existing=True))}
    return {person_id: (mails[key], told_at) for person_id, (key, told_at) in found.items() if key in mails}


def _can_take_more(mail: OutboxRow) -> bool:
    """Whether nobody has begun to write it; one that was tried may have arrived as it was."""
    return mail.state is OutboxState.NEW and mail.attempts == 0
