"""Let people without an account report a text."""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def _let_be_unknown(*, nullable: bool) -> None:
    with op.batch_alter_table("report") as table:
        table.alter_column("person_id", existing_type=sa.Integer(), nullable=nullable)


def upgrade() -> None:
    _let_be_unknown(nullable=True)


def downgrade() -> None:
    op.execute("DELETE FROM report WHERE person_id IS NULL")
    _let_be_unknown(nullable=False)
