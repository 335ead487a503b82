"""Taking part without an account: a text that waits for its author's mail, and the code that follows it afterwards."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from consulta.contributions.models import Contribution
from consulta.database import Base
from consulta.people.models import Institution
from consulta.plans.models import Topic


class GuestSubmission(Base):
    """A text sent with a name and an address. It becomes a contribution when who reads the address says so.

    Nobody sees it meanwhile, and it is dropped after its term. A confirmed one stays until then, so that the same
    link leads to what it made; `confirmed_by` is the key of the form that made it.
    """

    __tablename__ = "guest_submission"

    email: Mapped[str]
    public_name: Mapped[str]
    consent_version: Mapped[str]
    form_key: Mapped[str] = mapped_column(unique=True)
    digest: Mapped[str]
    topic_id: Mapped[int | None] = mapped_column(sa.ForeignKey("topic.id"))
    parent_id: Mapped[int | None] = mapped_column(sa.ForeignKey("contribution.id"))
    title: Mapped[str]
    body: Mapped[str]
    suggested_institution_id: Mapped[int | None] = mapped_column(sa.ForeignKey("institution.id"))
    suggested_institution_text: Mapped[str]
    # How it was sent, for who moderates it.
    seconds: Mapped[float]
    is_trapped: Mapped[bool]
    address_prefix: Mapped[str | None]
    created_at: Mapped[datetime] = mapped_column(index=True)
    confirmed_by: Mapped[str | None]
    contribution_id: Mapped[int | None] = mapped_column(sa.ForeignKey("contribution.id"))

    topic: Mapped[Topic | None] = relationship()
    parent: Mapped[Contribution | None] = relationship(foreign_keys=[parent_id])
    suggested_institution: Mapped[Institution | None] = relationship()
    contribution: Mapped[Contribution | None] = relationship(foreign_keys=[contribution_id])


class TrackingCode(Base):
    """The code that opens one contribution to who has it and its folio.

    Only a digest of it is kept; with the secret of the site it can be made again from `seed`, for the mail.
    """

    __tablename__ = "tracking_code"

    contribution_id: Mapped[int] = mapped_column(sa.ForeignKey("contribution.id"), unique=True)
    seed: Mapped[str]
    code_hash: Mapped[str] = mapped_column(unique=True)
    issued_at: Mapped[datetime]
