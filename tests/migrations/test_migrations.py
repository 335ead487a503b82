"""The schema: what migrations build is what the models say, and they run both ways with rows present."""

import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy.orm import Session

from consulta import clock, schema
from consulta.audit.models import AuditEntry
from consulta.contributions.models import Contribution, RejectionReason, ReportReason
from consulta.contributions.moderation import hide_contribution, publish_contribution
from consulta.contributions.reporting import report_contribution
from consulta.contributions.services import withdraw
from consulta.database import Base, Database
from consulta.moderation.public import count_moderation
from consulta.people.actors import VISITOR
from consulta.plans.models import Plan
from consulta.proposals.models import Proposal
from tests.factories.commitments import make_commitment
from tests.factories.decisions import make_decision
from tests.factories.people import make_actor, make_coordinator
from tests.factories.plans import make_document, make_phase, make_plan, make_topic
from tests.factories.proposals import make_proposal
from tests.factories.referrals import make_referral, make_response
from tests.services.contributions.test_moderation import reject
from tests.services.contributions.test_writing import submit


def fill(session: Session) -> None:
    """Rows in the tables that hang on each other."""
    plan = make_plan(session)
    make_phase(session, plan)
    make_document(session, plan)
    proposal = make_proposal(session, make_topic(session, plan))
    make_response(session, make_referral(session, proposal))
    make_decision(session, proposal)
    make_commitment(session, plan, proposals=[proposal])
    reason, source = ReportReason.SPAM, proposal.first_source
    report_contribution(session, actor=VISITOR, contribution_id=source.id, reason=reason)
    make_coordinator(session)


def test_migrations_build_what_the_models_say(database: Database) -> None:
    with database.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": False})
        differences = compare_metadata(context, Base.metadata)
    assert [difference for difference in differences if not is_index_of_one_engine(difference)] == []


def is_index_of_one_engine(difference: object) -> bool:
    """The full-text index lives on PostgreSQL alone, outside of the models."""
    if not isinstance(difference, tuple) or difference[0] not in ("remove_index", "remove_column"):
        return False
    return "search_document" in str(difference)


def test_every_migration_runs_down_and_up_again_with_rows(database: Database, session: Session) -> None:
    fill(session)
    session.close()
    database.engine.dispose()
    schema.downgrade(database, "0001")
    with database.session() as kept:
        assert kept.scalar(sa.select(sa.func.count()).select_from(Proposal)) == 1
    database.engine.dispose()
    schema.downgrade(database, "base")
    schema.upgrade(database)
    assert schema.is_current(database)
    with database.session() as empty:
        assert empty.scalar(sa.select(sa.func.count()).select_from(AuditEntry)) == 0


def test_what_was_moderated_before_counts_in_the_totals(database: Database, session: Session) -> None:
    """As the log tells it, an act is in the same month and after the same wait as when it has a row of its own."""
    plan = make_plan(session)
    contribution = submit(session, make_actor(session), make_topic(session, plan))
    reject(session, make_coordinator(session), contribution)
    found = count_moderation(session, plan)
    plan_id = plan.id
    session.close()
    database.engine.dispose()
    schema.downgrade(database, "0008")
    schema.upgrade(database)
    with database.session() as session:
        assert count_moderation(session, session.get_one(Plan, plan_id)) == found
        assert found.refused == {clock.today().strftime("%Y-%m"): {RejectionReason.EMPTY: 1}}
    database.engine.dispose()


def test_what_was_public_before_is_known_from_the_log(database: Database, session: Session) -> None:
    author, team = make_actor(session), make_coordinator(session)
    topic = make_topic(session, make_plan(session))
    shown, hidden, gone, never = (submit(session, author, topic, form_key=f"k{n}") for n in range(4))
    for one in (shown, hidden, gone):
        publish_contribution(session, actor=team, contribution_id=one.id)
    reason, text = RejectionReason.EMPTY, "El texto no trae una propuesta."
    hide_contribution(session, actor=team, contribution_id=hidden.id, reason=reason, public_text=text)
    for one in (gone, never):
        withdraw(session, actor=author, contribution_id=one.id)
    stored = sa.select(Contribution.id, Contribution.published_at).order_by(Contribution.id)
    found = dict(session.execute(stored).all())
    assert [found[one.id] is None for one in (shown, hidden, gone, never)] == [False, False, False, True]
    session.close()
    database.engine.dispose()
    schema.downgrade(database, "0020")
    schema.upgrade(database)
    with database.session() as session:
        assert dict(session.execute(stored).all()) == found
    database.engine.dispose()
