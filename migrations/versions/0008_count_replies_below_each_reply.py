"""Count the replies below each reply, as it was already done for what stands at the top of a topic."""

from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

# One row for each pair of a published reply and something above it.
ABOVE = """
    WITH RECURSIVE above (id, parent_id) AS (
        SELECT id, parent_id FROM contribution WHERE parent_id IS NOT NULL AND state = 'published'
        UNION ALL
        SELECT contribution.id, contribution.parent_id FROM contribution JOIN above ON contribution.id = above.parent_id
    ), counted (id, number) AS (
        SELECT parent_id, count(*) FROM above WHERE parent_id IS NOT NULL GROUP BY parent_id
    )
    UPDATE contribution SET reply_count = (SELECT number FROM counted WHERE counted.id = contribution.id)
    WHERE parent_id IS NOT NULL AND id IN (SELECT id FROM counted)
"""


def upgrade() -> None:
    op.execute(ABOVE)


def downgrade() -> None:
    op.execute("UPDATE contribution SET reply_count = 0 WHERE parent_id IS NOT NULL")
