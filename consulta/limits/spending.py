"""Counting uses, in the database, so that a limit holds whatever the number of processes.

One statement counts a use for all its subjects in a short transaction of its own; a use that is refused counts
nowhere, so that one account over its limit takes nothing from its neighbours. Who cannot be counted is refused with
the rest: a database that does not answer opens no door.
"""

import hashlib
import hmac
from collections.abc import Collection, Iterator
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from consulta import clock
from consulta.database import Database, table_of, writing
from consulta.errors import TooMany
from consulta.limits.models import Spent
from consulta.limits.rules import RECORDED_ONCE, Deed, Limits, Scope

# As long as the keys of receipts.
USE_MAX = 64
_TABLE = table_of(Spent)


class Spending:
    """The limits of a site, and what was spent of them. `limits` is None where they are switched off."""

    def __init__(self, database: Database, secret_key: str, limits: Limits | None) -> None:
        self._database, self._secret_key, self._limits = database, secret_key.encode(), limits

    def spend(self, deed: Deed, *, account: int | str | None = None, prefix: str | None = None, use: str = "") -> None:
        """Count one use. Raises TooMany, with the moment from which it can be done again, and counts nothing then.

        `account` is a person's id or, where nobody is signed in yet, what was typed (an e-mail address, a folio), of
        which only a digest is kept. A form that records once for its key, `use`, is one use of its account however
        often it is sent in a row; whatever else could be tried without end under one key.
        """
        if self._limits is None:
            return
        now, limits = clock.now(), self._limits[deed]
        keys = dict(self._keys(deed, limits, account, prefix))
        key_of_form = use[:USE_MAX] if deed in RECORDED_ONCE else ""
        rows = [
            {
                "key": key,
                "count": 1,
                "ends_at": now + timedelta(seconds=limits[scope].seconds),
                "last_use": key_of_form if scope is Scope.ACCOUNT else "",
            }
            for key, scope in keys.items()
        ]
        with self._database.session() as session, writing(session):
            for key, count, ends_at in session.execute(_counting(session, rows, now)).all():
                if count > limits[keys[key]].most:
                    raise TooMany(again_at=ends_at)

    def give_back(self, deed: Deed, *, account: int | str | None = None, prefix: str | None = None) -> None:
        """Take back one use that was counted before it was known to be right, where only mistakes are limited."""
        if self._limits is None:
            return
        counts = sa.and_(_TABLE.c.key == sa.bindparam("used"), _TABLE.c.count > 0)
        keys = [{"used": key} for key, _ in self._keys(deed, self._limits[deed], account, prefix)]
        with self._database.session() as session, writing(session):
            # One after another, in the order in which they are counted.
            session.connection().execute(sa.update(_TABLE).where(counts).values(count=_TABLE.c.count - 1), keys)

    def _keys(
        self, deed: Deed, limits: Collection[Scope], account: int | str | None, prefix: str | None
    ) -> Iterator[tuple[str, Scope]]:
        """Whose uses one counts for, in one order, so that no two uses wait for each other."""
        name = None if account is None else self._name(account)
        subjects = {
            Scope.ACCOUNT: (name,),
            Scope.ALL: (),
            Scope.HERE: (name, prefix),
            Scope.PREFIX: (prefix,),
        }
        for scope, subject in subjects.items():
            if None not in subject and scope in limits:
                yield ":".join([deed.value, scope.value, *map(str, subject)]), scope

    def _name(self, account: int | str) -> str:
        if isinstance(account, int):
            return str(account)
        return hmac.new(self._secret_key, account.strip().casefold().encode(), hashlib.sha256).hexdigest()


def _counting(session: Session, rows: list[dict[str, Any]], now: datetime) -> sa.Executable:
    """Add one to every key, in a new window where the last one is over; answers key, count and end of each."""
    insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    statement = insert(Spent).values(rows)
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
