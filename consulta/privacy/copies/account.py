"""Who a person is on the site, how they enter and where they are signed in. Secrets are no part of a copy."""

from collections.abc import Iterator

import sqlalchemy as sa
from sqlalchemy.orm import Session

from consulta.demographics.models import Demographics
from consulta.people.models import (
    Account,
    Authenticator,
    EmailChange,
    Identity,
    Institution,
    LoginSession,
    Membership,
    Passkey,
    Person,
    RecoveryCode,
)
from consulta.privacy.copies.rows import Item, items
from consulta.privacy.models import Erasure
from consulta.representation.models import Representation

_WHO: sa.BindParameter[int] = sa.bindparam("person_id")
_ACCOUNT_ID = sa.select(Account.id).where(Account.person_id == _WHO).scalar_subquery()
_PERSON = (
    sa.select(
        Person.id,
        Person.kind,
        Person.public_name,
        Person.email,
        Institution.code.label("organization_code"),
        Institution.name.label("organization"),
        Person.created_at,
        Person.consent_at,
        Person.consent_version,
        Person.external_ref,
    )
    .outerjoin(Institution, Institution.id == Person.institution_id)
    .where(Person.id == _WHO)
)
_ROLES = (
    sa.select(Membership.role, Institution.code.label("institution"))
    .outerjoin(Institution, Institution.id == Membership.institution_id)
    .where(Membership.person_id == _WHO)
    .order_by(Membership.id)
)
_REPRESENTED = (
    sa.select(
        sa.func.coalesce(Institution.name, Representation.new_name).label("organization"),
        sa.func.coalesce(Institution.code, Representation.new_code).label("organization_code"),
        sa.func.coalesce(Institution.kind, Representation.new_kind).label("organization_kind"),
        Representation.post,
        Representation.evidence,
        Representation.state,
        Representation.reason,
        Representation.asked_at,
        Representation.judged_at,
        Representation.ended_at,
    )
    .outerjoin(Institution, Institution.id == Representation.institution_id)
    .where(Representation.person_id == _WHO)
    .order_by(Representation.id)
)
_ACCOUNT = (
    sa.select(
        Account.email,
        Account.created_at,
        Account.confirmed_at,
        Account.is_active,
        EmailChange.email.label("other_email"),
        EmailChange.asked_at.label("other_email_asked_at"),
    )
    .outerjoin(EmailChange, EmailChange.account_id == Account.id)
    .where(Account.person_id == _WHO)
)
_ERASURE = sa.select(Erasure.asked_at, Erasure.due_at, Erasure.all_texts).where(Erasure.person_id == _WHO)
_SECRETS = sa.select(
    sa.exists()
    .where(Account.person_id == _WHO, Account.password_hash.is_not(None))
    .correlate(None)
    .label("has_password"),
    sa.select(Authenticator.created_at)
    .where(Authenticator.account_id == _ACCOUNT_ID)
    .scalar_subquery()
    .label("authenticator_since"),
    sa.select(sa.func.count(RecoveryCode.id))
    .where(RecoveryCode.account_id == _ACCOUNT_ID)
    .scalar_subquery()
    .label("recovery_codes_left"),
)
_PASSKEYS = (
    sa.select(Passkey.name, Passkey.created_at, Passkey.last_used_at)
    .where(Passkey.account_id == _ACCOUNT_ID)
    .order_by(Passkey.id)
)
_IDENTITIES = (
    sa.select(Identity.provider, Identity.issuer, Identity.subject, Identity.created_at)
    .where(Identity.account_id == _ACCOUNT_ID)
    .order_by(Identity.id)
)
_SESSIONS = (
    sa.select(LoginSession.device, LoginSession.created_at, LoginSession.last_seen_at, LoginSession.expires_at)
    .where(LoginSession.account_id == _ACCOUNT_ID)
    .order_by(LoginSession.id)
)
_DEMOGRAPHICS = sa.select(
    Demographics.sex,
    Demographics.age_range,
    Demographics.department,
    Demographics.consent_at,
    Demographics.consent_version,
).where(Demographics.person_id == _WHO)


def account(session: Session, person_id: int) -> Item:
    """The person, their roles, the organisations they asked to represent, and their account."""
    return {
        "person": _one(session, _PERSON, person_id),
        "roles": list(items(session, _ROLES, person_id)),
        "representations": list(items(session, _REPRESENTED, person_id)),
        "account": _one(session, _ACCOUNT, person_id),
        "erasure": _one(session, _ERASURE, person_id),
    }


def ways_in(session: Session, person_id: int) -> Item:
    """How the account is opened, without anything that opens it."""
    return {
        **(_one(session, _SECRETS, person_id) or {}),
        "passkeys": list(items(session, _PASSKEYS, person_id)),
        "identities": list(items(session, _IDENTITIES, person_id)),
    }


def sessions(session: Session, person_id: int) -> Iterator[Item]:
    return items(session, _SESSIONS, person_id)


def demographics(session: Session, person_id: int) -> Item:
    """What was told for the statistics; null where nothing was."""
    return {"told": _one(session, _DEMOGRAPHICS, person_id)}


def _one(session: Session, statement: sa.Executable, person_id: int) -> Item | None:
    return next(items(session, statement, person_id), None)
