"""Persons, institutions and actors."""

from typing import Any

from sqlalchemy.orm import Session

from consulta import clock
from consulta.people.actors import Actor
from consulta.people.models import Institution, InstitutionKind, Membership, Person, Role
from tests.factories import SCRIPT, number, store


def make_institution(session: Session, **changes: Any) -> Institution:
    n = number()
    fields = {"code": f"INST{n}", "name": f"Institución {n} {SCRIPT}", "kind": InstitutionKind.MINISTRY, **changes}
    return store(session, Institution(**fields))


def make_person(session: Session, **changes: Any) -> Person:
    n = number()
    fields: dict[str, Any] = {"public_name": f"Persona {n} {SCRIPT}", "email": f"persona{n}@example.org"}
    return store(session, Person(**{**fields, "created_at": clock.now(), **changes}))


def make_member(session: Session, role: Role, institution: Institution | None = None, **changes: Any) -> Person:
    """A person with one role."""
    person = make_person(session, **changes)
    store(session, Membership(person_id=person.id, role=role, institution_id=institution.id if institution else None))
    return person


def actor_of(person: Person, *grants: tuple[Role, Institution | None] | Role) -> Actor:
    """The actor that a person is, with the roles given here."""
    pairs = (grant if isinstance(grant, tuple) else (grant, None) for grant in grants)
    held = frozenset((role, place.id if place else None) for role, place in pairs)
    return Actor(person.id, person.public_name, held)


def make_actor(session: Session, *grants: tuple[Role, Institution | None] | Role) -> Actor:
    """A new person acting with these roles; none makes a contributor."""
    return actor_of(make_person(session), *grants)


def make_coordinator(session: Session) -> Actor:
    return make_actor(session, Role.COORDINATOR)
