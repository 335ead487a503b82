"""Who takes part: persons, what they are in each institution, and how they sign in."""

import enum
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from consulta.database import Base, Imported, Versioned


class Role(enum.Enum):
    """What a person is, in one institution or in the whole consultation; a contributor needs no membership."""

    MODERATOR = "moderator"
    COORDINATOR = "coordinator"
    LIAISON = "liaison"
    OBSERVER = "observer"
    APPROVER = "approver"
    ADMIN = "admin"
    # No part of the team: what they write can be on behalf of an organisation.
    ORG_REP = "org_rep"


STAFF_ROLES = frozenset(Role) - {Role.ORG_REP}


class PersonKind(enum.Enum):
    PERSON = "person"
    ORGANIZATION = "organization"
    INSTITUTION = "institution"
    ANONYMOUS = "anonymous"


class InstitutionKind(enum.Enum):
    MINISTRY = "ministry"
    SECRETARIAT = "secretariat"
    AUTONOMOUS = "autonomous"
    MUNICIPALITY = "municipality"
    OTHER_BODY = "other_body"
    CIVIL_SOCIETY = "civil_society"
    ACADEMIA = "academia"
    PRIVATE = "private"
    MEDIA = "media"
    GROUP = "group"


PUBLIC_BODIES = frozenset(
    {
        InstitutionKind.MINISTRY,
        InstitutionKind.SECRETARIAT,
        InstitutionKind.AUTONOMOUS,
        InstitutionKind.MUNICIPALITY,
        InstitutionKind.OTHER_BODY,
    }
)


class Institution(Base, Versioned, Imported):
    """A public body or an organisation of society, known by its acronym."""

    __tablename__ = "institution"

    code: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    kind: Mapped[InstitutionKind]
    email: Mapped[str | None]
    valid_from: Mapped[date | None]
    valid_to: Mapped[date | None]
    successor_id: Mapped[int | None] = mapped_column(sa.ForeignKey("institution.id"))

    @property
    def is_public_body(self) -> bool:
        return self.kind in PUBLIC_BODIES


class Person(Base, Versioned, Imported):
    """Somebody who takes part. `public_name` may be an alias; the rest of the row is never published.

    Who asked to be erased leaves the row, which holds together what is counted; from `retired_at` on nothing can be
    done in that name.
    """

    __tablename__ = "person"
    __table_args__ = (
        sa.Index(
            "ix_person_retired",
            "retired_at",
            sqlite_where=sa.text("retired_at IS NOT NULL"),
            postgresql_where=sa.text("retired_at IS NOT NULL"),
        ),
    )

    kind: Mapped[PersonKind] = mapped_column(default=PersonKind.PERSON)
    public_name: Mapped[str]
    email: Mapped[str | None] = mapped_column(index=True)
    institution_id: Mapped[int | None] = mapped_column(sa.ForeignKey("institution.id"))
    created_at: Mapped[datetime]
    consent_at: Mapped[datetime | None]
    consent_version: Mapped[str | None]
    retired_at: Mapped[datetime | None]

    institution: Mapped[Institution | None] = relationship()
    memberships: Mapped[list["Membership"]] = relationship(back_populates="person")

    @property
    def is_staff(self) -> bool:
        """Whether some role makes it part of the team, with all that this asks for."""
        return any(membership.role in STAFF_ROLES for membership in self.memberships)


class Membership(Base):
    """One role of one person, in one institution or (no institution) in the whole site."""

    __tablename__ = "membership"
    __table_args__ = (sa.UniqueConstraint("person_id", "institution_id"),)

    person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))
    institution_id: Mapped[int | None] = mapped_column(sa.ForeignKey("institution.id"), index=True)
    role: Mapped[Role]

    person: Mapped[Person] = relationship(back_populates="memberships")
    institution: Mapped[Institution | None] = relationship()


class Account(Base, Versioned):
    """How a person signs in, with or without a password. Without `confirmed_at` nobody has proven its address yet."""

    __tablename__ = "account"

    person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"), unique=True)
    email: Mapped[str] = mapped_column(unique=True)
    password_hash: Mapped[str | None]
    is_active: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[datetime]
    confirmed_at: Mapped[datetime | None]

    person: Mapped[Person] = relationship()


class SignUp(Base):
    """An account that somebody asked for. It becomes one when who reads the address says so, and is dropped otherwise.

    A row is kept for every request alike: that the address has an account already shows only in its mail.
    """

    __tablename__ = "sign_up"

    email: Mapped[str] = mapped_column(index=True)
    public_name: Mapped[str]
    password_hash: Mapped[str]
    consent_version: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(index=True)


class SignInCode(Base):
    """A code that was mailed to enter once. Only `seed` is kept: the code comes from it and the secret key.

    Without an account it was asked for an address that nobody has, and no code fits.
    """

    __tablename__ = "sign_in_code"
    # A browser knows its code by the id, which must never become that of another one.
    __table_args__ = {"sqlite_autoincrement": True}

    account_id: Mapped[int | None] = mapped_column(sa.ForeignKey("account.id"), index=True)
    seed: Mapped[str]
    tries: Mapped[int] = mapped_column(default=0)
    expires_at: Mapped[datetime] = mapped_column(index=True)


class Authenticator(Base):
    """The application that gives an account its codes. `sealed_key` is encrypted; no count is used twice."""

    __tablename__ = "authenticator"

    account_id: Mapped[int] = mapped_column(sa.ForeignKey("account.id"), unique=True)
    sealed_key: Mapped[str]
    last_count: Mapped[int]
    created_at: Mapped[datetime]


class RecoveryCode(Base):
    """One of the codes that stand in for a lost telephone, by its SHA-256; it goes with its use."""

    __tablename__ = "recovery_code"
    __table_args__ = (sa.UniqueConstraint("account_id", "code_hash"),)

    account_id: Mapped[int] = mapped_column(sa.ForeignKey("account.id"))
    code_hash: Mapped[str]


class Passkey(Base):
    """A key pair that a device keeps for an account: `public_key` and the count of its uses are what we know of it."""

    __tablename__ = "passkey"

    account_id: Mapped[int] = mapped_column(sa.ForeignKey("account.id"), index=True)
    credential_id: Mapped[str] = mapped_column(unique=True)
    public_key: Mapped[str]
    use_count: Mapped[int] = mapped_column(sa.BigInteger())
    name: Mapped[str]
    created_at: Mapped[datetime]
    last_used_at: Mapped[datetime | None]


class Identity(Base):
    """What an identity provider calls somebody: at `issuer` the `subject` is theirs for good, and opens one account."""

    __tablename__ = "identity"
    __table_args__ = (sa.UniqueConstraint("issuer", "subject"),)

    account_id: Mapped[int] = mapped_column(sa.ForeignKey("account.id"), index=True)
    provider: Mapped[str]
    issuer: Mapped[str]
    subject: Mapped[str]
    created_at: Mapped[datetime]


class IdentityClaim(Base):
    """Somebody whom a provider knows, and an address of theirs that nobody vouches for: a code was mailed there.

    As with `SignInCode` only the seed is kept, and a row is kept for every address alike.
    """

    __tablename__ = "identity_claim"
    # A browser knows its code by the id, which must never become that of another one.
    __table_args__ = {"sqlite_autoincrement": True}

    email: Mapped[str]
    provider: Mapped[str]
    issuer: Mapped[str]
    subject: Mapped[str]
    public_name: Mapped[str]
    consent_version: Mapped[str]
    seed: Mapped[str]
    tries: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime] = mapped_column(index=True)


class EmailChange(Base):
    """The address that an account wants; it gets it once somebody who reads there says so."""

    __tablename__ = "email_change"
    # A mail that waits knows it by the id.
    __table_args__ = {"sqlite_autoincrement": True}

    account_id: Mapped[int] = mapped_column(sa.ForeignKey("account.id"), unique=True)
    email: Mapped[str]
    asked_at: Mapped[datetime]


class LoginSession(Base):
    """A browser's session: `token_hash` is the SHA-256 of what its cookie holds. Deleting the row ends it at once."""

    __tablename__ = "login_session"

    token_hash: Mapped[str] = mapped_column(unique=True)
    account_id: Mapped[int | None] = mapped_column(sa.ForeignKey("account.id"), index=True)
    device: Mapped[str]
    data: Mapped[dict[str, Any]] = mapped_column(default=dict)
    created_at: Mapped[datetime]
    last_seen_at: Mapped[datetime]
    expires_at: Mapped[datetime] = mapped_column(index=True)

    account: Mapped[Account | None] = relationship()
