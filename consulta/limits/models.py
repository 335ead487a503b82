"""How often something was done lately: one row for each counted thing and subject, gone once its window is over."""

from datetime import datetime

from sqlalchemy.orm import Mapped, mapped_column

from consulta.database import Base


class Spent(Base):
    """The uses of a limit inside its present window.

    `key` names what is done, whose uses are counted, and by whom: an account's id, a digest of what was typed, an
    address cut to its prefix, or two of them. `last_use` is the form that was counted last.
    """

    __tablename__ = "spent"

    key: Mapped[str] = mapped_column(unique=True)
    count: Mapped[int]
    ends_at: Mapped[datetime] = mapped_column(index=True)
    last_use: Mapped[str] = mapped_column(default="")
