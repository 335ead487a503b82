"""Sending a text without an account, and recording it once its author's address is proven.

Sending leaves the same rows whoever has the address; what is recorded afterwards is always read before it is shown,
and belongs to a person of that address and name who has no account: nothing is added to anybody's account.
"""

import secrets
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from consulta import clock
from consulta.changes import Change, transaction
from consulta.contributions.holding import Sending, Written, judge
from consulta.contributions.models import Contribution, HeldFor
from consulta.contributions.rules import check_text
from consulta.contributions.writing import Writing, write_proposal, write_reply
from consulta.database import by_dialect, table_of, writing
from consulta.errors import GuardRefused, Invalid, KeyReused, NotFound, Problem
from consulta.guests.models import GuestSubmission, TrackingCode
from consulta.guests.rules import SUBMISSION_TERM, check_consent, hash_code, make_code
from consulta.people.actors import VISITOR, Actor
from consulta.people.models import Account, Person, PersonKind
from consulta.people.rules import CONSENT_VERSION, check_public_name, normal_email
from consulta.permissions import Permission
from consulta.plans.models import Plan, Topic
from consulta.receipts import KEY_MAX, digest_of
from consulta.text import clean, clean_line, sanitize

SEED_BYTES = 16
_TABLE = table_of(GuestSubmission)
_KEEP = by_dialect(
    lambda insert: insert(_TABLE).on_conflict_do_nothing(index_elements=["form_key"]).returning(_TABLE.c.id)
)


@dataclass(frozen=True)
class Guest:
    """What somebody without an account says of themselves."""

    public_name: str
    email: str
    consents: bool


@dataclass(frozen=True)
class Text:
    """What was written and where: under a topic, or below a contribution."""

    topic_id: int | None
    parent_id: int | None
    title: str
    body: str
    suggested_institution_id: int | None = None
    suggested_institution_text: str = ""


def send_as_guest(
    session: Session, *, guest: Guest, text: Text, sending: Sending, form_key: str, allows_test: bool = False
) -> None:
    """Keep a text until its address is proven, and have the worker write to it. The same form is one sending.

    Raises Invalid and KeyReused, and GuardRefused where the plan asks for an account.
    """
    name, address = clean_line(guest.public_name), normal_email(guest.email, allows_test=allows_test)
    is_reply = text.parent_id is not None
    title, body = ("" if is_reply else clean_line(text.title)), clean(text.body)
    suggestion = clean_line(text.suggested_institution_text)
    found = [
        *check_text(title=title, body=body, is_reply=is_reply, suggestion=suggestion),
        check_public_name(name),
        None if address else Problem("email", "email_wrong"),
        check_consent(consents=guest.consents),
    ]
    if problems := [problem for problem in found if problem]:
        raise Invalid(*problems)
    row = {
        "email": str(address),
        "public_name": name,
        "topic_id": text.topic_id,
        "parent_id": text.parent_id,
        "title": title,
        "body": body,
        "suggested_institution_id": text.suggested_institution_id,
        "suggested_institution_text": suggestion,
    }
    how = {"seconds": sending.seconds, "is_trapped": sending.is_trapped, "address_prefix": sending.prefix}
    with transaction(session, actor=VISITOR) as change:
        _require_guests(change, text.topic_id, text.parent_id)
        kept = {**row, **how, "consent_version": CONSENT_VERSION, "created_at": change.now}
        key, digest = form_key[:KEY_MAX], digest_of(**row)
        made = session.execute(_KEEP(session), {**kept, "form_key": key, "digest": digest}).scalar_one_or_none()
        if made is not None:
            change.mail("guest_confirm", submission_id=made)
        elif session.scalar(sa.select(_TABLE.c.digest).where(_TABLE.c.form_key == key)) != digest:
            raise KeyReused("")


def confirm_submission(session: Session, *, submission_id: int, form_key: str, secret_key: str) -> GuestSubmission:
    """Record what a guest sent, once, with its folio and its code; the link that brought them is checked before.

    Raises Invalid when the text is gone, WindowClosed, and GuardRefused when what it answers is not shown any
    more or its plan asks for an account by now.
    """
    with transaction(session, actor=VISITOR) as change:
        waiting = _lock_all_of_address(session, submission_id)
        if waiting is None:
            raise Invalid(Problem("", "guest_link_gone"))
        if waiting.contribution_id is not None:
            return waiting
        _require_guests(change, waiting.topic_id, waiting.parent_id)
        person = _person_of(change, waiting)
        change.actor = Actor(person.id, person.public_name)
        change.require(Permission.CONTRIBUTION_SUBMIT)
        contribution = _record(change, waiting)
        seed = secrets.token_urlsafe(SEED_BYTES)
        code_hash = hash_code(make_code(secret_key, seed))
        session.add(TrackingCode(contribution_id=contribution.id, seed=seed, code_hash=code_hash, issued_at=change.now))
        waiting.contribution_id, waiting.confirmed_by = contribution.id, form_key[:KEY_MAX]
    return waiting


def forget_old_submissions(session: Session) -> None:
    """Drop the texts whose link is too old to be used, with the names and addresses beside them."""
    old = GuestSubmission.created_at <= clock.now() - SUBMISSION_TERM
    if session.scalar(sa.select(GuestSubmission.id).where(old).limit(1)) is None:
        return
    with writing(session):
        session.execute(sa.delete(GuestSubmission).where(old), execution_options={"synchronize_session": False})


def _lock_all_of_address(session: Session, submission_id: int) -> GuestSubmission | None:
    """A text, locked with all others of its address: two links of one address, used at the same moment, would else
    find nobody each, and make two persons."""
    address = sa.select(GuestSubmission.email).where(GuestSubmission.id == submission_id).scalar_subquery()
    together = sa.select(GuestSubmission).where(GuestSubmission.email == address).order_by(GuestSubmission.id)
    rows = session.scalars(together.with_for_update().execution_options(populate_existing=True)).all()
    return next((row for row in rows if row.id == submission_id), None)


def _require_guests(change: Change, topic_id: int | None, parent_id: int | None) -> None:
    """Raise GuardRefused where the plan asks for an account."""
    if parent_id is not None:
        plan = sa.select(Contribution.plan_id).where(Contribution.id == parent_id)
    else:
        plan = sa.select(Topic.plan_id).where(Topic.id == topic_id)
    if change.session.scalar(sa.select(Plan.takes_guests).where(Plan.id == plan.scalar_subquery())) is False:
        raise GuardRefused("account_needed")


def _record(change: Change, waiting: GuestSubmission) -> Contribution:
    """The contribution of a text that its author confirmed; somebody reads it first, whatever its topic does."""
    written = Written(waiting.title, waiting.body, is_reply=waiting.parent_id is not None)
    sending = Sending(waiting.seconds, waiting.is_trapped, waiting.address_prefix)
    found = judge(change.session, actor=change.actor, topic_id=waiting.topic_id, written=written, sending=sending)
    made = Writing(written, sanitize(waiting.body), [HeldFor.NO_ACCOUNT, *found], sending)
    if waiting.parent_id is not None:
        return write_reply(change, waiting.parent_id, made)
    if waiting.topic_id is None:
        raise NotFound("Topic")
    return write_proposal(
        change,
        waiting.topic_id,
        made,
        institution_id=waiting.suggested_institution_id,
        suggestion=waiting.suggested_institution_text,
    )


def _person_of(change: Change, waiting: GuestSubmission) -> Person:
    """Who wrote under this address and this name before, without an account; else somebody new."""
    own = (
        sa.select(Person)
        .where(
            Person.email == waiting.email,
            Person.public_name == waiting.public_name,
            Person.kind == PersonKind.PERSON,
            Person.institution_id.is_(None),
            ~sa.exists().where(Account.person_id == Person.id),
        )
        .order_by(Person.id)
        .limit(1)
    )
    known = change.session.scalars(own).one_or_none()
    person = known or Person(public_name=waiting.public_name, email=waiting.email, created_at=change.now)
    person.consent_at, person.consent_version = waiting.created_at, waiting.consent_version
    if known is None:
        change.create(person, "person.guest")
    return person
