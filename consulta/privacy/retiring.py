"""Carrying out what was asked for, in two steps that a crash may part, and doing it again after a restore.

First nobody can act in that name any more, so that nothing new appears meanwhile. Then, in one transaction, everything
is erased; its line is on the disk before that transaction is kept. Once the day has passed a request cannot be called
off, so that a line always tells of something that happened or is about to.
"""

import logging
from collections.abc import Iterable
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from consulta import clock
from consulta.changes import Change, transaction
from consulta.contributions.models import Contribution, ContributionState
from consulta.database import Database
from consulta.people.accounts import end_sessions
from consulta.people.actors import CLOCK
from consulta.people.models import STAFF_ROLES, Account, Membership, Person
from consulta.privacy.erasing import erase, is_erased_person
from consulta.privacy.ledger import BadLine, Entry, ErasureList, Row, row_of
from consulta.privacy.models import Erasure
from consulta.privacy.queries import address_of, erasure_of
from consulta.privacy.services import FAREWELL
from consulta.privacy.subjects import Subject, find_subject, persons_with

log = logging.getLogger("consulta.worker")


def erase_due(session: Session, erasures: ErasureList) -> int:
    """Erase everybody whose day has passed; how many persons. Without its line on the disk nothing is kept."""
    due = sa.select(Erasure.id).where(Erasure.due_at <= clock.now(), Erasure.done_at.is_(None)).order_by(Erasure.id)
    erased = 0
    for key in session.scalars(due).all():
        try:
            erased += _carry_out(session, key, erasures)
        except OSError as error:
            log.error("somebody waits to be erased: %s: %s", error.strerror, erasures.path)
    return erased


def replay(database: Database, erasures: ErasureList) -> tuple[int, list[BadLine]]:
    """Erase again whom a restored backup brought back: how many, and the lines that could not be read."""
    erased, bad = 0, []
    for entry in erasures.read():
        if isinstance(entry, BadLine):
            bad.append(entry)
            continue
        with database.session() as session:
            erased += _again(session, entry, erasures)
    return erased, bad


def complete_list(database: Database, erasures: ErasureList) -> None:
    """Add what the database knows and the list does not: it is a new one, of another machine or disk."""
    listed = {entry.key for entry in erasures.read() if isinstance(entry, Entry)}
    with database.reading() as session:
        for erasure in session.scalars(sa.select(Erasure).where(Erasure.done_at.is_not(None)).order_by(Erasure.id)):
            entry = _entry(session, erasure)
            if entry.key not in listed:
                erasures.add(entry)


def keep_up(database: Database, erasures: ErasureList) -> None:
    """What a worker does when it starts: nobody who was erased is there, and the list knows of everybody."""
    try:
        erased, bad = replay(database, erasures)
        complete_list(database, erasures)
    except OSError as error:
        log.error("the list of erasures cannot be used: %s: %s", error.strerror, erasures.path)
        return
    if erased:
        log.warning("%s persons were erased again after a restore", erased)
    for line in bad:
        log.error("%s", line)


def _carry_out(session: Session, erasure_id: int, erasures: ErasureList) -> int:
    """Erase who asked with all of the same address: how many persons."""
    person_id = session.get_one(Erasure, erasure_id).person_id
    persons = _retire(session, person_id)
    if not persons:
        return 0
    with transaction(session, actor=CLOCK) as change:
        erasure = change.lock(Erasure, erasure_id)
        if erasure.done_at is not None:
            return 0
        subject = find_subject(session, persons)
        chosen, address = _chosen(session, subject, erasure), address_of(session, person_id)
        erase(change, subject, chosen)
        erasure.done_at, erasure.farewell_to = change.now, address
        erasure.text_ids, erasure.all_texts, erasure.other_ids = sorted(chosen), False, persons[1:]
        if address:
            change.mail(FAREWELL, erasure_id=erasure.id)
        session.flush()
        erasures.add(_entry(session, erasure))
    return len(persons)


def _retire(session: Session, person_id: int) -> list[int]:
    """Let nobody act as the person any more; the persons who are erased together, none for who has a role now.

    Only their rows are locked, and nothing after them: whoever is writing in that name ends first.
    """
    with transaction(session, actor=CLOCK) as change:
        person = change.lock(Person, person_id)
        works = sa.select(Membership.id).where(Membership.person_id == person.id, Membership.role.in_(STAFF_ROLES))
        if session.scalar(works.limit(1)) is not None:
            erasure = erasure_of(session, person.id)
            if erasure is not None:
                session.delete(erasure)
                change.record("person.keep", person)
            return []
        # Those of the same address; found again, should the first step have been all that was done.
        persons = persons_with(session, person)
        for key in persons:
            _close(change, change.lock(Person, key))
    return persons


def _close(change: Change, person: Person) -> None:
    person.retired_at = person.retired_at or change.now
    for account in change.session.scalars(sa.select(Account).where(Account.person_id == person.id)):
        account.is_active = False
        end_sessions(change, account)


def _again(session: Session, entry: Entry, erasures: ErasureList) -> int:
    """Do once more what a line tells, where it was undone or never kept; how many persons."""
    found = {person.id: person for person in session.scalars(_persons(row.id for row in entry.persons))}
    same = [found[row.id] for row in entry.persons if row.id in found and _named(found[row.id]) == row]
    back = [person.id for person in same if not is_erased_person(person)]
    if not back:
        return 0
    asked = erasure_of(session, back[0])
    if asked is not None and asked.is_waiting and asked.asked_at.isoformat() == entry.asked_at:
        return _carry_out(session, asked.id, erasures)  # and whoever asked is told
    with transaction(session, actor=CLOCK) as change:
        for key in sorted(back):
            _close(change, change.lock(Person, key))
    with transaction(session, actor=CLOCK) as change:
        subject = find_subject(session, back)
        wanted = {(row.id, row.at) for row in entry.texts}
        chosen = {row.id for row in _rows_of(session, subject.contributions) if (row.id, row.at) in wanted}
        erase(change, subject, chosen)
        if entry.persons[0].id in back:
            _mark_done(change, entry, chosen)
    return len(back)


def _mark_done(change: Change, entry: Entry, chosen: Iterable[int]) -> None:
    """The request as it was; whoever is told of it was told then."""
    key = entry.persons[0].id
    erasure = erasure_of(change.session, key) or Erasure(person_id=key)
    erasure.asked_at = datetime.fromisoformat(entry.asked_at)
    erasure.due_at = erasure.done_at = datetime.fromisoformat(entry.erased_at)
    erasure.text_ids, erasure.all_texts, erasure.farewell_to = sorted(chosen), False, None
    erasure.other_ids = [row.id for row in entry.persons[1:]]
    change.session.add(erasure)


def _chosen(session: Session, subject: Subject, erasure: Erasure) -> set[int]:
    """The texts to replace: those that were named, or all that are public now."""
    if not erasure.all_texts:
        return set(erasure.text_ids).intersection(subject.contributions)
    public = sa.select(Contribution.id).where(
        Contribution.id.in_(subject.contributions), Contribution.state == ContributionState.PUBLISHED
    )
    return set(session.scalars(public))


def _entry(session: Session, erasure: Erasure) -> Entry:
    """The line of one that is done."""
    keys = [erasure.person_id, *erasure.other_ids]
    named = {person.id: _named(person) for person in session.scalars(_persons(keys))}
    erased_at = erasure.done_at or erasure.asked_at
    texts = tuple(_rows_of(session, erasure.text_ids))
    return Entry(erasure.asked_at.isoformat(), erased_at.isoformat(), tuple(named[key] for key in keys), texts)


def _persons(ids: Iterable[int]) -> sa.Select[Person]:
    return sa.select(Person).where(Person.id.in_(list(ids))).order_by(Person.id)


def _named(person: Person) -> Row:
    return row_of(person.id, person.created_at)


def _rows_of(session: Session, ids: Iterable[int]) -> list[Row]:
    columns = sa.select(Contribution.id, Contribution.received_at).where(Contribution.id.in_(list(ids)))
    return [row_of(key, at) for key, at in session.execute(columns.order_by(Contribution.id))]
