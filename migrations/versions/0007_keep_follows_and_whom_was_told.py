"""Keep what people follow, what happened and who was told; the queue of the outbox is read kind by kind."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

MODES = ("at_once", "daily", "weekly", "off")
KINDS = (
    "proposal_published",
    "reply_published",
    "merged",
    "unmerged",
    "forwarded",
    "results",
)
ANSWERS = sa.text("topic_id IS NULL AND proposal_id IS NULL")
WAITING = sa.text("mail_id IS NULL AND mode IN ('daily', 'weekly')")


def upgrade() -> None:
    op.create_table(
        "follow",
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("topic_id", sa.Integer(), nullable=True),
        sa.Column("proposal_id", sa.Integer(), nullable=True),
        sa.Column("mode", sa.Enum(*MODES, name="mode", native_enum=False, length=40), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_follow_person_id_person")),
        sa.ForeignKeyConstraint(["topic_id"], ["topic.id"], name=op.f("fk_follow_topic_id_topic")),
        sa.ForeignKeyConstraint(["proposal_id"], ["proposal.id"], name=op.f("fk_follow_proposal_id_proposal")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_follow")),
        sa.UniqueConstraint("topic_id", "person_id", name=op.f("uq_follow_topic_id_person_id")),
        sa.UniqueConstraint("proposal_id", "person_id", name=op.f("uq_follow_proposal_id_person_id")),
    )
    op.create_index(
        "uq_follow_answers", "follow", ["person_id"], unique=True, sqlite_where=ANSWERS, postgresql_where=ANSWERS
    )
    op.create_index("ix_follow_person", "follow", ["person_id", "id"])
    op.create_table(
        "event",
        sa.Column("kind", sa.Enum(*KINDS, name="eventkind", native_enum=False, length=40), nullable=False),
        sa.Column("outbox_id", sa.Integer(), nullable=False),
        sa.Column("contribution_id", sa.Integer(), nullable=True),
        sa.Column("proposal_id", sa.Integer(), nullable=True),
        sa.Column("plan_id", sa.Integer(), nullable=True),
        sa.Column("actor_id", sa.Integer(), nullable=True),
        sa.Column("happened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["contribution_id"], ["contribution.id"], name=op.f("fk_event_contribution_id_contribution")
        ),
        sa.ForeignKeyConstraint(["proposal_id"], ["proposal.id"], name=op.f("fk_event_proposal_id_proposal")),
        sa.ForeignKeyConstraint(["plan_id"], ["plan.id"], name=op.f("fk_event_plan_id_plan")),
        sa.ForeignKeyConstraint(["actor_id"], ["person.id"], name=op.f("fk_event_actor_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_event")),
        sa.UniqueConstraint("contribution_id", name=op.f("uq_event_contribution_id")),
        sa.UniqueConstraint("outbox_id", name=op.f("uq_event_outbox_id")),
    )
    op.create_table(
        "notice",
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("follow_id", sa.Integer(), nullable=True),
        sa.Column("mode", sa.Enum(*MODES, name="mode", native_enum=False, length=40), nullable=False),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("mail_id", sa.Integer(), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["event_id"], ["event.id"], name=op.f("fk_notice_event_id_event")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_notice_person_id_person")),
        sa.ForeignKeyConstraint(
            ["follow_id"], ["follow.id"], name=op.f("fk_notice_follow_id_follow"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notice")),
        sa.UniqueConstraint("person_id", "event_id", name=op.f("uq_notice_person_id_event_id")),
    )
    op.create_index("ix_notice_follow", "notice", ["follow_id", "id"])
    op.create_index("ix_notice_mail", "notice", ["mail_id"])
    op.create_index(
        "ix_notice_waiting", "notice", ["mode", "person_id"], sqlite_where=WAITING, postgresql_where=WAITING
    )
    op.drop_index("ix_outbox_queue", "outbox")
    op.create_index("ix_outbox_queue", "outbox", ["kind", "state", "available_at", "id"])


def downgrade() -> None:
    # What only this version understands would stop an older worker.
    op.execute("DELETE FROM outbox WHERE kind IN ('event', 'notice')")
    op.drop_index("ix_outbox_queue", "outbox")
    op.create_index("ix_outbox_queue", "outbox", ["state", "available_at", "id"])
    op.drop_table("notice")
    op.drop_table("event")
    op.drop_table("follow")
