"""Who works here: invite people, give and take roles, disable accounts. A lost role ends the sessions that used it."""

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from consulta.changes import Change, transaction
from consulta.errors import GuardRefused, Invalid, NotFound, Problem
from consulta.people import rules
from consulta.people.accounts import end_sessions
from consulta.people.actors import Actor
from consulta.people.models import Account, Institution, Membership, Person, Role
from consulta.permissions import Permission
from consulta.text import clean, clean_line


def invite_person(
    session: Session,
    *,
    actor: Actor,
    public_name: str,
    email: str,
    role: Role,
    institution_id: int | None = None,
    allows_test: bool = False,
) -> Account:
    """Create a person with a role and an account to accept: the mail's link, for seven days, sets its password."""
    name = clean_line(public_name)
    address = rules.normal_email(email, allows_test=allows_test)
    found = [rules.check_public_name(name), None if address else Problem("email", "email_wrong")]
    if problems := [problem for problem in found if problem]:
        raise Invalid(*problems)
    try:
        with transaction(session, actor=actor) as change:
            change.require(Permission.SITE_ADMINISTER)
            if session.scalar(sa.select(Account.id).where(Account.email == address)) is not None:
                raise Invalid(Problem("email", "email_taken"))
            person = Person(public_name=name, email=address, created_at=change.now)
            change.create(person, "person.invite")
            _grant(change, person, role, institution_id)
            account = Account(person_id=person.id, email=str(address), created_at=change.now)
            change.create(account, "account.invite")
            change.mail("account_invitation", account_id=account.id)
    except IntegrityError:
        raise Invalid(Problem("email", "email_taken")) from None
    return account


def invite_again(session: Session, *, actor: Actor, person_id: int) -> None:
    """Send another link to somebody who has not accepted yet."""
    with transaction(session, actor=actor) as change:
        change.require(Permission.SITE_ADMINISTER)
        account = _account_of(change, person_id)
        if account.confirmed_at is not None or account.password_hash is not None or not account.is_active:
            raise GuardRefused("invitation_accepted")
        change.edit(account, "account.invite_again")
        change.mail("account_invitation", account_id=account.id)


def give_role(
    session: Session,
    *,
    actor: Actor,
    person_id: int,
    version: int | None,
    role: Role,
    institution_id: int | None = None,
) -> None:
    """Give a person a role, in an institution or in the whole site."""
    with transaction(session, actor=actor) as change:
        change.require(Permission.SITE_ADMINISTER)
        person = change.lock(Person, person_id, seen=version)
        institution = _grant(change, person, role, institution_id)
        change.edit(person, "person.give_role", role=role.value, institution=institution and institution.code)
        _end_sessions_of(change, person)


def take_role(session: Session, *, actor: Actor, person_id: int, version: int | None, membership_id: int) -> None:
    """Take a role from a person; the site keeps at least one administrator."""
    with transaction(session, actor=actor) as change:
        change.require(Permission.SITE_ADMINISTER)
        person = change.lock(Person, person_id, seen=version)
        membership = session.get(Membership, membership_id)
        if membership is None or membership.person_id != person.id:
            raise NotFound("Membership", membership_id)
        if membership.role is Role.ORG_REP:
            raise GuardRefused("representation_is_revoked")
        if membership.role is Role.ADMIN:
            _keep_an_admin(change, person)
        place = membership.institution.code if membership.institution else None
        session.delete(membership)
        change.edit(person, "person.take_role", role=membership.role.value, institution=place)
        _end_sessions_of(change, person)


def disable_account(session: Session, *, actor: Actor, person_id: int, version: int | None, reason: str) -> None:
    """Let a person in no more, from this moment on."""
    reason = clean(reason)
    if not reason:
        raise Invalid(Problem("reason", "reason_missing"))
    with transaction(session, actor=actor, reason=reason) as change:
        change.require(Permission.SITE_ADMINISTER)
        person = change.lock(Person, person_id, seen=version)
        account = _account_of(change, person_id)
        if person.id == actor.person_id:
            raise GuardRefused("own_account")
        if any(membership.role is Role.ADMIN for membership in person.memberships):
            _keep_an_admin(change, person)
        account.is_active = False
        end_sessions(change, account)
        change.edit(account, "account.disable")
        person.version += 1


def enable_account(session: Session, *, actor: Actor, person_id: int, version: int | None) -> None:
    """Let a person in again."""
    with transaction(session, actor=actor) as change:
        change.require(Permission.SITE_ADMINISTER)
        person = change.lock(Person, person_id, seen=version)
        account = _account_of(change, person_id)
        account.is_active = True
        change.edit(account, "account.enable")
        person.version += 1


def _grant(change: Change, person: Person, role: Role, institution_id: int | None) -> Institution | None:
    institution = change.session.get(Institution, institution_id) if institution_id is not None else None
    if institution_id is not None and institution is None:
        raise Invalid(Problem("institution", "institution_missing"))
    held = change.session.scalars(sa.select(Membership).where(Membership.person_id == person.id)).all()
    if problem := rules.check_grant(held, role, institution):
        raise Invalid(problem)
    change.session.add(Membership(person_id=person.id, role=role, institution_id=institution_id))
    return institution


def _keep_an_admin(change: Change, leaving: Person) -> None:
    """Refuse to leave the site without an administrator who can enter; their rows are locked, so two cannot leave."""
    query = (
        sa.select(Account.person_id)
        .join(Membership, Membership.person_id == Account.person_id)
        .where(Membership.role == Role.ADMIN, Account.is_active, Account.confirmed_at.is_not(None))
        .with_for_update()
    )
    if not set(change.session.scalars(query)) - {leaving.id}:
        raise GuardRefused("last_admin")


def _account_of(change: Change, person_id: int) -> Account:
    account_id = change.session.scalar(sa.select(Account.id).where(Account.person_id == person_id))
    if account_id is None:
        raise NotFound("Account", person_id)
    return change.lock(Account, account_id)


def _end_sessions_of(change: Change, person: Person) -> None:
    account = change.session.scalars(sa.select(Account).where(Account.person_id == person.id)).one_or_none()
    if account is not None:
        end_sessions(change, account)
