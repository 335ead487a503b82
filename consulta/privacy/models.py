"""What somebody asked to have done with their own data."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from consulta.database import Base


class Erasure(Base):
    """A person asked to be erased. It waits until `due_at`, so that it can be called off, and is kept once done.

    Without `due_at` it was asked for by somebody without an account, whose address is still to be proven.
    `text_ids` are the contributions that speak of the person; with `all_texts` they all do. `other_ids` are the persons
    that were erased with this one. `farewell_to` is the address to tell at the end, and goes with that mail.
    """

    __tablename__ = "erasure"
    # A mail that waits, and its link, know it by the id.
    __table_args__ = {"sqlite_autoincrement": True}

    person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"), unique=True)
    asked_at: Mapped[datetime]
    due_at: Mapped[datetime | None]
    all_texts: Mapped[bool] = mapped_column(default=False)
    text_ids: Mapped[list[int]] = mapped_column(sa.JSON(), default=list)
    other_ids: Mapped[list[int]] = mapped_column(sa.JSON(), default=list)
    farewell_to: Mapped[str | None]
    done_at: Mapped[datetime | None]

    @property
    def is_waiting(self) -> bool:
        return self.due_at is not None and self.done_at is None
