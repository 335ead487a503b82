"""Another address for an account: it counts once somebody who reads there says so, and the old one is told."""

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from consulta.changes import transaction
from consulta.errors import Invalid, Problem
from consulta.people.accounts import end_sessions, own_account
from consulta.people.actors import VISITOR, Actor, actor_for
from consulta.people.models import Account, EmailChange
from consulta.people.rules import normal_email
from consulta.permissions import Permission


def ask_for_address(session: Session, *, actor: Actor, email: str, allows_test: bool = False) -> None:
    """Have the worker write to the address that the own account is to have, whoever has it now."""
    address = normal_email(email, allows_test=allows_test)
    if address is None:
        raise Invalid(Problem("email", "email_wrong"))
    with transaction(session, actor=actor) as change:
        account = change.lock(Account, own_account(session, actor).id)
        change.require(Permission.ACCOUNT_KEEP, account)
        if address == account.email:
            raise Invalid(Problem("email", "email_same"))
        earlier = sa.delete(EmailChange).where(EmailChange.account_id == account.id)
        session.execute(earlier, execution_options={"synchronize_session": False})
        wanted = EmailChange(account_id=account.id, email=address, asked_at=change.now)
        session.add(wanted)
        session.flush()
        change.record("account.ask_for_address", account)
        change.mail("account_new_address", change_id=wanted.id)


def take_address(session: Session, *, change_id: int) -> None:
    """Give an account the address that was just proven; all its sessions end, and the old address hears of it.

    Raises Invalid when the link was used, or somebody else got the address meanwhile.
    """
    try:
        with transaction(session, actor=VISITOR) as change:
            wanted = session.get(EmailChange, change_id, with_for_update=True, populate_existing=True)
            if wanted is None:
                raise Invalid(Problem("", "link_used"))
            account = change.lock(Account, wanted.account_id)
            change.actor = actor_for(account.person)
            # From now on the row says whom to tell; its link is of another address and serves no more.
            wanted.email, account.email = account.email, wanted.email
            account.person.email = account.email
            end_sessions(change, account)
            change.edit(account, "account.change_address")
            change.mail("account_address_changed", change_id=wanted.id)
    except IntegrityError:
        raise Invalid(Problem("", "link_used")) from None
