"""Keep who asked to be erased, mark who was, and let the log lose what named them and nothing else."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

# While somebody is being erased, and only then, an entry may lose the name of who acted, if that person is retired, its
# reason and its detail. Everything else of it stays, and so does the row.
FIXED = ("id", "at", "person_id", "role", "act", "object_type", "object_id", "from_state", "to_state")
LOST = """
EXISTS (SELECT 1 FROM person WHERE retired_at IS NOT NULL
    AND (public_name <> 'Aportante retirado' OR email IS NOT NULL))
AND (NEW.actor = OLD.actor OR (NEW.actor = 'Aportante retirado'
    AND EXISTS (SELECT 1 FROM person WHERE id = OLD.person_id AND retired_at IS NOT NULL)))
AND (NEW.reason IS NULL OR COALESCE(NEW.reason = OLD.reason, FALSE))
AND (CAST(NEW.detail AS TEXT) = '{}' OR CAST(NEW.detail AS TEXT) = CAST(OLD.detail AS TEXT))
"""
REFUSAL = "the audit log is append-only"
SQLITE = (
    "CREATE TRIGGER audit_entry_no_UPDATE BEFORE UPDATE ON audit_entry {when} BEGIN SELECT RAISE(ABORT, '{text}'); END"
)
POSTGRESQL = (
    "CREATE OR REPLACE FUNCTION refuse_audit_change() RETURNS trigger LANGUAGE plpgsql AS "
    "$$ BEGIN {allow} RAISE EXCEPTION '{text}'; END $$"
)


def _let_lose() -> None:
    if op.get_bind().dialect.name == "sqlite":
        same = " AND ".join(f"NEW.{name} IS OLD.{name}" for name in FIXED)
        op.execute("DROP TRIGGER audit_entry_no_UPDATE")
        op.execute(SQLITE.format(when=f"WHEN NOT ({same} AND {LOST})", text=REFUSAL))
        return
    same = " AND ".join(f"NEW.{name} IS NOT DISTINCT FROM OLD.{name}" for name in FIXED)
    allow = f"IF TG_OP = 'UPDATE' THEN IF {same} AND {LOST} THEN RETURN NEW; END IF; END IF;"
    op.execute(POSTGRESQL.format(allow=allow, text=REFUSAL))


def _refuse_all() -> None:
    if op.get_bind().dialect.name == "sqlite":
        op.execute("DROP TRIGGER audit_entry_no_UPDATE")
        op.execute(SQLITE.format(when="", text=REFUSAL))
        return
    op.execute(POSTGRESQL.format(allow="", text=REFUSAL))


def upgrade() -> None:
    op.create_table(
        "erasure",
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("all_texts", sa.Boolean(), nullable=False),
        sa.Column("text_ids", sa.JSON(), nullable=False),
        sa.Column("other_ids", sa.JSON(), nullable=False),
        sa.Column("farewell_to", sa.Text(), nullable=True),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_erasure_person_id_person"),
        sa.PrimaryKeyConstraint("id", name="pk_erasure"),
        sa.UniqueConstraint("person_id", name="uq_erasure_person_id"),
        sqlite_autoincrement=True,
    )
    op.add_column("person", sa.Column("retired_at", sa.DateTime(timezone=True), nullable=True))
    known = sa.text("retired_at IS NOT NULL")
    op.create_index("ix_person_retired", "person", ["retired_at"], sqlite_where=known, postgresql_where=known)
    _let_lose()


def downgrade() -> None:
    _refuse_all()
    op.drop_index("ix_person_retired", table_name="person")
    op.drop_column("person", "retired_at")
    op.drop_table("erasure")
