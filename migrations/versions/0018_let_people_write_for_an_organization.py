"""Keep who represents an organisation, and on whose behalf a contribution was written."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

KINDS = (
    *("ministry", "secretariat", "autonomous", "municipality", "other_body"),
    *("civil_society", "academia", "private", "media", "group"),
)
STATES = ("waiting", "confirmed", "declined", "withdrawn", "ended", "revoked")
IS_LIVE = sa.text("state IN ('waiting', 'confirmed')")
# Both engines take the reference with the column, and so nothing has to be copied.
REFERENCE = "INTEGER CONSTRAINT fk_contribution_organization_id_institution REFERENCES institution (id)"


def upgrade() -> None:
    op.create_table(
        "representation",
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("institution_id", sa.Integer(), nullable=True),
        sa.Column("new_code", sa.Text(), nullable=True),
        sa.Column("new_name", sa.Text(), nullable=True),
        sa.Column("new_kind", sa.Enum(*KINDS, name="institutionkind", native_enum=False, length=40), nullable=True),
        sa.Column("post", sa.Text(), nullable=False),
        sa.Column("evidence", sa.Text(), nullable=False),
        sa.Column("state", sa.Enum(*STATES, name="representationstate", native_enum=False, length=40), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("judged_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_representation_person_id_person"),
        sa.ForeignKeyConstraint(
            ["institution_id"], ["institution.id"], name="fk_representation_institution_id_institution"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_representation"),
    )
    op.create_index("ix_representation_person_id", "representation", ["person_id"])
    op.create_index("ix_representation_state", "representation", ["state", "asked_at"])
    op.create_index(
        "uq_representation_live",
        "representation",
        ["person_id"],
        unique=True,
        sqlite_where=IS_LIVE,
        postgresql_where=IS_LIVE,
    )
    op.execute(f"ALTER TABLE contribution ADD COLUMN organization_id {REFERENCE}")


def downgrade() -> None:
    op.execute("ALTER TABLE contribution DROP COLUMN organization_id")
    op.execute("DELETE FROM membership WHERE role = 'org_rep'")
    op.drop_table("representation")
