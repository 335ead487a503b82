"""Keep texts that wait for their author's mail, and the codes that follow a contribution without an account."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "guest_submission",
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("public_name", sa.Text(), nullable=False),
        sa.Column("consent_version", sa.Text(), nullable=False),
        sa.Column("form_key", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("topic_id", sa.Integer(), nullable=True),
        sa.Column("parent_id", sa.Integer(), nullable=True),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("suggested_institution_id", sa.Integer(), nullable=True),
        sa.Column("suggested_institution_text", sa.Text(), nullable=False),
        sa.Column("seconds", sa.Float(), nullable=False),
        sa.Column("is_trapped", sa.Boolean(), nullable=False),
        sa.Column("address_prefix", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("confirmed_by", sa.Text(), nullable=True),
        sa.Column("contribution_id", sa.Integer(), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["topic_id"], ["topic.id"], name="fk_guest_submission_topic_id_topic"),
        sa.ForeignKeyConstraint(["parent_id"], ["contribution.id"], name="fk_guest_submission_parent_id_contribution"),
        sa.ForeignKeyConstraint(
            ["suggested_institution_id"],
            ["institution.id"],
            name="fk_guest_submission_suggested_institution_id_institution",
        ),
        sa.ForeignKeyConstraint(
            ["contribution_id"], ["contribution.id"], name="fk_guest_submission_contribution_id_contribution"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_guest_submission"),
        sa.UniqueConstraint("form_key", name="uq_guest_submission_form_key"),
    )
    op.create_index("ix_guest_submission_created_at", "guest_submission", ["created_at"])
    op.create_table(
        "tracking_code",
        sa.Column("contribution_id", sa.Integer(), nullable=False),
        sa.Column("seed", sa.Text(), nullable=False),
        sa.Column("code_hash", sa.Text(), nullable=False),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["contribution_id"], ["contribution.id"], name="fk_tracking_code_contribution_id_contribution"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_tracking_code"),
        sa.UniqueConstraint("contribution_id", name="uq_tracking_code_contribution_id"),
        sa.UniqueConstraint("code_hash", name="uq_tracking_code_code_hash"),
    )


def downgrade() -> None:
    op.drop_table("tracking_code")
    op.drop_table("guest_submission")
