"""Counting uses, in the database, so that a limit holds whatever the number of processes.

One statement counts a use for all its subjects in a short transaction of its own; a use that is refused counts
nowhere, so that one account over its limit takes nothing from its neighbours. Who cannot be counted is refused with
the rest: a database that does not answer opens no door.
"""

import hashlib
import hmac
from collections.abc import Iterator
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from consulta import clock
from consulta.database import Database, writing
from consulta.errors import TooMany
from consulta.limits.models import Spent
from consulta.limits.rules import Deed, Limit, Limits, Scope


class Spending:
    """The limits of a site, and what was spent of them. `limits` is None where they are switched off."""

    def __init__(self, database: Database, secret_key: str, limits: Limits | None) -> None:
        self._database, self._secret_key, self._limits = database, secret_key.encode(), limits

    def spend(self, deed: Deed, *, account: int | str | None = None, prefix: str | None = None, use: str = "") -> None:
        """Count one use. Raises TooMany, with the moment from which it can be done again, and counts nothing then.

        `account` is a person's id or, where nobody is signed in yet, what was typed (an e-mail address, a folio), of
        which only a digest is kept. A form that is sent again right away (`use`, its key) is one use.
        """
        if self._limits is None:
            return
        now = clock.now()
        limits = dict(self._counted(deed, account, prefix))
        with self._database.session() as session, writing(session):
            for key, count, ends_at in session.execute(_counting(session, limits, use, now)).all():
                if count > limits[key].most:
                    raise TooMany(again_at=ends_at)

    def _counted(self, deed: Deed, account: int | str | None, prefix: str | None) -> Iterator[tuple[str, Limit]]:
        """The keys of a use with their limits, in one order, so that no two uses wait for each other."""
        limits = (self._limits or {})[deed]
        if account is not None:
            yield f"{deed.value}:{Scope.ACCOUNT.value}:{self._name(account)}", limits[Scope.ACCOUNT]
        yield f"{deed.value}:{Scope.ALL.value}", limits[Scope.ALL]
        if prefix is not None:
            yield f"{deed.value}:{Scope.PREFIX.value}:{prefix}", limits[Scope.PREFIX]

    def _name(self, account: int | str) -> str:
        if isinstance(account, int):
            return str(account)
        return hmac.new(self._secret_key, account.strip().casefold().encode(), hashlib.sha256).hexdigest()


def _counting(session: Session, limits: dict[str, Limit], use: str, now: datetime) -> sa.Executable:
    """Add one to every key, in a new window where the last one is over; answers key, count and end of each."""
    insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    statement = insert(Spent).values(
        [
            {"key": key, "count": 1, "ends_at": now + timedelta(seconds=limit.seconds), "last_use": use}
            for key, limit in limits.items()
        ]
    )
    new = statement.excluded
    is_over = Spent.ends_at <= now
    is_same = sa.and_(Spent.last_use == new.last_use, Spent.last_use != "")
    return statement.on_conflict_do_update(
        index_elements=["key"],
        set_={
            "count": sa.case((is_over, 1), (is_same, Spent.count), else_=Spent.count + 1),
            "ends_at": sa.case((is_over, new.ends_at), else_=Spent.ends_at),
            "last_use": new.last_use,
        },
    ).returning(Spent.key, Spent.count, Spent.ends_at)


def forget_spent(session: Session) -> None:
    """Drop the windows that are over, and with them the address prefixes that they name."""
    with writing(session):
        session.execute(sa.delete(Spent).where(Spent.ends_at <= clock.now()))
