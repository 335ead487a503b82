"""Keep what people may tell of themselves, apart from who they are."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

SEXES = ("woman", "man")
AGES = ("15-17", "18-24", "25-29", "30-44", "45-59", "60+")
DEPARTMENTS = (
    *("ahuachapan", "santa_ana", "sonsonate", "chalatenango", "la_libertad", "san_salvador", "cuscatlan"),
    *("la_paz", "cabanas", "san_vicente", "usulutan", "san_miguel", "morazan", "la_union"),
)


def upgrade() -> None:
    op.create_table(
        "demographics",
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("sex", sa.Enum(*SEXES, name="sex", native_enum=False, length=40), nullable=True),
        sa.Column("age_range", sa.Enum(*AGES, name="agerange", native_enum=False, length=40), nullable=True),
        sa.Column("department", sa.Enum(*DEPARTMENTS, name="department", native_enum=False, length=40), nullable=True),
        sa.Column("consent_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("consent_version", sa.Text(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_demographics_person_id_person"),
        sa.PrimaryKeyConstraint("id", name="pk_demographics"),
        sa.UniqueConstraint("person_id", name="uq_demographics_person_id"),
    )


def downgrade() -> None:
    op.drop_table("demographics")
