"""Receipts: each form carries a key, and one key records one thing, however often it is sent."""

import hashlib
import json
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
