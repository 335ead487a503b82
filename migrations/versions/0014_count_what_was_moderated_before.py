"""Count in the public totals what was moderated before acts had rows of their own, as the log tells it."""

from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

ACTS = "('contribution.publish', 'contribution.observe', 'contribution.reject', 'contribution.hide', " + (
    "'contribution.unhide', 'contribution.expire')"
)
# The month of El Salvador, the seconds between two moments, and an empty object, as each engine writes them.
SQLITE = (
    "strftime('%Y-%m', entry.at, '-6 hours')",
    "CAST(round((julianday(entry.at) - julianday(contribution.received_at)) * 86400) AS INTEGER)",
    "'{}'",
)
POSTGRESQL = (
    "to_char(entry.at AT TIME ZONE 'America/El_Salvador', 'YYYY-MM')",
    "CAST(EXTRACT(EPOCH FROM entry.at - contribution.received_at) AS INTEGER)",
    "CAST('{}' AS JSON)",
)
FILL = """
INSERT INTO moderation_act (batch, contribution_id, plan_id, person_id, act, reason, done_at, month, waited_seconds,
  version, before)
SELECT 'log-' || entry.id, contribution.id, contribution.plan_id, entry.person_id,
  replace(entry.act, 'contribution.', ''),
  CASE WHEN (contribution.state = 'rejected' AND entry.act IN ('contribution.reject', 'contribution.expire'))
    OR (contribution.state = 'hidden' AND entry.act = 'contribution.hide') THEN contribution.reason END,
  entry.at, {month},
  CASE WHEN entry.id = (SELECT min(first.id) FROM audit_entry AS first WHERE first.object_type = 'contribution'
      AND first.object_id = contribution.id AND first.act IN {acts})
    AND {waited} >= 0 THEN {waited} END,
  0, {nothing}
FROM audit_entry AS entry JOIN contribution ON contribution.id = entry.object_id
WHERE entry.object_type = 'contribution' AND entry.act IN {acts}
  AND NOT EXISTS (SELECT 1 FROM moderation_act AS kept
    WHERE kept.contribution_id = contribution.id AND kept.done_at = entry.at)
"""


def upgrade() -> None:
    month, waited, nothing = SQLITE if op.get_bind().dialect.name == "sqlite" else POSTGRESQL
    op.execute(FILL.format(acts=ACTS, month=month, waited=waited, nothing=nothing))


def downgrade() -> None:
    op.execute("DELETE FROM moderation_act WHERE batch LIKE 'log-%'")
