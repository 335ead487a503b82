"""The queue of the outbox: rows are claimed, done, tried again later, or parked. Each step is its own transaction."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from consulta import clock
from consulta.database import Database, writing
from consulta.outbox.models import OutboxKind, OutboxRow, OutboxState

MAX_ATTEMPTS = 8
FIRST_DELAY = timedelta(seconds=30)
CLAIM_LASTS = timedelta(minutes=5)
ERROR_MAX = 500


def delay_after(attempts: int) -> timedelta:
    """How long to wait after so many failed tries: 30 s, 1 min, 2 min … doubling."""
    return FIRST_DELAY * (1 << (attempts - 1))


class ClaimLost(Exception):
    """Another worker took a row over meanwhile."""


class Queue:
    """The rows of one database, for one worker."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def claim(self, kind: OutboxKind, limit: int) -> Sequence[OutboxRow]:
        """Take up to `limit` rows that are due, oldest first; no other worker gets them for five minutes."""
        now = clock.now()
        waiting = _waiting(kind, now)
        with self._database.session() as session:
            if session.scalar(sa.select(OutboxRow.id).where(waiting).limit(1)) is None:
                return ()
            with writing(session):
                due = sa.select(OutboxRow.id).where(waiting).order_by(OutboxRow.available_at, OutboxRow.id).limit(limit)
                if not self._database.is_sqlite:
                    due = due.with_for_update(skip_locked=True)
                # Read first: as a part of the update PostgreSQL may ask for them again and again, and take them all.
                claimed = sa.update(OutboxRow).where(OutboxRow.id.in_(session.scalars(due).all()))
                values: dict[str, Any] = {"claimed_at": now, "attempts": OutboxRow.attempts + 1}
                rows = session.scalars(
                    claimed.values(state=OutboxState.CLAIMED, **values).returning(OutboxRow),
                    execution_options={"synchronize_session": False},
                ).all()
                return sorted(rows, key=lambda row: (row.available_at, row.id))

    def finish(self, rows: Sequence[OutboxRow]) -> None:
        """Mark as done."""
        self._settle(rows, state=OutboxState.DONE, done_at=clock.now(), claimed_at=None, error=None)

    def fail(self, row: OutboxRow, error: BaseException) -> None:
        """Keep the error and try again later; after MAX_ATTEMPTS the row is parked for somebody to look at."""
        parked = row.attempts >= MAX_ATTEMPTS
        self._settle(
            [row],
            state=OutboxState.PARKED if parked else OutboxState.NEW,
            available_at=clock.now() + delay_after(row.attempts),
            claimed_at=None,
            error=f"{type(error).__name__}: {error}"[:ERROR_MAX],
        )

    def release(self, rows: Sequence[OutboxRow], error: BaseException) -> None:
        """Give rows back as they were: nothing was wrong with them."""
        self._settle(
            rows,
            state=OutboxState.NEW,
            claimed_at=None,
            attempts=OutboxRow.attempts - 1,
            error=f"{type(error).__name__}: {error}"[:ERROR_MAX],
        )

    def spread(self, row: OutboxRow, payloads: Sequence[dict[str, Any]]) -> None:
        """Put a row for each payload in the place of one row."""
        now = clock.now()
        with self._database.session() as session, writing(session):
            if self._mark(session, [row], state=OutboxState.DONE, done_at=now, claimed_at=None, error=None):
                session.add_all(
                    OutboxRow(kind=row.kind, name=row.name, payload=payload, available_at=now) for payload in payloads
                )

    def advance(self, session: Session, row: OutboxRow, following: dict[str, Any] | None) -> None:
        """Keep, in the caller's transaction, with which payload a row goes on; None when it is done.

        Raises ClaimLost when another worker has taken the row over, so that nothing of the caller's is kept.
        """
        if following is None:
            values: dict[str, Any] = {"state": OutboxState.DONE, "done_at": clock.now()}
        else:
            # A part was done, so the tries begin again.
            values = {"state": OutboxState.NEW, "payload": following, "attempts": 0}
        if not self._mark(session, [row], **values, claimed_at=None, error=None):
            raise ClaimLost(row.id)

    def _settle(self, rows: Sequence[OutboxRow], **values: Any) -> None:
        with self._database.session() as session, writing(session):
            self._mark(session, rows, **values)

    def _mark(self, session: Session, rows: Sequence[OutboxRow], **values: Any) -> int:
        """Write to the rows that this claim still holds; how many."""
        held = sa.tuple_(OutboxRow.id, OutboxRow.claimed_at).in_([(row.id, row.claimed_at) for row in rows])
        marked = session.scalars(
            sa.update(OutboxRow)
            .where(held, OutboxRow.state == OutboxState.CLAIMED)
            .values(values)
            .returning(OutboxRow.id),
            execution_options={"synchronize_session": False},
        ).all()
        return len(marked)


def _waiting(kind: OutboxKind, now: datetime) -> sa.ColumnElement[bool]:
    """New rows that are due, and claimed ones whose worker did not come back."""
    return sa.and_(
        OutboxRow.kind == kind,
        sa.or_(
            sa.and_(OutboxRow.state == OutboxState.NEW, OutboxRow.available_at <= now),
            sa.and_(OutboxRow.state == OutboxState.CLAIMED, OutboxRow.claimed_at <= now - CLAIM_LASTS),
        ),
    )
