"""Count how often something was done lately, so that limits hold across processes."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "spent",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_use", sa.Text(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_spent"),
        sa.UniqueConstraint("key", name="uq_spent_key"),
    )
    op.create_index("ix_spent_ends_at", "spent", ["ends_at"])


def downgrade() -> None:
    op.drop_table("spent")
