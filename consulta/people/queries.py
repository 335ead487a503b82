"""Reads about people, their accounts and sessions."""

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from consulta.people.models import Account, LoginSession


def open_sessions(session: Session, person_id: int | None, now: datetime) -> Sequence[LoginSession]:
    """The live sessions of a person, the one used last first."""
    query = (
        sa.select(LoginSession)
        .join(Account, Account.id == LoginSession.account_id)
        .where(Account.person_id == person_id, LoginSession.expires_at > now)
        .order_by(LoginSession.last_seen_at.desc(), LoginSession.id.desc())
    )
    return session.scalars(query).all()
