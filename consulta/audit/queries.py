"""Reads of the log."""

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.orm import Session

from consulta.audit.models import AuditEntry


def entries_of(session: Session, object_type: str, object_id: int) -> Sequence[AuditEntry]:
    """Everything that was done to a row of a table, the latest first."""
    statement = sa.select(AuditEntry).where(AuditEntry.object_type == object_type, AuditEntry.object_id == object_id)
    return session.scalars(statement.order_by(AuditEntry.id.desc())).all()
