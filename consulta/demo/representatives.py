"""One invented contributor who speaks for an organisation, and one who asks for it."""

import sqlalchemy as sa
from sqlalchemy.orm import Session

from consulta import clock
from consulta.demo.days import Days
from consulta.demo.people import loader_actor, persons_by_ref
from consulta.demo.texts import at
from consulta.people.actors import Actor
from consulta.people.models import InstitutionKind, Person
from consulta.representation.models import Representation
from consulta.representation.services import Organization, ask_to_represent, confirm_representation

SPEAKER, ASKER = "p28", "p13"
NETWORK = Organization(None, "RPC", "Red de Promotoras Comunitarias (demostración)", InstitutionKind.CIVIL_SOCIETY)
COMMUNITY = Organization(None, "ADESCO-LP", "ADESCO Las Palmeras (demostración)", InstitutionKind.CIVIL_SOCIETY)
SPEAKER_DAY, ASKER_DAY = 1, 17


def load_representatives(session: Session, actor: Actor, days: Days) -> None:
    """Load what is not there yet."""
    persons = persons_by_ref(session)
    if not _has_asked(session, persons[SPEAKER]):
        with clock.set_to(at(days.on(SPEAKER_DAY), 9)):
            evidence = "Texto de demostración: nuestra página publica quién coordina la red."
            asked = _ask(session, persons[SPEAKER], NETWORK, "Coordinadora", evidence)
        with clock.set_to(at(days.on(SPEAKER_DAY), 15)):
            confirm_representation(session, actor=actor, representation_id=asked.id, version=None, organization=NETWORK)
    if not _has_asked(session, persons[ASKER]):
        with clock.set_to(at(days.on(ASKER_DAY), 10)):
            evidence = "Texto de demostración: pregunten en la alcaldía, donde está inscrita la junta directiva."
            _ask(session, persons[ASKER], COMMUNITY, "Secretaria de la junta directiva", evidence)


def _has_asked(session: Session, person: Person) -> bool:
    return session.scalar(sa.select(Representation.id).where(Representation.person_id == person.id)) is not None


def _ask(session: Session, person: Person, organization: Organization, post: str, evidence: str) -> Representation:
    return ask_to_represent(
        session, actor=loader_actor(session, person), organization=organization, post=post, evidence=evidence
    )
