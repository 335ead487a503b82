"""What people began and did not finish, and sessions that ended: nothing of it is kept beyond its term."""

import sqlalchemy as sa
from sqlalchemy.orm import Session

from consulta import clock
from consulta.database import table_of, writing
from consulta.people.models import EmailChange, IdentityClaim, LoginSession, SignInCode, SignUp
from consulta.people.rules import CONFIRMATION_TERM, FORMER_ADDRESS_TERM

# So many rows in one transaction, that who signs in meanwhile hardly waits.
BATCH = 200


def forget_what_is_over(session: Session) -> int:
    """Drop what can be used no more, with the names and addresses in it; how many rows."""
    now = clock.now()
    return sum(
        _forget(session, table_of(model), is_over)
        for model, is_over in (
            (SignUp, SignUp.created_at <= now - CONFIRMATION_TERM),
            (SignInCode, SignInCode.expires_at <= now),
            (IdentityClaim, IdentityClaim.expires_at <= now),
            (EmailChange, EmailChange.asked_at <= now - FORMER_ADDRESS_TERM),
            (LoginSession, LoginSession.expires_at <= now),
        )
    )


def _forget(session: Session, table: sa.Table, is_over: sa.ColumnElement[bool]) -> int:
    """A session may be used again between looking and deleting, and is looked at once more then."""
    oldest, forgotten = sa.select(table.c.id).where(is_over).order_by(table.c.id).limit(BATCH), 0
    while keys := session.scalars(oldest).all():
        with writing(session):
            gone = session.execute(sa.delete(table).where(table.c.id.in_(keys), is_over).returning(table.c.id))
            forgotten += len(gone.all())
    return forgotten
