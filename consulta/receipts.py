"""Receipts: each form carries a key, and one key records one thing, however often it is sent."""

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column

from consulta.database import Base, by_dialect, table_of
from consulta.errors import KeyReused

KEY_MAX = 64


class Receipt(Base):
    """That a form with this key was recorded, by whom, with which content, as what (`reference`: a path's key)."""

    __tablename__ = "receipt"

    form_key: Mapped[str] = mapped_column(unique=True)
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"), index=True)
    digest: Mapped[str]
    reference: Mapped[str] = mapped_column(default="")
    issued_at: Mapped[datetime]


@dataclass(frozen=True)
class Claim:
    """What a form's key has recorded: `earlier` is the reference left by the first sending, empty in the first."""

    session: Session
    receipt_id: int | None
    earlier: str = ""

    def fill(self, reference: object) -> None:
        """Keep what this sending recorded."""
        if self.receipt_id is not None:
            self.session.execute(_FILL, {"receipt_id": self.receipt_id, "recorded": str(reference)})


_TABLE = table_of(Receipt)
_ISSUE = by_dialect(
    lambda insert: insert(_TABLE).on_conflict_do_nothing(index_elements=["form_key"]).returning(_TABLE.c.id)
)
_FILL = sa.update(_TABLE).where(_TABLE.c.id == sa.bindparam("receipt_id")).values(reference=sa.bindparam("recorded"))
_FIND = sa.select(_TABLE).where(_TABLE.c.form_key == sa.bindparam("form_key"))


def has_recorded(session: Session, *, form_key: str, person_id: int | None) -> bool:
    """Whether a form with this key of this person has left something."""
    receipt = session.execute(_FIND, {"form_key": form_key[:KEY_MAX]}).one_or_none()
    return receipt is not None and receipt.person_id == person_id


def digest_of(**content: object) -> str:
    """A digest of a form's content, equal when sent again."""
    return hashlib.sha256(json.dumps(content, sort_keys=True, default=str).encode()).hexdigest()


def claim(
    session: Session, *, form_key: str | None, person_id: int | None, now: datetime, content: dict[str, object]
) -> Claim:
    """What a key has recorded; the caller fills the first claim with the reference of what it makes.

    A second sender waits on the unique key until the first one ends. What comes without a form (a loader, the clock)
    is not guarded. Raises KeyReused when the key already recorded another content or belongs to another person.
    """
    if not form_key or person_id is None:
        return Claim(session, None)
    row = {"form_key": form_key[:KEY_MAX], "person_id": person_id, "digest": digest_of(**content)}
    made = session.execute(_ISSUE(session), {**row, "reference": "", "issued_at": now}).scalar_one_or_none()
    if made is not None:
        return Claim(session, made)
    receipt = session.execute(_FIND, {"form_key": row["form_key"]}).one()
    if receipt.person_id != person_id or receipt.digest != row["digest"]:
        raise KeyReused(receipt.reference if receipt.person_id == person_id else "")
    return Claim(session, receipt.id, receipt.reference)
