"""Keep what the public read before an edit, and edits that wait for moderation."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

REASONS = ("spam", "offensive", "personal_data", "empty", "not_public", "test", "not_completed")


def upgrade() -> None:
    op.add_column("contribution", sa.Column("edited_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("revision", sa.Column("was_public", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("revision", sa.Column("public_title", sa.Text(), nullable=True))
    op.add_column("revision", sa.Column("public_body", sa.Text(), nullable=True))
    op.create_table(
        "pending_edit",
        sa.Column("contribution_id", sa.Integer(), nullable=False),
        sa.Column("title", sa.Text(), nullable=True),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("html", sa.Text(), nullable=False),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("rejected_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reason", sa.Enum(*REASONS, name="rejectionreason", native_enum=False, length=40), nullable=True),
        sa.Column("reason_text", sa.Text(), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["contribution_id"], ["contribution.id"], name="fk_pending_edit_contribution_id_contribution"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_pending_edit"),
        sa.UniqueConstraint("contribution_id", name="uq_pending_edit_contribution_id"),
    )
    op.create_index("ix_pending_edit_written_at", "pending_edit", ["written_at"])


def downgrade() -> None:
    op.drop_table("pending_edit")
    for column in ("public_body", "public_title", "was_public"):
        op.drop_column("revision", column)
    op.drop_column("contribution", "edited_at")
