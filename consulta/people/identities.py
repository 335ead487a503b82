"""Entering with an account of an identity provider.

An identity opens an account only after the address of the account was proven: by the provider where it is believed,
for an account that nobody has yet; by a code that is mailed, or by its owner who is signed in, for one that exists.
"""

import hmac
import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, joinedload

from consulta.changes import Change, transaction
from consulta.errors import Invalid, NotFound, Problem
from consulta.people import rules
from consulta.people.accounts import own_account
from consulta.people.actors import VISITOR, Actor, actor_for
from consulta.people.models import Account, Identity, IdentityClaim
from consulta.people.sign_ups import make_account
from consulta.people.tokens import make_code
from consulta.permissions import Permission
from consulta.text import clean_line


@dataclass(frozen=True)
class Proof:
    """What a provider says of somebody. `email` is empty, or one that it vouches for only if `is_verified`."""

    provider: str
    issuer: str
    subject: str
    email: str
    is_verified: bool
    public_name: str


def find_identity(session: Session, proof: Proof) -> Identity | None:
    query = sa.select(Identity).where(Identity.issuer == proof.issuer, Identity.subject == proof.subject)
    return session.scalars(query).one_or_none()


def account_behind(session: Session, proof: Proof) -> Account | None:
    """The account that an identity opens."""
    query = (
        sa.select(Account)
        .join(Identity, Identity.account_id == Account.id)
        .where(Identity.issuer == proof.issuer, Identity.subject == proof.subject)
        .options(joinedload(Account.person))
    )
    return session.scalars(query).one_or_none()


def open_account(session: Session, *, proof: Proof, public_name: str, consents: bool) -> Account | None:
    """Make the account of an address that the provider vouches for; None when the address has an account already.

    Only its owner, who came back from the provider, learns that. Raises Invalid for a name or without consent.
    """
    if not proof.is_verified:
        raise ValueError("nobody vouches for this address")
    name = clean_line(public_name)
    _check(rules.check_public_name(name), None if consents else Problem("consents", "consent_missing"))
    try:
        with transaction(session, actor=VISITOR) as change:
            if session.scalar(sa.select(Account.id).where(Account.email == proof.email)) is not None:
                return None
            account = make_account(
                change,
                public_name=name,
                email=proof.email,
                password_hash=None,
                asked_at=change.now,
                consent_version=rules.CONSENT_VERSION,
            )
            _add(change, account, proof)
    except IntegrityError:
        raise Invalid(Problem("", "identity_taken")) from None
    return account


def ask_for_code(
    session: Session, *, proof: Proof, email: str, public_name: str, consents: bool, allows_test: bool = False
) -> int:
    """Have a code mailed to an address, whoever has it; the id is for the browser that asked, and for no other."""
    name, address = clean_line(public_name), rules.normal_email(email, allows_test=allows_test)
    _check(
        rules.check_public_name(name),
        None if address else Problem("email", "email_wrong"),
        None if consents else Problem("consents", "consent_missing"),
    )
    return _claim(session, proof, str(address), name)


def ask_owner_for_code(session: Session, *, proof: Proof) -> int:
    """Have a code mailed to who has an account at the address that the provider vouches for."""
    return _claim(session, proof, proof.email, proof.public_name)


def spend_claim(session: Session, *, claim_id: int, typed: str, secret_key: str) -> Account:
    """The account of a proven address, which the identity opens from now on; made now if there was none.

    Raises Invalid in one way for whatever does not fit.
    """
    account = None
    try:
        with transaction(session, actor=VISITOR) as change:
            claim = session.get(IdentityClaim, claim_id, with_for_update=True, populate_existing=True)
            if claim is not None and claim.tries < rules.CODE_TRIES and claim.expires_at > change.now:
                claim.tries += 1
                code = make_code(secret_key, claim)
                if hmac.compare_digest(code.encode(), re.sub(r"\s", "", typed).encode()):
                    account = _settle(change, claim)
    except IntegrityError:
        account = None
    if account is None:
        raise Invalid(Problem("code", "code_wrong"))
    return account


def link_identity(session: Session, *, actor: Actor, proof: Proof) -> None:
    """Let an identity open the own account too; the caller knows that its owner entered just now."""
    try:
        with transaction(session, actor=actor) as change:
            account = change.lock(Account, own_account(session, actor).id)
            change.require(Permission.ACCOUNT_KEEP, account)
            _add(change, account, proof)
            change.mail("account_protection_changed", account_id=account.id, act="account.add_identity")
    except IntegrityError:
        raise Invalid(Problem("", "identity_taken")) from None


def unlink_identity(session: Session, *, actor: Actor, identity_id: int) -> None:
    """An identity opens the own account no more; a code by mail always does."""
    with transaction(session, actor=actor) as change:
        account = change.lock(Account, own_account(session, actor).id)
        change.require(Permission.ACCOUNT_KEEP, account)
        found = session.get(Identity, identity_id)
        if found is None or found.account_id != account.id:
            raise NotFound("Identity", identity_id)
        session.delete(found)
        change.edit(account, "account.remove_identity", provider=found.provider)
        change.mail("account_protection_changed", account_id=account.id, act="account.remove_identity")


def own_identities(session: Session, actor: Actor) -> Sequence[Identity]:
    query = (
        sa.select(Identity)
        .join(Account, Account.id == Identity.account_id)
        .where(Account.person_id == actor.person_id)
        .order_by(Identity.id)
    )
    return session.scalars(query).all()


def _check(*found: Problem | None) -> None:
    if problems := [problem for problem in found if problem]:
        raise Invalid(*problems)


def _claim(session: Session, proof: Proof, email: str, name: str) -> int:
    with transaction(session, actor=VISITOR) as change:
        claim = IdentityClaim(
            email=email,
            provider=proof.provider,
            issuer=proof.issuer,
            subject=proof.subject,
            public_name=name,
            consent_version=rules.CONSENT_VERSION,
            seed=secrets.token_hex(16),
            created_at=change.now,
            expires_at=change.now + rules.CODE_TERM,
        )
        session.add(claim)
        session.flush()
        change.mail("identity_code", claim_id=claim.id)
        return claim.id


def _settle(change: Change, claim: IdentityClaim) -> Account | None:
    """Link the identity of a claim to the account of its address; None for one that nobody may enter."""
    query = sa.select(Account).where(Account.email == claim.email).options(joinedload(Account.person))
    account = change.session.scalars(query.with_for_update(of=Account)).one_or_none()
    if account is not None and (not account.is_active or account.confirmed_at is None):
        return None
    proof = Proof(claim.provider, claim.issuer, claim.subject, claim.email, True, claim.public_name)
    if account is None:
        if rules.check_public_name(claim.public_name):
            return None  # asked for by the owner of an account that is gone
        account = make_account(
            change,
            public_name=claim.public_name,
            email=claim.email,
            password_hash=None,
            asked_at=claim.created_at,
            consent_version=claim.consent_version,
        )
    else:
        change.actor = actor_for(account.person)
        change.mail("account_protection_changed", account_id=account.id, act="account.add_identity")
    _add(change, account, proof)
    change.session.delete(claim)
    return account


def _add(change: Change, account: Account, proof: Proof) -> None:
    """Raises IntegrityError when the identity opens an account already."""
    identity = Identity(
        account_id=account.id,
        provider=proof.provider,
        issuer=proof.issuer,
        subject=proof.subject,
        created_at=change.now,
    )
    change.session.add(identity)
    change.session.flush()
    change.edit(account, "account.add_identity", provider=proof.provider)
