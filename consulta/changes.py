"""The one transaction: state, version, audit entry, counters, cache versions and outbox rows, all or nothing."""

import enum
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy.orm import InstrumentedAttribute, Session

from consulta import clock, folios, receipts
from consulta.audit.models import AuditEntry
from consulta.cache_versions import frame_scope, plan_scope, raise_versions, site_scope, topic_scope
from consulta.database import Base, insert_row, table_of, writing
from consulta.errors import GuardRefused, Invalid, NotAllowed, NotFound, NotInThisState, Problem, StaleVersion
from consulta.follows.models import EventKind
from consulta.outbox.models import OutboxKind, OutboxRow, OutboxState
from consulta.people.actors import Actor
from consulta.people.models import Person
from consulta.permissions import Permission, require
from consulta.plans.models import Plan, Topic
from consulta.states import MACHINES, Transition

Row = TypeVar("Row", bound=Base)
_AUDIT, _OUTBOX = sa.insert(table_of(AuditEntry)), sa.insert(table_of(OutboxRow))
_RETIRED = sa.select(table_of(Person).c.retired_at).where(table_of(Person).c.id == sa.bindparam("person_id"))


class Change:
    """A transaction under way. `now` is its one moment."""

    def __init__(self, session: Session, actor: Actor, reason: str | None) -> None:
        self.session = session
        self.actor = actor
        self.reason = reason
        self.now: datetime = clock.now()
        self._stale_scopes: set[str] = set()
        # Written with the rest at the end, each kind by one statement.
        self._entries: list[dict[str, Any]] = []
        self._later_rows: list[dict[str, Any]] = []
        # Until when what is told waits, and the name by which it can be called back.
        self._hold: tuple[datetime, str] | None = None

    def lock(self, model: type[Row], key: int, *, seen: int | None = None) -> Row:
        """Read a row again to judge it, locked on PostgreSQL (SQLite has the whole database).

        Raises NotFound, and StaleVersion when `seen`, the version that the form showed, is no longer the present.
        """
        row = self.session.get(model, key, with_for_update=True, populate_existing=True)
        if row is None:
            raise NotFound(model.__name__, key)
        present = getattr(row, "version", None)
        if seen is not None and present is not None and present != seen:
            raise StaleVersion(row, seen, present)
        return row

    def require(self, permission: Permission, subject: Any = None) -> None:
        require(self.actor, permission, subject)

    def create(self, row: Base, act: str, **detail: Any) -> None:
        """Add a row and its audit entry; the row gets its id. One with states enters its first state by its table."""
        machine = MACHINES.get(type(row))
        state = getattr(row, "state", None)
        if machine is not None and state is not None:
            self._admit(machine.find(None, state), row, state, {})
        insert_row(self.session, row)
        self.record(act, row, to_state=state.value if isinstance(state, enum.Enum) else None, **detail)

    def move(
        self,
        row: Any,
        to: enum.Enum,
        *,
        act: str | None = None,
        facts: Mapping[str, Any] | None = None,
        reason: str | None = None,
        **detail: Any,
    ) -> None:
        """Take a row to another state by its machine's table: permission, guard, state, version and audit entry.

        Raises NotInThisState, NotAllowed or GuardRefused; `facts` are what the guard needs.
        """
        before = row.state
        transition = MACHINES[type(row)].find(before, to)
        self._admit(transition, row, to, {"now": self.now, **(facts or {})})
        if transition and transition.needs_reason and not (reason or self.reason):
            raise Invalid(Problem("reason", "reason_missing"))
        self._put(row, to, act=act, reason=reason, **detail)

    def move_back(self, row: Any, to: enum.Enum, *, act: str, facts: Mapping[str, Any], **detail: Any) -> None:
        """Take a row back to where an act of some seconds ago found it, by the machine's table of such moves."""
        self._admit(MACHINES[type(row)].find_undo(row.state, to), row, to, {"now": self.now, **facts})
        self._put(row, to, act=act, reason=None, **detail)

    def _put(self, row: Any, to: enum.Enum, *, act: str | None, reason: str | None, **detail: Any) -> None:
        before = row.state
        row.state = to
        row.version += 1
        self.record(
            act or f"{type(row).__tablename__}.{to.value}",
            row,
            from_state=before.value,
            to_state=to.value,
            reason=reason,
            **detail,
        )

    def edit(self, row: Any, act: str, *, reason: str | None = None, **detail: Any) -> None:
        """Record that a row's fields were changed, and raise its version."""
        row.version += 1
        self.record(act, row, reason=reason, **detail)

    def record(
        self,
        act: str,
        row: Any,
        *,
        from_state: str | None = None,
        to_state: str | None = None,
        reason: str | None = None,
        **detail: Any,
    ) -> None:
        """Append an audit entry about a row that has an id."""
        entry = {"act": act, "object_type": row.__tablename__, "object_id": row.id, "detail": detail}
        entry |= {"at": self.now, "person_id": self.actor.person_id, "actor": self.actor.name}
        entry |= {"role": self.actor.role_names, "from_state": from_state, "to_state": to_state}
        self._entries.append({**entry, "reason": reason or self.reason})

    def count(self, row: Base, column: InstrumentedAttribute[int], by: int) -> None:
        """Add to a counter in the database, so that parallel changes all count."""
        model = type(row)
        self.session.flush()
        self.session.execute(
            sa.update(model).where(model.id == row.id).values({column: column + by}),
            execution_options={"synchronize_session": False},
        )
        self.session.expire(row, [column.key])

    def claim(self, form_key: str | None, **content: object) -> receipts.Claim:
        """What the key of a form has recorded, so that sending it again records nothing. Raises KeyReused."""
        return receipts.claim(
            self.session, form_key=form_key, person_id=self.actor.person_id, now=self.now, content=content
        )

    def folio(self, kind: str) -> str:
        return folios.next_folio(self.session, kind, clock.local_date(self.now).year)

    def mail(self, name: str, **payload: Any) -> None:
        """Have the worker send the message `name` of `messages/` after the commit; `payload` holds ids."""
        self._later(OutboxKind.MAIL, name, payload)

    def index(self, row: Base) -> None:
        """Have the worker bring a row's entry in the search index up to date after the commit."""
        self._later(OutboxKind.INDEX, row.__tablename__, {"id": row.id})

    def tell(self, kind: EventKind, row: Base) -> None:
        """Have the worker tell those who follow it what happened to a contribution, a proposal or a plan."""
        about = {f"{row.__tablename__}_id": row.id}
        self._later(OutboxKind.EVENT, kind.value, {**about, "actor_id": self.actor.person_id})

    @contextmanager
    def held(self, key: str, until: datetime) -> Iterator[None]:
        """What is told inside waits until a moment, so that taking the act back means that nobody was told."""
        self._hold = until, key
        try:
            yield
        finally:
            self._hold = None

    def is_waiting(self, key: str) -> bool:
        """Whether all that is told under a key still waits; from now on it does until the end of this change."""
        states = sa.select(OutboxRow.state).where(OutboxRow.hold_key == key).with_for_update()
        return all(state is OutboxState.NEW for state in self.session.scalars(states))

    def call_back(self, key: str) -> None:
        """Cancel what waits under a key."""
        self.session.execute(
            sa.update(OutboxRow).where(OutboxRow.hold_key == key).values(state=OutboxState.CANCELLED),
            execution_options={"synchronize_session": False},
        )

    def _later(self, kind: OutboxKind, name: str, payload: dict[str, Any]) -> None:
        is_told = self._hold is not None and kind is not OutboxKind.INDEX
        available_at, key = self._hold if self._hold is not None and is_told else (self.now, None)
        row = {"kind": kind, "name": name, "payload": payload, "available_at": available_at, "hold_key": key}
        self._later_rows.append(row)

    def stale(self, plan: Plan, topic: Topic | None = None, *, frame: bool = False) -> None:
        """Say which public pages the change makes stale: those of the plan, of a topic's conversation, the frame."""
        self._stale_scopes |= {site_scope(), plan_scope(plan.code)}
        if topic is not None:
            self._stale_scopes.add(topic_scope(plan.code, topic.code))
        if frame:
            self._stale_scopes.add(frame_scope(plan.code))

    def finish(self) -> None:
        """Write what hangs on the change. The cache versions come last: every transaction meets at their rows."""
        self.session.flush()
        if self._entries:
            self.session.execute(_AUDIT, self._entries)
        self._require_present()
        if self._later_rows:
            self.session.execute(_OUTBOX, self._later_rows)
        raise_versions(self.session, self._stale_scopes)

    def _require_present(self) -> None:
        """Raise NotAllowed when the actor was erased meanwhile.

        What was written by now refers to the person's row, so that retiring it waits for this change, or came before.
        """
        who = {"person_id": self.actor.person_id}
        if self.actor.is_known and self.session.execute(_RETIRED, who).scalar_one_or_none() is not None:
            raise NotAllowed("person:retired")

    def _admit(self, transition: Transition | None, row: Any, to: enum.Enum, facts: Mapping[str, Any]) -> None:
        if transition is None:
            raise NotInThisState(row, to)
        if transition.permission is not None:
            self.require(transition.permission, row)
        if transition.guard is not None and (missing := transition.guard(row, facts)):
            raise GuardRefused(missing, facts)


@contextmanager
def transaction(session: Session, *, actor: Actor, reason: str | None = None) -> Iterator[Change]:
    """Begin a change by an actor; it commits whole on leaving, or nothing happens."""
    with writing(session):
        change = Change(session, actor, reason)
        yield change
        change.finish()
