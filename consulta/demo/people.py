"""Institutions with their competences, holidays, and the invented contributors."""

from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from consulta import clock
from consulta.changes import transaction
from consulta.demo.texts import read
from consulta.people.actors import Actor
from consulta.people.models import Institution, InstitutionKind, Person, PersonKind, Role
from consulta.plans.models import Holiday, TopicCompetence

NAME = "Carga de demostración"


def institutions_by_code(session: Session) -> dict[str, Institution]:
    return {institution.code: institution for institution in session.scalars(sa.select(Institution))}


def loader_actor(session: Session, person: Person | None = None) -> Actor:
    """The loader, with every role; when it writes what a contributor said, on behalf of that person."""
    grants: set[tuple[Role, int | None]] = {(role, None) for role in Role}
    places = list(session.scalars(sa.select(Institution.id)))
    grants |= {(role, key) for role in (Role.LIAISON, Role.ORG_REP) for key in places}
    return Actor(person.id if person else None, NAME, frozenset(grants))


def load_people(session: Session) -> None:
    """Load what is not there yet."""
    actor = Actor(None, NAME, frozenset((role, None) for role in Role))
    _load_institutions(session, actor)
    _load_persons(session, actor)
    _load_holidays(session, actor)


def _load_institutions(session: Session, actor: Actor) -> None:
    rows = read("institutions")
    known = institutions_by_code(session)
    with transaction(session, actor=actor) as change:
        for row in rows:
            if row["code"] in known:
                continue
            institution = Institution(
                code=row["code"],
                name=row["name"],
                kind=InstitutionKind(row["kind"]),
                email=row["email"],
                valid_from=_day(row["valid_from"]),
                valid_to=_day(row["valid_to"]),
                external_ref=f"demo:institution:{row['code']}",
            )
            change.create(institution, "institution.create", code=institution.code)
            session.add_all(
                TopicCompetence(institution_id=institution.id, topic_code=code) for code in row["competences"]
            )
    _load_successors(session, actor, rows)


def _load_successors(session: Session, actor: Actor, rows: list[dict[str, Any]]) -> None:
    known = institutions_by_code(session)
    pairs = [(known[row["code"]], known.get(row["successor"] or "")) for row in rows]
    pending = [(old.id, new.id) for old, new in pairs if new is not None and old.successor_id is None]
    if not pending:
        return
    with transaction(session, actor=actor) as change:
        for old_id, new_id in pending:
            institution = change.lock(Institution, old_id)
            institution.successor_id = new_id
            change.edit(institution, "institution.edit")


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def _load_persons(session: Session, actor: Actor) -> None:
    known = set(session.scalars(sa.select(Person.external_ref)))
    with transaction(session, actor=actor) as change:
        for row in read("persons"):
            reference = f"demo:person:{row['ref']}"
            if reference not in known:
                person = Person(
                    kind=PersonKind.PERSON,
                    public_name=row["public_name"],
                    created_at=clock.now(),
                    external_ref=reference,
                )
                change.create(person, "person.register")


def persons_by_ref(session: Session) -> dict[str, Person]:
    """The invented contributors by the name that the data files give them (`p01`)."""
    prefix = "demo:person:"
    found = session.scalars(sa.select(Person).where(Person.external_ref.startswith(prefix)))
    return {(person.external_ref or "").removeprefix(prefix): person for person in found}


def _load_holidays(session: Session, actor: Actor) -> None:
    known = set(session.scalars(sa.select(Holiday.on)))
    with transaction(session, actor=actor) as change:
        for row in read("holidays"):
            if (on := date.fromisoformat(row["on"])) not in known:
                change.create(Holiday(on=on, label=row["label"]), "holiday.add", on=row["on"])
