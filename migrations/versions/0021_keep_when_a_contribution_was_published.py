"""Keep when everybody could first read a contribution, as far as the log and the present states tell."""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

FILL = """
UPDATE contribution SET published_at = COALESCE((
    SELECT MIN(at) FROM audit_entry
    WHERE object_type = 'contribution' AND object_id = contribution.id AND to_state = 'published'
), received_at)
WHERE state IN ('published', 'hidden') OR (state = 'withdrawn' AND EXISTS (
    SELECT 1 FROM audit_entry
    WHERE object_type = 'contribution' AND object_id = contribution.id
    AND to_state = 'withdrawn' AND from_state IN ('published', 'hidden')
))
"""


def upgrade() -> None:
    op.add_column("contribution", sa.Column("published_at", sa.DateTime(timezone=True), nullable=True))
    op.execute(FILL)


def downgrade() -> None:
    op.drop_column("contribution", "published_at")
