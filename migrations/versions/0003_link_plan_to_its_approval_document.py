"""Let a plan point to the document that approved it; documents point to plans, so the link comes last."""

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

NAME = "fk_plan_approval_document_id_document"


def upgrade() -> None:
    with op.batch_alter_table("plan") as plan:
        plan.create_foreign_key(NAME, "document", ["approval_document_id"], ["id"])


def downgrade() -> None:
    with op.batch_alter_table("plan") as plan:
        plan.drop_constraint(NAME, type_="foreignkey")
