"""Asking to be erased, and calling it off: it waits a day, and nobody does it at once and alone."""

from collections.abc import Collection
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from consulta import clock
from consulta.changes import Change, transaction
from consulta.contributions.models import Contribution, ContributionState
from consulta.database import writing
from consulta.errors import GuardRefused, Invalid, NotFound, Problem
from consulta.outbox.models import OutboxKind, OutboxRow, OutboxState
from consulta.people.actors import VISITOR, Actor, actor_for
from consulta.people.models import Person
from consulta.permissions import Permission
from consulta.privacy.models import Erasure
from consulta.privacy.queries import erasure_of
from consulta.privacy.rules import ERASURE_TERM, FAREWELL_TERM, PROOF_TERM
from consulta.privacy.subjects import persons_with

_OPEN = (OutboxState.NEW, OutboxState.CLAIMED)
FAREWELL = "erasure_done"


def ask_for_erasure(
    session: Session, *, actor: Actor, is_sure: bool, text_ids: Collection[int] = (), all_texts: bool = False
) -> Erasure:
    """Have the own person erased once a day has passed; asked for again it waits as it did.

    `text_ids` are own public texts that speak of the person. Raises Invalid and, for who has a role, NotAllowed.
    """
    _insist(is_sure=is_sure)
    with transaction(session, actor=actor) as change:
        person = change.lock(Person, actor.person_id or 0)
        change.require(Permission.PERSON_ERASE, person)
        known = erasure_of(session, person.id)
        if known is not None and known.is_waiting:
            return known
        erasure = known or Erasure(person_id=person.id, asked_at=change.now)
        session.add(erasure)
        _begin(change, erasure, person, text_ids, all_texts=all_texts)
    return erasure


def ask_without_account(session: Session, *, actor: Actor) -> Erasure:
    """Have the worker write to the address of who sent texts without an account; its link leads to the question."""
    with transaction(session, actor=actor) as change:
        person = change.lock(Person, actor.person_id or 0)
        change.require(Permission.PERSON_ERASE, person)
        erasure = erasure_of(session, person.id)
        if erasure is None:
            erasure = Erasure(person_id=person.id, asked_at=change.now)
            session.add(erasure)
            session.flush()
        if erasure.due_at is None:
            erasure.asked_at = change.now
            change.mail("erasure_confirm", erasure_id=erasure.id)
    return erasure


def confirm_erasure(
    session: Session, *, erasure_id: int, is_sure: bool, text_ids: Collection[int] = (), all_texts: bool = False
) -> Erasure:
    """Begin the wait of what was asked for without an account, by whoever read the link that was mailed."""
    _insist(is_sure=is_sure)
    with transaction(session, actor=VISITOR) as change:
        erasure = change.lock(Erasure, erasure_id)
        if erasure.due_at is not None:
            return erasure
        person = change.session.get_one(Person, erasure.person_id)
        change.actor = actor_for(person)
        change.require(Permission.PERSON_ERASE, person)
        _begin(change, erasure, person, text_ids, all_texts=all_texts)
    return erasure


def call_off_erasure(session: Session, *, actor: Actor) -> None:
    """Leave everything as it is. Raises NotFound, and GuardRefused once the day has passed: it may be under way."""
    with transaction(session, actor=actor) as change:
        person = change.session.get(Person, actor.person_id or 0)
        change.require(Permission.PERSON_ERASE, person)
        erasure = erasure_of(session, actor.person_id)
        if erasure is None or erasure.due_at is None or person is None:
            raise NotFound("Erasure")
        erasure = change.lock(Erasure, erasure.id)
        if erasure.due_at is None or erasure.due_at <= change.now:
            raise GuardRefused("erasure_began")
        session.delete(erasure)
        change.record("person.keep", person)


def forget_unproven(session: Session) -> None:
    """Drop requests whose link is too old to be used."""
    old = sa.and_(Erasure.due_at.is_(None), Erasure.asked_at <= clock.now() - PROOF_TERM)
    if session.scalar(sa.select(Erasure.id).where(old).limit(1)) is None:
        return
    with writing(session):
        session.execute(sa.delete(Erasure).where(old), execution_options={"synchronize_session": False})


def forget_farewells(session: Session) -> None:
    """Drop the addresses that were kept for the last mail: it was sent, or cannot be."""
    told = sa.select(Erasure).where(Erasure.farewell_to.is_not(None), Erasure.done_at.is_not(None))
    kept = session.scalars(told).all()
    if not kept:
        return
    waiting = sa.select(OutboxRow.payload).where(
        OutboxRow.kind == OutboxKind.MAIL, OutboxRow.state.in_(_OPEN), OutboxRow.name == FAREWELL
    )
    unsent = {payload["erasure_id"] for payload in session.scalars(waiting)}
    done = [one.id for one in kept if one.id not in unsent or _is_old(one.done_at)]
    if not done:
        return
    with writing(session):
        forgotten = sa.update(Erasure).where(Erasure.id.in_(done)).values(farewell_to=None)
        session.execute(forgotten, execution_options={"synchronize_session": False})


def _is_old(done_at: datetime | None) -> bool:
    return done_at is not None and done_at <= clock.now() - FAREWELL_TERM


def _insist(*, is_sure: bool) -> None:
    if not is_sure:
        raise Invalid(Problem("is_sure", "erasure_not_sure"))


def _begin(change: Change, erasure: Erasure, person: Person, text_ids: Collection[int], *, all_texts: bool) -> None:
    erasure.due_at = change.now + ERASURE_TERM
    erasure.all_texts, erasure.text_ids = all_texts, _own_texts(change.session, person, text_ids)
    change.session.flush()
    change.record("person.ask_erasure", person)
    change.mail("erasure_asked", erasure_id=erasure.id)


def _own_texts(session: Session, person: Person, ids: Collection[int]) -> list[int]:
    """Those of the ids that are public texts of theirs."""
    own = sa.select(Contribution.id).where(
        Contribution.id.in_(ids),
        Contribution.person_id.in_(persons_with(session, person)),
        Contribution.state == ContributionState.PUBLISHED,
    )
    return sorted(session.scalars(own))
