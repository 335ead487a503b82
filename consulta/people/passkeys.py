"""The passkeys of an account: kept, named, used and removed. What a browser sends is verified before."""

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, joinedload

from consulta.changes import Change, transaction
from consulta.errors import GuardRefused, Invalid, NotFound, Problem
from consulta.people.accounts import own_account
from consulta.people.actors import VISITOR, Actor
from consulta.people.models import Account, Passkey
from consulta.people.rules import PASSKEY_NAME_MAX, PASSKEYS_MAX
from consulta.people.second_factor import count_passkeys, find_authenticator
from consulta.permissions import Permission
from consulta.text import clean_line


def passkeys_of(session: Session, account_id: int) -> Sequence[Passkey]:
    query = sa.select(Passkey).where(Passkey.account_id == account_id).order_by(Passkey.id)
    return session.scalars(query).all()


def find_passkey(session: Session, credential_id: str) -> Passkey | None:
    return session.scalars(sa.select(Passkey).where(Passkey.credential_id == credential_id)).one_or_none()


def add_passkey(
    session: Session, *, actor: Actor, name: str, credential_id: str, public_key: str, use_count: int
) -> None:
    """Let a passkey open the own account."""
    name = _checked(name)
    try:
        with transaction(session, actor=actor) as change:
            account = _own(change)
            if count_passkeys(session, account.id) >= PASSKEYS_MAX:
                raise GuardRefused("too_many_passkeys", {"max": PASSKEYS_MAX})
            session.add(
                Passkey(
                    account_id=account.id,
                    credential_id=credential_id,
                    public_key=public_key,
                    use_count=use_count,
                    name=name,
                    created_at=change.now,
                )
            )
            change.edit(account, "account.add_passkey")
            change.mail("account_protection_changed", account_id=account.id, act="account.add_passkey")
    except IntegrityError:
        raise GuardRefused("passkey_there") from None


def rename_passkey(session: Session, *, actor: Actor, passkey_id: int, name: str) -> None:
    name = _checked(name)
    with transaction(session, actor=actor) as change:
        account = _own(change)
        _mine(change, account, passkey_id).name = name
        change.edit(account, "account.rename_passkey")


def remove_passkey(session: Session, *, actor: Actor, passkey_id: int, is_required: bool) -> None:
    """Let it open nothing any more. Who needs a second factor keeps at least one."""
    with transaction(session, actor=actor) as change:
        account = _own(change)
        passkey = _mine(change, account, passkey_id)
        is_last = count_passkeys(session, account.id) == 1 and find_authenticator(session, account.id) is None
        if is_required and account.person.is_staff and is_last:
            raise GuardRefused("second_factor_needed")
        session.delete(passkey)
        change.edit(account, "account.remove_passkey")
        change.mail("account_protection_changed", account_id=account.id, act="account.remove_passkey")


def use_passkey(session: Session, *, passkey_id: int, use_count: int) -> Account:
    """The account that a passkey opens, once its answer was verified. Raises Invalid when nobody may enter."""
    with transaction(session, actor=VISITOR) as change:
        passkey = session.get(Passkey, passkey_id, with_for_update=True, populate_existing=True)
        if passkey is None:
            raise Invalid(Problem("", "passkey_wrong"))
        passkey.use_count, passkey.last_used_at = use_count, change.now
        account_id = passkey.account_id
    query = sa.select(Account).where(Account.id == account_id).options(joinedload(Account.person))
    account = session.scalars(query).one()
    if not account.is_active or account.confirmed_at is None:
        raise Invalid(Problem("", "passkey_wrong"))
    return account


def _checked(name: str) -> str:
    name = clean_line(name)
    if not name:
        raise Invalid(Problem("name", "passkey_unnamed"))
    if len(name) > PASSKEY_NAME_MAX:
        raise Invalid(Problem("name", "name_too_long", {"max": PASSKEY_NAME_MAX}))
    return name


def _own(change: Change) -> Account:
    account = change.lock(Account, own_account(change.session, change.actor).id)
    change.require(Permission.ACCOUNT_KEEP, account)
    return account


def _mine(change: Change, account: Account, passkey_id: int) -> Passkey:
    passkey = change.session.get(Passkey, passkey_id)
    if passkey is None or passkey.account_id != account.id:
        raise NotFound("Passkey", passkey_id)
    return passkey
