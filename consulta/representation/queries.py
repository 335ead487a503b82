"""Who represents whom, for the person, for the team, and for the form in which they write."""

from collections.abc import Sequence
from datetime import date

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from consulta.errors import NotFound
from consulta.people.models import Institution, Membership, Role
from consulta.representation.models import Representation, RepresentationState
from consulta.representation.rules import SOCIETY_KINDS

WITH_BOTH = (joinedload(Representation.person), joinedload(Representation.institution))


def list_organizations(session: Session, today: date) -> Sequence[Institution]:
    """The organisations of society that exist today, by name."""
    is_present = sa.or_(Institution.valid_to.is_(None), Institution.valid_to >= today)
    found = sa.select(Institution).where(Institution.kind.in_(SOCIETY_KINDS), is_present)
    return session.scalars(found.order_by(Institution.name, Institution.id)).all()


def latest_of(session: Session, person_id: int | None) -> Representation | None:
    """What a person asked for last, whatever came of it."""
    own = sa.select(Representation).where(Representation.person_id == person_id).options(*WITH_BOTH)
    return session.scalars(own.order_by(Representation.id.desc()).limit(1)).one_or_none()


def represented_by(session: Session, person_id: int | None) -> Institution | None:
    """The organisation on whose behalf a person can write."""
    held = (
        sa.select(Institution)
        .join(Membership, Membership.institution_id == Institution.id)
        .where(Membership.person_id == person_id, Membership.role == Role.ORG_REP)
    )
    return session.scalars(held.limit(1)).one_or_none()


def list_representations(session: Session, state: RepresentationState) -> Sequence[Representation]:
    """Those in a state, the oldest request first."""
    found = sa.select(Representation).where(Representation.state == state).options(*WITH_BOTH)
    return session.scalars(found.order_by(Representation.asked_at, Representation.id)).all()


def find_representation(session: Session, representation_id: int) -> Representation:
    """With its person and organisation. Raises NotFound."""
    found = session.get(Representation, representation_id, options=WITH_BOTH)
    if found is None:
        raise NotFound("Representation", representation_id)
    return found
