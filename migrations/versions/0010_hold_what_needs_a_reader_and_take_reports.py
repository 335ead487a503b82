"""Keep why a contribution waits for a reader, what was reported of it, and from when on a topic holds one."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

REASONS = ("spam", "offensive", "personal_data", "threat", "off_topic", "other")
STATES = ("open", "upheld", "dismissed")
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.add_column("contribution", sa.Column("held_for", sa.JSON(), nullable=False, server_default="[]"))
    op.add_column("contribution", sa.Column("text_digest", sa.Text(), nullable=True))
    op.add_column("contribution", sa.Column("address_prefix", sa.Text(), nullable=True))
    op.drop_index("ix_contribution_person_id", "contribution")
    op.create_index("ix_contribution_author", "contribution", ["person_id", "state"])
    for name, columns in (("text", ["text_digest", "person_id"]), ("origin", ["address_prefix", "received_at"])):
        known = sa.text(f"{columns[0]} IS NOT NULL")
        op.create_index(f"ix_contribution_{name}", "contribution", columns, sqlite_where=known, postgresql_where=known)
    op.add_column("topic", sa.Column("thresholds", sa.JSON(), nullable=False, server_default="{}"))
    op.create_table(
        "report",
        sa.Column("contribution_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("reason", sa.Enum(*REASONS, name="reportreason", native_enum=False, length=40), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("reported_at", MOMENT, nullable=False),
        sa.Column("state", sa.Enum(*STATES, name="reportstate", native_enum=False, length=40), nullable=False),
        sa.Column("closed_at", MOMENT, nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["contribution_id"], ["contribution.id"], name="fk_report_contribution_id_contribution"
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_report_person_id_person"),
        sa.PrimaryKeyConstraint("id", name="pk_report"),
        sa.UniqueConstraint("contribution_id", "person_id", name="uq_report_contribution_id_person_id"),
    )
    op.create_index("ix_report_person_id", "report", ["person_id"])
    op.create_index("ix_report_state", "report", ["state", "contribution_id"])


def downgrade() -> None:
    op.drop_table("report")
    op.drop_column("topic", "thresholds")
    for name in ("origin", "text", "author"):
        op.drop_index(f"ix_contribution_{name}", "contribution")
    op.create_index("ix_contribution_person_id", "contribution", ["person_id"])
    for column in ("address_prefix", "text_digest", "held_for"):
        op.drop_column("contribution", column)
