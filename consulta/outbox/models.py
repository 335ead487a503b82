"""What is to happen after a commit, written with the change and done by the worker."""

import enum
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from consulta.database import Base


class OutboxKind(enum.Enum):
    """A lane of the worker: what one lane holds never waits for another.

    EVENT is told to its followers; a NOTICE is one mail to one of them, and goes out after every other mail.
    """

    MAIL = "mail"
    INDEX = "index"
    EVENT = "event"
    NOTICE = "notice"


class OutboxState(enum.Enum):
    NEW = "new"
    CLAIMED = "claimed"
    DONE = "done"
    PARKED = "parked"
    # The act that it told of was taken back in time.
    CANCELLED = "cancelled"


class OutboxRow(Base):
    """One thing to do. `name` says which message or which kind of object; `payload` holds ids, never secrets."""

    __tablename__ = "outbox"
    __table_args__ = (sa.Index("ix_outbox_queue", "kind", "state", "available_at", "id"),)

    kind: Mapped[OutboxKind]
    name: Mapped[str]
    payload: Mapped[dict[str, Any]] = mapped_column(default=dict)
    state: Mapped[OutboxState] = mapped_column(default=OutboxState.NEW)
    attempts: Mapped[int] = mapped_column(default=0)
    available_at: Mapped[datetime]
    claimed_at: Mapped[datetime | None]
    done_at: Mapped[datetime | None]
    error: Mapped[str | None]
    # Names what waits together until an act can no longer be taken back.
    hold_key: Mapped[str | None] = mapped_column(index=True)
