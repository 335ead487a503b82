"""The append-only log: who did what, when, from which state to which, and why."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from consulta.database import Base


class AuditEntry(Base):
    """One act. Rows are only added: triggers of the database refuse to change or delete them.

    While somebody is being erased they let go of three things alone: the name, the reason and the detail.
    """

    __tablename__ = "audit_entry"
    __table_args__ = (sa.Index("ix_audit_entry_object", "object_type", "object_id", "id"),)

    at: Mapped[datetime]
    person_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))
    actor: Mapped[str]
    role: Mapped[str]
    act: Mapped[str]
    object_type: Mapped[str]
    object_id: Mapped[int]
    from_state: Mapped[str | None]
    to_state: Mapped[str | None]
    reason: Mapped[str | None]
    detail: Mapped[dict[str, Any]] = mapped_column(default=dict)
