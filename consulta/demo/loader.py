"""Loads the demonstration: both plans, then the accounts. Again without doubling or resetting anything."""

import sqlalchemy as sa
from sqlalchemy.orm import Session

from consulta.audit.models import AuditEntry
from consulta.changes import transaction
from consulta.database import Database
from consulta.demo.accounts import load_accounts
from consulta.demo.demographics import load_demographics
from consulta.demo.follows import load_follows
from consulta.demo.people import load_people, loader_actor
from consulta.demo.plan_2018 import CODE as CODE_2018
from consulta.demo.plan_2018 import load_2018
from consulta.demo.plan_open import CODE as CODE_OPEN
from consulta.demo.plan_open import load_open_plan
from consulta.outbox.models import OutboxKind, OutboxRow, OutboxState
from consulta.plans.models import Plan

LOADED = "demo.loaded"
TOLD_TO_PEOPLE = (OutboxKind.MAIL, OutboxKind.EVENT, OutboxKind.NOTICE)


def load(database: Database, *, password_hash: str) -> None:
    """Load what is not there; a plan that was loaded whole is left as people have made it since."""
    with database.session() as session:
        load_people(session)
        for code, load_plan in ((CODE_2018, load_2018), (CODE_OPEN, load_open_plan)):
            if not _is_loaded(session, code):
                load_plan(session)
                _finish(session, code)
        load_accounts(session, password_hash)


def _is_loaded(session: Session, code: str) -> bool:
    statement = (
        sa.select(AuditEntry.id)
        .join(Plan, sa.and_(AuditEntry.object_type == "plan", AuditEntry.object_id == Plan.id))
        .where(Plan.code == code, AuditEntry.act == LOADED)
    )
    return session.scalar(statement.limit(1)) is not None


def _finish(session: Session, code: str) -> None:
    """Mark a plan as loaded whole. What the load would have mailed is told to nobody: it did not happen today."""
    with transaction(session, actor=loader_actor(session)) as change:
        plan = session.scalars(sa.select(Plan).where(Plan.code == code)).one()
        if code == CODE_OPEN:
            load_follows(session, plan)
            load_demographics(session, plan)
        session.execute(
            sa.update(OutboxRow)
            .where(OutboxRow.kind.in_(TOLD_TO_PEOPLE), OutboxRow.state == OutboxState.NEW)
            .values(state=OutboxState.DONE, done_at=change.now),
            execution_options={"synchronize_session": False},
        )
        change.record(LOADED, plan)


def is_empty(database: Database) -> bool:
    """Whether nobody has made a plan yet."""
    with database.session() as session:
        return session.scalar(sa.select(Plan.id).limit(1)) is None
