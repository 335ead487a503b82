"""Ask to represent an organisation, confirm or decline it, and end it. What was written on its behalf stays."""

from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from consulta.changes import Change, transaction
from consulta.errors import GuardRefused, Invalid, Problem
from consulta.people.actors import Actor
from consulta.people.models import Institution, InstitutionKind, Membership, Person, Role
from consulta.representation.models import LIVE, Representation, RepresentationState
from consulta.representation.rules import check_organization, check_reason, check_request
from consulta.text import clean, clean_line


@dataclass(frozen=True)
class Organization:
    """Which one: of the list by its id, or another one by what it is called."""

    institution_id: int | None = None
    code: str = ""
    name: str = ""
    kind: InstitutionKind | None = None

    @property
    def is_new(self) -> bool:
        return self.institution_id is None

    def cleaned(self) -> "Organization":
        """With its words on one line; raises Invalid when it cannot be one."""
        if not self.is_new:
            return self
        code, name = clean_line(self.code), clean_line(self.name)
        _require_good(check_organization(code=code, name=name, kind=self.kind))
        return Organization(None, code, name, self.kind)


def ask_to_represent(
    session: Session, *, actor: Actor, organization: Organization, post: str, evidence: str
) -> Representation:
    """Ask, once at a time; the team reads it. Raises Invalid, and GuardRefused for who has asked already."""
    post, evidence = clean_line(post), clean(evidence)
    problems = check_request(post=post, evidence=evidence)
    if organization.is_new:
        line = {"code": clean_line(organization.code), "name": clean_line(organization.name)}
        organization = Organization(None, **line, kind=organization.kind)
        problems = [*check_organization(**line, kind=organization.kind), *problems]
    _require_good(problems)
    try:
        with transaction(session, actor=actor) as change:
            if _live_of(change, actor.person_id) is not None:
                raise GuardRefused("representation_asked")
            if not organization.is_new:
                _organization(change, organization.institution_id)
            asked = Representation(
                person_id=actor.person_id,
                institution_id=organization.institution_id,
                new_code=organization.code or None,
                new_name=organization.name or None,
                new_kind=organization.kind if organization.is_new else None,
                post=post,
                evidence=evidence,
                state=RepresentationState.WAITING,
                asked_at=change.now,
            )
            change.create(asked, "representation.ask")
    except IntegrityError:
        raise GuardRefused("representation_asked") from None
    return asked


def confirm_representation(
    session: Session, *, actor: Actor, representation_id: int, version: int | None, organization: Organization
) -> Representation:
    """From now on the person can write on behalf of an organisation of the list, or of one that this adds to it."""
    organization = organization.cleaned()
    try:
        with transaction(session, actor=actor) as change:
            asked = change.lock(Representation, representation_id, seen=version)
            change.move(asked, RepresentationState.CONFIRMED)
            if organization.is_new:
                place = _add_organization(change, organization)
            else:
                place = _organization(change, organization.institution_id)
            asked.institution_id, asked.judged_at = place.id, change.now
            session.add(Membership(person_id=asked.person_id, institution_id=place.id, role=Role.ORG_REP))
            _tell_in_person(change, asked, "person.give_role", place)
            change.mail("representation_confirmed", representation_id=asked.id)
    except IntegrityError:
        raise Invalid(Problem("code", "institution_code_taken")) from None
    return asked


def decline_representation(
    session: Session, *, actor: Actor, representation_id: int, version: int | None, reason: str
) -> Representation:
    """Leave it unconfirmed; the person reads why and can ask again."""
    reason = clean(reason)
    _require_good(check_reason(reason))
    with transaction(session, actor=actor) as change:
        asked = change.lock(Representation, representation_id, seen=version)
        change.move(asked, RepresentationState.DECLINED, reason=reason)
        asked.reason, asked.judged_at = reason, change.now
        change.mail("representation_declined", representation_id=asked.id)
    return asked


def revoke_representation(
    session: Session, *, actor: Actor, representation_id: int, version: int | None, reason: str
) -> Representation:
    """Take it from a person, who reads why."""
    reason = clean(reason)
    _require_good(check_reason(reason))
    with transaction(session, actor=actor) as change:
        held = change.lock(Representation, representation_id, seen=version)
        change.move(held, RepresentationState.REVOKED, reason=reason)
        held.reason = reason
        _end(change, held)
        change.mail("representation_revoked", representation_id=held.id)
    return held


def stop_representing(session: Session, *, actor: Actor, representation_id: int) -> Representation:
    """The person takes the request back, or represents nobody any more."""
    with transaction(session, actor=actor) as change:
        held = change.lock(Representation, representation_id)
        was_held = held.state is RepresentationState.CONFIRMED
        change.move(held, RepresentationState.ENDED if was_held else RepresentationState.WITHDRAWN)
        if was_held:
            _end(change, held)
    return held


def _live_of(change: Change, person_id: int | None) -> int | None:
    found = sa.select(Representation.id).where(Representation.person_id == person_id, Representation.state.in_(LIVE))
    return change.session.scalar(found)


def _organization(change: Change, institution_id: int | None) -> Institution:
    """An organisation of society of the list."""
    place = change.session.get(Institution, institution_id)
    if place is None or place.is_public_body:
        raise Invalid(Problem("organization", "organization_unknown"))
    return place


def _add_organization(change: Change, named: Organization) -> Institution:
    same = sa.select(Institution.id).where(sa.func.lower(Institution.code) == named.code.lower())
    if change.session.scalar(same) is not None:
        raise Invalid(Problem("code", "institution_code_taken"))
    fields: dict[str, Any] = {"code": named.code, "name": named.name, "kind": named.kind}
    place = Institution(**fields)
    change.create(place, "institution.create", code=place.code)
    return place


def _end(change: Change, held: Representation) -> None:
    """Take the role back; the words on behalf of the organisation stay as they were written."""
    held.ended_at = change.now
    change.session.execute(
        sa.delete(Membership).where(Membership.person_id == held.person_id, Membership.role == Role.ORG_REP),
        execution_options={"synchronize_session": "fetch"},
    )
    if held.institution is not None:
        _tell_in_person(change, held, "person.take_role", held.institution)


def _tell_in_person(change: Change, held: Representation, act: str, place: Institution) -> None:
    """Keep it in the history of the person too, beside the other roles."""
    person = change.lock(Person, held.person_id)
    change.edit(person, act, role=Role.ORG_REP.value, institution=place.code)


def _require_good(problems: list[Problem]) -> None:
    if problems:
        raise Invalid(*problems)
