"""What staff registers from other channels: letters, mails, workshops, networks, and what institutions propose."""

from dataclasses import dataclass
from datetime import date, datetime, time

import sqlalchemy as sa
from sqlalchemy.orm import Session

from consulta import clock
from consulta.changes import Change, transaction
from consulta.contributions.counters import recount
from consulta.contributions.models import Channel, Contribution, ContributionState, Submission
from consulta.contributions.moves import add_proposal, lock_frame, require_moderation, tell_published
from consulta.contributions.rules import check_registration, check_text
from consulta.errors import Invalid, NotFound, Problem
from consulta.folios import SUBMISSION
from consulta.people.actors import Actor
from consulta.people.models import Institution, Person, PersonKind
from consulta.permissions import Permission
from consulta.plans.models import Plan, Topic
from consulta.plans.rules import Window, window
from consulta.text import Sanitized, clean, clean_line, sanitize


@dataclass(frozen=True)
class Contributor:
    """Who sent it: somebody already known, an institution or organisation of the catalogue, or a public name."""

    person_id: int | None = None
    institution_id: int | None = None
    public_name: str = ""
    kind: PersonKind = PersonKind.PERSON


def register_submission(
    session: Session,
    *,
    actor: Actor,
    plan_id: int,
    channel: Channel,
    contributor: Contributor,
    received_on: date,
    received_by_role: str,
    place: str = "",
    form_key: str | None = None,
    external_ref: str | None = None,
) -> Submission:
    """Register one letter, mail or act that brings several proposals; it gets its folio."""
    role, place = clean_line(received_by_role), clean_line(place)
    content = {"plan": plan_id, "channel": channel, "who": contributor, "received_on": received_on}
    with transaction(session, actor=actor) as change:
        change.require(Permission.CONTRIBUTION_REGISTER)
        claim = change.claim(form_key, **content, role=role, place=place)
        if claim.earlier:
            return change.session.get_one(Submission, int(claim.earlier))
        plan, _ = lock_frame(change, plan_id, None)
        require_moderation(change, plan)
        person = _find_contributor(change, contributor)
        missing = [] if role else [Problem("received_by_role", "missing")]
        _judge(change, person, channel, received_on, missing=missing)
        submission = Submission(
            folio=change.folio(SUBMISSION),
            plan_id=plan.id,
            person_id=person.id,
            channel=channel,
            received_on=received_on,
            received_by_role=role,
            place=place or None,
            registered_at=change.now,
            external_ref=external_ref,
        )
        change.create(submission, "submission.register")
        change.stale(plan)
        claim.fill(submission.id)
    return submission


def register_contribution(
    session: Session,
    *,
    actor: Actor,
    plan_id: int,
    channel: Channel,
    title: str,
    body: str,
    received_on: date,
    contributor: Contributor | None = None,
    submission_id: int | None = None,
    topic_id: int | None = None,
    late_reason: str = "",
    in_template: bool = False,
    is_publishable: bool = True,
    form_key: str | None = None,
    external_ref: str | None = None,
    provenance_note: str | None = None,
) -> Contribution:
    """Register one proposal of a submission or of its own contributor; after closing it is late, and needs a reason.

    It is published at once when staff says that its text is free of personal data; else it waits for moderation.
    """
    title, body, late_reason = clean_line(title), clean(body), clean(late_reason)
    _require_good(check_text(title=title, body=body, is_reply=False))
    html = sanitize(body)
    content = {"plan": plan_id, "channel": channel, "who": contributor, "submission": submission_id}
    with transaction(session, actor=actor) as change:
        change.require(Permission.CONTRIBUTION_REGISTER)
        if is_publishable:
            change.require(Permission.CONTRIBUTION_MODERATE)
        claim = change.claim(form_key, **content, topic=topic_id, title=title, body=body)
        if claim.earlier:
            return change.session.get_one(Contribution, int(claim.earlier))
        plan, topic = _plan_and_topic(change, plan_id, topic_id)
        require_moderation(change, plan)
        person = _contributor_of(change, plan, submission_id, contributor)
        received_at = _received_at(change, received_on)
        is_late = window(plan, received_at) is Window.CLOSED
        _judge(change, person, channel, received_on, is_late=is_late, late_reason=late_reason)
        contribution = _write(plan, person, channel, title=title, body=body, html=html, is_shown=is_publishable)
        contribution.topic_id, contribution.submission_id = topic_id, submission_id
        contribution.received_at, contribution.late = received_at, is_late
        contribution.late_reason = late_reason if is_late else None
        contribution.external_ref, contribution.provenance_note = external_ref, provenance_note
        _keep(change, contribution, plan, topic, in_template=in_template)
        claim.fill(contribution.id)
    return contribution


def _require_good(problems: list[Problem]) -> None:
    if problems:
        raise Invalid(*problems)


def _plan_and_topic(change: Change, plan_id: int, topic_id: int | None) -> tuple[Plan, Topic | None]:
    topic = change.session.get(Topic, topic_id) if topic_id is not None else None
    if topic_id is not None and (topic is None or topic.plan_id != plan_id):
        raise Invalid(Problem("topic_id", "topic_unknown"))
    return lock_frame(change, plan_id, topic_id)


def _judge(
    change: Change,
    person: Person,
    channel: Channel,
    received_on: date,
    *,
    is_late: bool = False,
    late_reason: str = "",
    missing: list[Problem] | None = None,
) -> None:
    problems = check_registration(
        channel=channel,
        received_on=received_on,
        today=clock.local_date(change.now),
        is_late=is_late,
        late_reason=late_reason,
        is_public_body=_is_public_body(person),
    )
    _require_good([*problems, *(missing or [])])


def _write(
    plan: Plan, person: Person, channel: Channel, *, title: str, body: str, html: Sanitized, is_shown: bool
) -> Contribution:
    """A registered contribution, not yet stored."""
    return Contribution(
        plan_id=plan.id,
        person_id=person.id,
        channel=channel,
        title=title or None,
        body=body,
        public_title=title or None,
        public_body=body,
        public_html=html,
        state=ContributionState.PUBLISHED if is_shown else ContributionState.PENDING,
    )


def _keep(change: Change, contribution: Contribution, plan: Plan, topic: Topic | None, *, in_template: bool) -> None:
    """Store a registered contribution with all that hangs on it."""
    is_shown = contribution.state is ContributionState.PUBLISHED
    contribution.published_at = change.now if is_shown else None
    change.create(contribution, "contribution.register")
    proposal = add_proposal(change, contribution, in_template=in_template, external_ref=contribution.external_ref)
    recount(change, contribution, None)
    change.stale(plan, topic if is_shown else None)
    change.index(proposal)
    change.mail("contribution_received", contribution_id=contribution.id)
    if is_shown:
        tell_published(change, contribution)


def _received_at(change: Change, received_on: date) -> datetime:
    """Noon of an earlier day, since only the day is known; this moment for today."""
    if received_on == clock.local_date(change.now):
        return change.now
    return datetime.combine(received_on, time(12), clock.LOCAL_ZONE)


def _contributor_of(change: Change, plan: Plan, submission_id: int | None, contributor: Contributor | None) -> Person:
    if submission_id is None:
        return _find_contributor(change, contributor or Contributor())
    submission = change.session.get(Submission, submission_id)
    if submission is None or submission.plan_id != plan.id:
        raise NotFound("Submission", submission_id)
    return submission.person


def _find_contributor(change: Change, contributor: Contributor) -> Person:
    """The person of a contributor; one is made for a name or an institution that takes part for the first time."""
    if contributor.person_id is not None:
        return change.session.get_one(Person, contributor.person_id)
    if contributor.institution_id is not None:
        return _person_of_institution(change, contributor.institution_id)
    name = clean_line(contributor.public_name)
    if not name:
        raise Invalid(Problem("contributor", "contributor_missing"))
    if contributor.kind is not PersonKind.PERSON:
        same = sa.select(Person).where(
            Person.public_name == name, Person.kind == contributor.kind, Person.institution_id.is_(None)
        )
        known = change.session.scalars(same.order_by(Person.id).limit(1)).one_or_none()
        if known is not None:
            return known
    return _add_person(change, Person(kind=contributor.kind, public_name=name, created_at=change.now))


def _person_of_institution(change: Change, institution_id: int) -> Person:
    institution = change.session.get(Institution, institution_id, with_for_update=True)
    if institution is None:
        raise Invalid(Problem("contributor", "institution_unknown"))
    kind = PersonKind.INSTITUTION if institution.is_public_body else PersonKind.ORGANIZATION
    own = sa.select(Person).where(Person.institution_id == institution.id, Person.kind == kind)
    person = change.session.scalars(own.order_by(Person.id).limit(1)).one_or_none()
    if person is not None:
        return person
    return _add_person(
        change,
        Person(kind=kind, public_name=institution.name, institution_id=institution.id, created_at=change.now),
    )


def _add_person(change: Change, person: Person) -> Person:
    change.create(person, "person.register")
    return person


def _is_public_body(person: Person) -> bool:
    return person.institution is not None and person.institution.is_public_body
