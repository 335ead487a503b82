"""Entering with a code that is mailed. Asking does the same whoever has the address, and a code opens one door once."""

import hmac
import re
import secrets

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from consulta.changes import transaction
from consulta.errors import Invalid, Problem
from consulta.people.accounts import find_account_id
from consulta.people.actors import VISITOR
from consulta.people.models import Account, SignInCode
from consulta.people.rules import CODE_TERM, CODE_TRIES
from consulta.people.tokens import make_code


def send_code(session: Session, *, email: str) -> int:
    """Have the worker mail a code, if there is an account; the id is for the browser that asked, and for no other."""
    account_id = find_account_id(session, email)
    with transaction(session, actor=VISITOR) as change:
        asked = SignInCode(account_id=account_id, seed=secrets.token_hex(16), expires_at=change.now + CODE_TERM)
        session.add(asked)
        session.flush()
        change.mail("account_code", code_id=asked.id)
        return asked.id


def spend_code(session: Session, *, code_id: int, typed: str, secret_key: str) -> Account:
    """The account that a code opens; it opens nothing more. Raises Invalid in one way for whatever does not fit."""
    account_id = None
    with transaction(session, actor=VISITOR) as change:
        asked = session.get(SignInCode, code_id, with_for_update=True, populate_existing=True)
        if asked is not None and asked.tries < CODE_TRIES and asked.expires_at > change.now:
            asked.tries += 1
            right = hmac.compare_digest(make_code(secret_key, asked).encode(), re.sub(r"\s", "", typed).encode())
            if right and asked.account_id is not None:
                account_id = asked.account_id
                session.delete(asked)
    query = sa.select(Account).where(Account.id == (account_id or 0)).options(joinedload(Account.person))
    account = session.scalars(query).one_or_none()
    if account is None or not account.is_active or account.confirmed_at is None:
        raise Invalid(Problem("code", "code_wrong"))
    return account
