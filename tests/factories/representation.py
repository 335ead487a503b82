"""Who asks to represent an organisation, and who does."""

from typing import Any

from sqlalchemy.orm import Session

from consulta import clock
from consulta.people.models import Institution, InstitutionKind, Membership, Person, Role
from consulta.representation.models import Representation, RepresentationState
from tests.factories import SCRIPT, number, store
from tests.factories.people import make_institution, make_person


def make_organization(session: Session, **changes: Any) -> Institution:
    n = number()
    return make_institution(
        session, **{"name": f"Organización {n} {SCRIPT}", "kind": InstitutionKind.CIVIL_SOCIETY, **changes}
    )


def make_representation(session: Session, person: Person | None = None, **changes: Any) -> Representation:
    """A request that waits, for an organisation that is not in the list unless one is given."""
    n = number()
    fields: dict[str, Any] = {
        "person_id": (person or make_person(session)).id,
        "post": f"Directora {SCRIPT}",
        "evidence": f"Pregunten en la oficina {n}. {SCRIPT}",
        "asked_at": clock.now(),
        **changes,
    }
    if not fields.get("institution_id"):
        named = {"new_code": f"ORG{n}", "new_name": f"Asociación {n} {SCRIPT}"}
        fields = {**named, "new_kind": InstitutionKind.CIVIL_SOCIETY, **fields}
    return store(session, Representation(**fields))


def make_representative(session: Session, organization: Institution, person: Person | None = None) -> Person:
    """A person who writes on behalf of an organisation."""
    person = person or make_person(session)
    held = {"institution_id": organization.id, "state": RepresentationState.CONFIRMED, "judged_at": clock.now()}
    make_representation(session, person, **held)
    store(session, Membership(person_id=person.id, role=Role.ORG_REP, institution_id=organization.id))
    return person
