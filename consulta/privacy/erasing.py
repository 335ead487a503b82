"""Erasing somebody: one transaction in which every column meets its fate."""

import json
from collections.abc import Collection
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from consulta.audit.models import AuditEntry
from consulta.changes import Change
from consulta.database import Base
from consulta.moderation.models import ModerationAct
from consulta.outbox.models import OutboxKind, OutboxRow, OutboxState
from consulta.people.models import LoginSession, Person
from consulta.people.rules import RETIRED_NAME
from consulta.privacy.fates import EMPTIED, ROWS_GO
from consulta.privacy.rules import GROUND, Scrubber
from consulta.privacy.subjects import Subject
from consulta.privacy.texts import is_erased, reword
from consulta.proposals.models import Proposal, ProposalSource
from consulta.representation.models import Representation

_UNSYNCHRONISED = {"synchronize_session": False}
_WAITING = (OutboxState.NEW, OutboxState.CLAIMED, OutboxState.PARKED)


def erase(change: Change, subject: Subject, chosen: Collection[int]) -> None:
    """Erase persons in whose name nothing can be done any more; `chosen` are the texts that speak of them."""
    scrubber = Scrubber(subject.names, subject.addresses)
    reword(change, subject, chosen, scrubber)
    _scrub_acts(change.session, subject)
    _scrub_log(change.session, subject, scrubber)
    _drop_mails(change.session, subject)
    _drop_visits(change.session, subject)
    change.session.flush()
    for table, column, key in ROWS_GO:
        _execute(change.session, sa.delete(_table(table)), table, column, subject.values(key))
    for table, emptied, column, key in EMPTIED:
        _execute(change.session, sa.update(_table(table)).values({emptied: None}), table, column, subject.values(key))
    change.session.expire_all()
    for person in change.session.scalars(sa.select(Person).where(Person.id.in_(subject.persons))):
        person.public_name = RETIRED_NAME
        fields = sorted({f"{table}.{emptied}" for table, emptied, _, _ in EMPTIED} | {row[0] for row in ROWS_GO})
        change.edit(person, "person.erase", reason=GROUND, fields=fields, texts=len(chosen))
        change.index(person)


def is_erased_person(person: Person) -> bool:
    """Whether nothing but the row is left."""
    return person.retired_at is not None and person.public_name == RETIRED_NAME and person.email is None


def _table(name: str) -> sa.Table:
    return Base.metadata.tables[name]


def _execute(session: Session, statement: Any, table: str, column: str, values: tuple[Any, ...]) -> None:
    if values:
        session.execute(statement.where(_table(table).c[column].in_(values)))


def _scrub_acts(session: Session, subject: Subject) -> None:
    """What a moderator wrote before the last act; nothing can be taken back after the version has changed."""
    acts = sa.select(ModerationAct).where(ModerationAct.contribution_id.in_(subject.contributions))
    for act in session.scalars(acts):
        act.before = {**act.before, "reason_text": None}


def _scrub_log(session: Session, subject: Subject, scrubber: Scrubber) -> None:
    """The log keeps its rows: they lose the name, the words of the person, and what others quote of them."""
    by_person = AuditEntry.person_id.in_(subject.persons)
    by_others = sa.or_(AuditEntry.person_id.is_(None), ~by_person)
    asked = sa.select(Representation.id).where(Representation.person_id.in_(subject.persons))
    about_person = sa.or_(
        sa.and_(AuditEntry.object_type == "representation", AuditEntry.object_id.in_(asked)),
        sa.and_(AuditEntry.object_type == "person", AuditEntry.object_id.in_(subject.persons)),
        sa.and_(AuditEntry.object_type == "account", AuditEntry.object_id.in_(subject.accounts)),
    )
    _lose(session, by_person, actor=RETIRED_NAME, reason=None, detail={})
    _lose(session, about_person, reason=None, detail={})
    made = sa.select(ProposalSource.proposal_id).where(ProposalSource.contribution_id.in_(subject.contributions))
    proposals = {one.id: one for one in session.scalars(sa.select(Proposal).where(Proposal.id.in_(made)))}
    about_texts = sa.or_(
        sa.and_(AuditEntry.object_type == "contribution", AuditEntry.object_id.in_(subject.contributions)),
        sa.and_(AuditEntry.object_type == "proposal", AuditEntry.object_id.in_(proposals)),
    )
    columns = (AuditEntry.id, AuditEntry.object_type, AuditEntry.object_id, AuditEntry.reason, AuditEntry.detail)
    for entry in session.execute(sa.select(*columns).where(about_texts, by_others)).all():
        lost: dict[str, Any] = {}
        if scrubber.touches(entry.reason):
            lost["reason"] = None
        proposal = proposals.get(entry.object_id) if entry.object_type == "proposal" else None
        quotes = "summary" in entry.detail and proposal is not None and is_erased(proposal.summary)
        if quotes or scrubber.touches(json.dumps(entry.detail, ensure_ascii=False)):
            lost["detail"] = {}
        if lost:
            _lose(session, AuditEntry.id == entry.id, **lost)


def _lose(session: Session, condition: sa.ColumnElement[bool], **values: Any) -> None:
    session.execute(sa.update(AuditEntry).where(condition).values(values), execution_options=_UNSYNCHRONISED)


def _drop_mails(session: Session, subject: Subject) -> None:
    """What still waits to be sent to them, and what a mail server answered about their address."""
    mails = sa.select(OutboxRow.id, OutboxRow.payload).where(
        OutboxRow.kind.in_((OutboxKind.MAIL, OutboxKind.NOTICE)), OutboxRow.state.in_(_WAITING)
    )
    gone = [key for key, payload in session.execute(mails) if _is_to(payload, subject)]
    if gone:
        session.execute(sa.delete(OutboxRow).where(OutboxRow.id.in_(gone)), execution_options=_UNSYNCHRONISED)
    for address in subject.addresses:
        told = OutboxRow.error.contains(address, autoescape=True)
        session.execute(sa.update(OutboxRow).where(told).values(error=None), execution_options=_UNSYNCHRONISED)


def _is_to(payload: dict[str, Any], subject: Subject) -> bool:
    """Whether a mail goes to them: by name, to their account or, as its author, about a text of theirs."""
    if "person_id" in payload or "institution_id" in payload:
        return payload.get("person_id") in subject.persons
    return payload.get("account_id") in subject.accounts or payload.get("contribution_id") in subject.contributions


def _drop_visits(session: Session, subject: Subject) -> None:
    """Sessions without an account that are about to enter theirs, prove their address or follow a text of theirs."""
    data = sa.cast(LoginSession.data, sa.Text)
    marks = [f'"account": {key},' for key in subject.accounts] + list(subject.addresses)
    marks += [f'"contribution": {key},' for key in _tracked(session, subject)]
    for mark in marks:
        session.execute(
            sa.delete(LoginSession).where(LoginSession.account_id.is_(None), data.contains(mark, autoescape=True)),
            execution_options=_UNSYNCHRONISED,
        )


def _tracked(session: Session, subject: Subject) -> list[int]:
    codes = _table("tracking_code").c.contribution_id
    return list(session.scalars(sa.select(codes).where(codes.in_(subject.contributions))))
