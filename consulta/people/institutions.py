"""Institutions, which are renamed and merged at each change of government: dates, successor and competences."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from consulta.changes import Change, transaction
from consulta.errors import Invalid, Problem
from consulta.people import rules
from consulta.people.actors import Actor
from consulta.people.models import Institution, InstitutionKind
from consulta.permissions import Permission
from consulta.plans.models import Plan, Topic, TopicCompetence
from consulta.text import clean_line


@dataclass(frozen=True)
class InstitutionDetails:
    """What a form says of an institution. `competences` are codes of topics."""

    name: str
    kind: InstitutionKind
    email: str = ""
    valid_from: date | None = None
    valid_to: date | None = None
    successor_id: int | None = None
    competences: frozenset[str] = frozenset()


def create_institution(
    session: Session, *, actor: Actor, code: str, details: InstitutionDetails, allows_test: bool = False
) -> Institution:
    """Add an institution under a code that never changes afterwards."""
    code = clean_line(code)
    problem = rules.check_institution_code(code)
    problems = [*([problem] if problem else []), *_check(details, allows_test)]
    if problems:
        raise Invalid(*problems)
    try:
        with transaction(session, actor=actor) as change:
            change.require(Permission.SITE_ADMINISTER)
            if session.scalar(sa.select(Institution.id).where(sa.func.lower(Institution.code) == code.lower())):
                raise Invalid(Problem("code", "institution_code_taken"))
            institution = Institution(code=code, name="", kind=details.kind)
            _apply(change, institution, details)
            change.create(institution, "institution.create", code=code)
            _set_competences(change, institution, details.competences)
    except IntegrityError:
        raise Invalid(Problem("code", "institution_code_taken")) from None
    return institution


def edit_institution(
    session: Session,
    *,
    actor: Actor,
    institution_id: int,
    version: int | None,
    details: InstitutionDetails,
    allows_test: bool = False,
) -> Institution:
    """Change everything but the code; every public page that may name it is made anew."""
    if problems := _check(details, allows_test):
        raise Invalid(*problems)
    with transaction(session, actor=actor) as change:
        change.require(Permission.SITE_ADMINISTER)
        institution = change.lock(Institution, institution_id, seen=version)
        _apply(change, institution, details)
        _set_competences(change, institution, details.competences)
        change.edit(institution, "institution.edit")
        _make_pages_stale(change)
    return institution


def _check(details: InstitutionDetails, allows_test: bool) -> list[Problem]:
    found = [rules.check_institution_name(clean_line(details.name))]
    if details.email.strip() and rules.normal_email(details.email, allows_test=allows_test) is None:
        found.append(Problem("email", "email_wrong"))
    if details.valid_from and details.valid_to and details.valid_to < details.valid_from:
        found.append(Problem("valid_to", "validity_reversed"))
    if details.successor_id is not None and details.valid_to is None:
        found.append(Problem("valid_to", "successor_without_end"))
    return [problem for problem in found if problem]


def _apply(change: Change, institution: Institution, details: InstitutionDetails) -> None:
    if details.successor_id is not None:
        _check_succession(change, institution, details.successor_id)
    institution.name = clean_line(details.name)
    institution.kind = details.kind
    institution.email = rules.normal_email(details.email, allows_test=True) if details.email.strip() else None
    institution.valid_from, institution.valid_to = details.valid_from, details.valid_to
    institution.successor_id = details.successor_id


def _check_succession(change: Change, institution: Institution, successor_id: int) -> None:
    """Refuse a successor that does not exist, is the institution itself, or leads back to it."""
    pairs = change.session.execute(sa.select(Institution.id, Institution.successor_id)).all()
    successors = {row.id: row.successor_id for row in pairs}
    if successor_id not in successors:
        raise Invalid(Problem("successor", "institution_missing"))
    seen: set[int] = set()
    following: int | None = successor_id
    while following is not None and following not in seen:
        if following == institution.id:
            raise Invalid(Problem("successor", "successor_is_itself"))
        seen.add(following)
        following = successors[following]


def _set_competences(change: Change, institution: Institution, codes: Iterable[str]) -> None:
    session = change.session
    wanted = set(codes) & set(session.scalars(sa.select(Topic.code).distinct()))
    query = sa.select(TopicCompetence).where(TopicCompetence.institution_id == institution.id)
    held = {row.topic_code: row for row in session.scalars(query)}
    for code in held.keys() - wanted:
        session.delete(held[code])
    session.add_all(TopicCompetence(institution_id=institution.id, topic_code=code) for code in wanted - held.keys())


def _make_pages_stale(change: Change) -> None:
    for plan in change.session.scalars(sa.select(Plan)).all():
        change.stale(plan, frame=True)
        for topic in plan.topics:
            change.stale(plan, topic)
