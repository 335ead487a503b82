"""Keep the acts of moderators with what they replaced, claims, notes and stored texts; mails wait under a key."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

ACTS = ("publish", "observe", "reject", "hide", "unhide", "review", "expire", "report")
REASONS = ("spam", "offensive", "personal_data", "empty", "not_public", "test", "not_completed")
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.add_column("outbox", sa.Column("hold_key", sa.Text(), nullable=True))
    op.create_index("ix_outbox_hold_key", "outbox", ["hold_key"])
    op.create_table(
        "moderation_act",
        sa.Column("batch", sa.Text(), nullable=False),
        sa.Column("contribution_id", sa.Integer(), nullable=False),
        sa.Column("plan_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("act", sa.Enum(*ACTS, name="act", native_enum=False, length=40), nullable=False),
        sa.Column("reason", sa.Enum(*REASONS, name="rejectionreason", native_enum=False, length=40), nullable=True),
        sa.Column("done_at", MOMENT, nullable=False),
        sa.Column("month", sa.Text(), nullable=False),
        sa.Column("waited_seconds", sa.Integer(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("before", sa.JSON(), nullable=False),
        sa.Column("undone_at", MOMENT, nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        *_keys("moderation_act", contribution="contribution", plan="plan", person="person"),
    )
    op.create_index("ix_moderation_act_batch", "moderation_act", ["batch"])
    op.create_index("ix_moderation_act_contribution_id", "moderation_act", ["contribution_id"])
    op.create_index("ix_moderation_act_totals", "moderation_act", ["plan_id", "act", "month"])
    op.create_table(
        "claim",
        sa.Column("contribution_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("claimed_at", MOMENT, nullable=False),
        sa.Column("ends_at", MOMENT, nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        *_keys("claim", contribution="contribution", person="person"),
        sa.UniqueConstraint("contribution_id", name="uq_claim_contribution_id"),
    )
    op.create_table(
        "staff_note",
        sa.Column("contribution_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("written_at", MOMENT, nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        *_keys("staff_note", contribution="contribution", person="person"),
    )
    op.create_index("ix_staff_note_contribution_id", "staff_note", ["contribution_id"])
    op.create_table(
        "stored_text",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_stored_text"),
        sa.UniqueConstraint("code", name="uq_stored_text_code"),
    )


def _keys(table: str, **targets: str) -> list[sa.Constraint]:
    """The primary key, and a foreign key for each `<name>_id`."""
    return [
        sa.PrimaryKeyConstraint("id", name=f"pk_{table}"),
        *(
            sa.ForeignKeyConstraint([f"{name}_id"], [f"{target}.id"], name=f"fk_{table}_{name}_id_{target}")
            for name, target in targets.items()
        ),
    ]


def downgrade() -> None:
    # What was taken back was never sent; the older code knows no such state.
    op.execute("DELETE FROM outbox WHERE state = 'cancelled'")
    for table in ("stored_text", "staff_note", "claim", "moderation_act"):
        op.drop_table(table)
    op.drop_index("ix_outbox_hold_key", "outbox")
    op.drop_column("outbox", "hold_key")
