"""Following and no longer following, and how to hear of it.

No audit entry: what somebody follows tells what they think, and is forgotten when they stop.
"""

from collections.abc import Callable, Sequence
from typing import Any, cast

import sqlalchemy as sa
from sqlalchemy.orm import Session

from consulta.changes import Change, transaction
from consulta.database import by_dialect, table_of
from consulta.errors import GuardRefused, NotFound
from consulta.follows.followers import ANSWERS
from consulta.follows.models import DIGESTS, Follow, Mode, Notice
from consulta.follows.rules import FOLLOWS_MAX
from consulta.follows.tokens import Stop
from consulta.people.actors import VISITOR, Actor
from consulta.permissions import Permission

_FOLLOWS = table_of(Follow)
_UNSYNCHRONISED = {"synchronize_session": False}


def _following(**target: Any) -> Callable[[Session], sa.Executable]:
    """A statement that keeps a follow, or gives another mode to the one that is there."""

    def make(insert: Any) -> sa.Executable:
        row = insert(_FOLLOWS)
        kept = row.on_conflict_do_update(set_={"mode": row.excluded.mode}, **target).returning(_FOLLOWS.c.id)
        return cast("sa.Executable", kept)

    return by_dialect(make)


_FOLLOW_TOPIC = _following(index_elements=["topic_id", "person_id"])
_FOLLOW_PROPOSAL = _following(index_elements=["proposal_id", "person_id"])
_FOLLOW_ANSWERS = _following(index_elements=["person_id"], index_where=ANSWERS)


def follow(
    session: Session, *, actor: Actor, mode: Mode, topic_id: int | None = None, proposal_id: int | None = None
) -> int:
    """Follow a topic or a proposal that the caller has found public, or (neither) answers to oneself; the follow's id.

    Again with another mode changes only how to hear of it. Raises GuardRefused for one more than somebody can follow.
    """
    if topic_id is not None:
        statement = _FOLLOW_TOPIC
    else:
        statement = _FOLLOW_ANSWERS if proposal_id is None else _FOLLOW_PROPOSAL
    with transaction(session, actor=actor) as change:
        change.require(Permission.FOLLOW_KEEP)
        values = {"person_id": actor.person_id, "topic_id": topic_id, "proposal_id": proposal_id}
        if topic_id is not None or proposal_id is not None:
            _require_room(session, **values)
        follow_id = session.execute(statement(session), {**values, "mode": mode, "created_at": change.now}).scalar_one()
        _carry_over(change, [follow_id], mode)
    return int(follow_id)


def _require_room(session: Session, *, person_id: int | None, topic_id: int | None, proposal_id: int | None) -> None:
    """What is followed already can be followed again, whatever else is."""
    is_this = Follow.topic_id == topic_id if topic_id is not None else Follow.proposal_id == proposal_id
    others = sa.select(sa.func.count()).where(Follow.person_id == person_id, ~ANSWERS, is_this.is_not(True))
    if (session.scalar(others) or 0) >= FOLLOWS_MAX:
        raise GuardRefused("follows_too_many", {"most": FOLLOWS_MAX})


def change_mode(session: Session, *, actor: Actor, follow_id: int, mode: Mode) -> None:
    """Hear of something by another mode. Raises NotFound for what somebody else follows."""
    with transaction(session, actor=actor) as change:
        change.require(Permission.FOLLOW_KEEP)
        _set(change, _own(actor, Follow.id == follow_id), mode, must_exist=True)


def stop_following(session: Session, *, actor: Actor, follow_id: int) -> None:
    """Follow something no longer; what waited for a digest is told no more. Nothing happens the second time."""
    with transaction(session, actor=actor) as change:
        change.require(Permission.FOLLOW_KEEP)
        found = session.scalars(sa.select(Follow.id).where(_own(actor, Follow.id == follow_id))).all()
        _carry_over(change, found, Mode.OFF)
        session.execute(sa.delete(Follow).where(Follow.id.in_(found)), execution_options=_UNSYNCHRONISED)


def silence_everything(session: Session, *, actor: Actor) -> None:
    """No more mails of what is followed, answers included; the list stays."""
    with transaction(session, actor=actor) as change:
        change.require(Permission.FOLLOW_KEEP)
        values = {"person_id": actor.person_id, "topic_id": None, "proposal_id": None}
        session.execute(_FOLLOW_ANSWERS(session), {**values, "mode": Mode.OFF, "created_at": change.now})
        _set(change, _own(actor, sa.true()), Mode.OFF)


def obey_stop(session: Session, *, stop: Stop) -> None:
    """What the link in a mail asks for: that follow, or all that goes into that digest, is told by mail no more."""
    chosen = Follow.mode == stop.digest if stop.digest is not None else Follow.id == stop.follow_id
    with transaction(session, actor=VISITOR) as change:
        _set(change, sa.and_(Follow.person_id == stop.person_id, chosen), Mode.OFF)


def _own(actor: Actor, condition: sa.ColumnElement[bool]) -> sa.ColumnElement[bool]:
    return sa.and_(Follow.person_id == actor.person_id, condition)


def _set(change: Change, which: sa.ColumnElement[bool], mode: Mode, *, must_exist: bool = False) -> None:
    found = change.session.scalars(sa.select(Follow.id).where(which).with_for_update()).all()
    if must_exist and not found:
        raise NotFound("Follow")
    change.session.execute(
        sa.update(Follow).where(Follow.id.in_(found)).values(mode=mode), execution_options=_UNSYNCHRONISED
    )
    _carry_over(change, found, mode)


def _carry_over(change: Change, follow_ids: Sequence[int], mode: Mode) -> None:
    """What waits for a digest goes with the other digest, or is told no more; at once it comes with the next one."""
    if mode is Mode.AT_ONCE:
        return
    change.session.execute(
        sa.update(Notice)
        .where(Notice.follow_id.in_(follow_ids), Notice.mail_id.is_(None), Notice.mode.in_(DIGESTS))
        .values(mode=mode),
        execution_options=_UNSYNCHRONISED,
    )
