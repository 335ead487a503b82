"""Receipts: each form carries a key, and one key records one thing, however often it is sent."""

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Mapped, Session, mapped_column

from consulta.database import Base
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


def digest_of(**content: object) -> str:
    """A digest of a form's content, equal when sent again."""
    return hashlib.sha256(json.dumps(content, sort_keys=True, default=str).encode()).hexdigest()


def claim(session: Session, *, form_key: str, person_id: int, digest: str, now: datetime) -> tuple[Receipt, bool]:
    """The receipt of a key, and whether this call made it; the caller then fills its `reference`.

    A second sender waits on the unique key until the first one ends. Raises KeyReused when the key already
    recorded another content or belongs to another person.
    """
    insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    made = session.execute(
        insert(Receipt)
        .values(form_key=form_key[:KEY_MAX], person_id=person_id, digest=digest, reference="", issued_at=now)
        .on_conflict_do_nothing(index_elements=["form_key"])
        .returning(Receipt.id)
    ).scalar_one_or_none()
    receipt = session.scalars(sa.select(Receipt).where(Receipt.form_key == form_key[:KEY_MAX])).one()
    if receipt.person_id != person_id or receipt.digest != digest:
        raise KeyReused(receipt.reference if receipt.person_id == person_id else "")
    return receipt, made is not None


@dataclass
class Claim:
    """What a form's key has recorded: `earlier` is the reference left by the first sending, empty in the first."""

    receipt: Receipt | None
    earlier: str

    def fill(self, reference: object) -> None:
        """Keep what this sending recorded."""
        if self.receipt is not None:
            self.receipt.reference = str(reference)


def claim_once(
    session: Session, *, form_key: str | None, person_id: int | None, now: datetime, **content: object
) -> Claim:
    """As `claim`, for acts that also come without a form (a loader, the clock): those are not guarded."""
    if not form_key or person_id is None:
        return Claim(None, "")
    digest = digest_of(**content)
    receipt, made = claim(session, form_key=form_key, person_id=person_id, digest=digest, now=now)
    return Claim(receipt, "" if made else receipt.reference)
