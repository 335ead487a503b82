"""Keep what else opens an account: mailed codes, authenticators, recovery codes, passkeys, another address."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

TABLES = ("email_change", "passkey", "recovery_code", "authenticator", "sign_in_code")
# What points to these from outside must never find another row under the same id.
NEVER_AGAIN = ("sign_in_code", "email_change")


def _moment(name: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def _text(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), nullable=False)


def _create(table: str, *parts: sa.schema.SchemaItem, nullable_account: bool = False) -> None:
    op.create_table(
        table,
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=nullable_account),
        *parts,
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=f"fk_{table}_account_id_account"),
        sa.PrimaryKeyConstraint("id", name=f"pk_{table}"),
        sqlite_autoincrement=table in NEVER_AGAIN,
    )


def upgrade() -> None:
    tries = sa.Column("tries", sa.Integer(), nullable=False)
    _create("sign_in_code", _text("seed"), tries, _moment("expires_at"), nullable_account=True)
    op.create_index("ix_sign_in_code_account_id", "sign_in_code", ["account_id"])
    op.create_index("ix_sign_in_code_expires_at", "sign_in_code", ["expires_at"])
    _create(
        "authenticator",
        _text("sealed_key"),
        sa.Column("last_count", sa.Integer(), nullable=False),
        _moment("created_at"),
        sa.UniqueConstraint("account_id", name="uq_authenticator_account_id"),
    )
    unique = sa.UniqueConstraint("account_id", "code_hash", name="uq_recovery_code_account_id_code_hash")
    _create("recovery_code", _text("code_hash"), unique)
    _create(
        "passkey",
        _text("credential_id"),
        _text("public_key"),
        sa.Column("use_count", sa.BigInteger(), nullable=False),
        _text("name"),
        _moment("created_at"),
        _moment("last_used_at", nullable=True),
        sa.UniqueConstraint("credential_id", name="uq_passkey_credential_id"),
    )
    op.create_index("ix_passkey_account_id", "passkey", ["account_id"])
    unique = sa.UniqueConstraint("account_id", name="uq_email_change_account_id")
    _create("email_change", _text("email"), _moment("asked_at"), unique)


def downgrade() -> None:
    for table in TABLES:
        op.drop_table(table)
