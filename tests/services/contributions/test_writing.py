"""Writing, replying, supporting and taking back: what is kept with each act, and what is refused."""

from collections.abc import Callable
from datetime import timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from consulta import clock
from consulta.audit.models import AuditEntry
from consulta.contributions.counters import find_drift
from consulta.contributions.models import Contribution, ContributionState, Support
from consulta.contributions.services import (
    reply,
    submit_contribution,
    support,
    unsupport,
)
from consulta.database import Base, Database
from consulta.errors import GuardRefused, Invalid, KeyReused, NotAllowed, WindowClosed
from consulta.outbox.models import OutboxRow
from consulta.people.actors import VISITOR, Actor
from consulta.people.models import InstitutionKind
from consulta.plans.models import Topic, TopicState
from consulta.proposals.models import Proposal, ProposalState
from tests.factories import SCRIPT
from tests.factories.contributions import make_contribution
from tests.factories.people import make_actor, make_institution
from tests.factories.plans import make_plan, make_topic, make_trusting_topic
from tests.parallel import in_parallel

BODY = f"Propongo que cada escuela publique lo que gasta. {SCRIPT}"


def submit(session: Session, actor: Actor, topic: Topic | int, **changes: object) -> Contribution:
    fields: dict[str, object] = {"title": "Gasto escolar", "body": BODY, "form_key": f"key-{clock.now().timestamp()}"}
    topic_id = topic if isinstance(topic, int) else topic.id
    return submit_contribution(session, actor=actor, topic_id=topic_id, **{**fields, **changes})  # type: ignore[arg-type]


def rows(session: Session) -> dict[str, int]:
    """How many rows each table has: nothing written means nothing anywhere."""
    return {
        table.name: session.execute(sa.select(sa.func.count()).select_from(table)).scalar_one()
        for table in Base.metadata.sorted_tables
    }


def test_a_post_gets_a_proposal_a_folio_and_all_that_hangs_on_it(session: Session) -> None:
    topic, actor = make_topic(session, make_plan(session)), make_actor(session)
    contribution = submit(session, actor, topic)
    proposal = session.scalars(sa.select(Proposal)).one()
    assert proposal.folio == f"PROP-{clock.today().year}-0001"
    assert (proposal.state, proposal.topic_received_id) == (ProposalState.RECEIVED, topic.id)
    assert [source.id for source in proposal.sources] == [contribution.id]
    assert contribution.state is ContributionState.PENDING
    assert "<script" not in contribution.public_html
    assert session.scalars(sa.select(AuditEntry.act).order_by("id")).all() == [
        "contribution.submit",
        "proposal.receive",
    ]
    assert set(session.scalars(sa.select(OutboxRow.name))) == {"contribution_received", "proposal"}
    assert list(find_drift(session)) == []


def test_a_topic_moderated_afterwards_shows_a_post_at_once(session: Session) -> None:
    topic = make_trusting_topic(session, make_plan(session))
    contribution = submit(session, make_actor(session), topic)
    session.expire_all()
    assert contribution.state is ContributionState.PUBLISHED
    assert (topic.proposal_count, topic.last_activity_at) == (1, contribution.received_at)


def test_a_suggested_institution_must_be_a_public_body(session: Session) -> None:
    topic, actor = make_topic(session, make_plan(session)), make_actor(session)
    society = make_institution(session, kind=InstitutionKind.CIVIL_SOCIETY)
    before = rows(session)
    with pytest.raises(Invalid) as refusal:
        submit(session, actor, topic, suggested_institution_id=society.id)
    assert refusal.value.problems[0].code == "institution_unknown"
    assert rows(session) == before


@pytest.mark.parametrize(
    ("changes", "field", "code"),
    [
        ({"body": " \u200b "}, "body", "body_missing"),
        ({"body": "corto"}, "body", "text_too_short"),
        ({"body": "a" * 5001}, "body", "text_too_long"),
        ({"title": "a" * 151}, "title", "text_too_long"),
        ({"suggested_institution_text": "a" * 201}, "suggested_institution", "text_too_long"),
    ],
)
def test_a_bad_text_is_named_and_nothing_is_written(
    session: Session, changes: dict[str, str], field: str, code: str
) -> None:
    topic, actor = make_topic(session, make_plan(session)), make_actor(session)
    before = rows(session)
    with pytest.raises(Invalid) as refusal:
        submit(session, actor, topic, **changes)
    assert [(p.field, p.code) for p in refusal.value.problems] == [(field, code)]
    assert rows(session) == before


def test_a_visitor_writes_nothing(session: Session) -> None:
    topic = make_topic(session, make_plan(session))
    before = rows(session)
    with pytest.raises(NotAllowed):
        submit(session, VISITOR, topic)
    assert rows(session) == before


def test_nobody_writes_outside_of_the_window(session: Session) -> None:
    today = clock.today()
    plan = make_plan(session, opens_on=today - timedelta(days=5), closes_on=today - timedelta(days=1))
    topic, actor = make_topic(session, plan), make_actor(session)
    before = rows(session)
    with pytest.raises(WindowClosed):
        submit(session, actor, topic)
    assert rows(session) == before


def test_the_last_second_counts_and_the_next_does_not(session: Session) -> None:
    plan = make_plan(session)
    topic, actor = make_topic(session, plan), make_actor(session)
    assert plan.closes_on is not None
    end = clock.end_of_day(plan.closes_on)
    with clock.set_to(end - timedelta(microseconds=1)):
        assert submit(session, actor, topic, form_key="in time").id
    with clock.set_to(end), pytest.raises(WindowClosed):
        submit(session, actor, topic, form_key="too late")


@pytest.mark.parametrize("state", [TopicState.DRAFT, TopicState.CLOSED])
def test_nobody_writes_under_a_topic_that_is_not_published(session: Session, state: TopicState) -> None:
    topic, actor = make_topic(session, make_plan(session), state=state), make_actor(session)
    with pytest.raises(WindowClosed):
        submit(session, actor, topic)


def test_the_same_key_answers_the_first_post_even_after_closing(session: Session) -> None:
    plan = make_plan(session)
    topic, actor = make_topic(session, plan), make_actor(session)
    first = submit(session, actor, topic, form_key="once")
    assert plan.closes_on is not None
    with clock.set_to(clock.end_of_day(plan.closes_on)):
        again = submit(session, actor, topic, form_key="once")
    assert (again.id, rows(session)["proposal"]) == (first.id, 1)


@pytest.mark.parametrize("other_person", [False, True])
def test_a_key_is_not_used_for_another_text_nor_by_another_person(session: Session, other_person: bool) -> None:
    topic, actor = make_topic(session, make_plan(session)), make_actor(session)
    submit(session, actor, topic, form_key="once")
    before = rows(session)
    second = make_actor(session) if other_person else actor
    before["person"] += other_person
    with pytest.raises(KeyReused):
        submit(session, second, topic, form_key="once", body=BODY if other_person else BODY + " Y más.")
    assert rows(session) == before


def test_twenty_parallel_posts_with_one_key_are_one_contribution(database: Database) -> None:
    with database.session() as session:
        topic, actor = make_topic(session, make_plan(session)).id, make_actor(session)
    answers = in_parallel(database, [lambda s: submit(s, actor, topic, form_key="parallel").id] * 20)
    assert len(set(answers)) == 1
    assert isinstance(answers[0], int)
    with database.session() as session:
        counts = rows(session)
        assert (counts["contribution"], counts["proposal"], counts["receipt"]) == (1, 1, 1)


def test_parallel_posts_get_folios_without_gap_and_count(database: Database) -> None:
    with database.session() as session:
        topic = make_trusting_topic(session, make_plan(session)).id
        actors = [make_actor(session) for _ in range(12)]

    def post(actor: Actor) -> Callable[[Session], int]:
        return lambda s: submit(s, actor, topic, form_key=f"key-{actor.person_id}").id

    answers = in_parallel(database, [post(actor) for actor in actors])
    assert [a for a in answers if isinstance(a, Exception)] == []
    with database.session() as session:
        folios = session.scalars(sa.select(Proposal.folio).order_by(Proposal.folio)).all()
        assert [int(folio[-4:]) for folio in folios] == list(range(1, 13))
        assert list(find_drift(session)) == []


def test_a_reply_hangs_under_its_parent_at_any_depth(session: Session) -> None:
    topic = make_trusting_topic(session, make_plan(session))
    actor = make_actor(session)
    root = submit(session, actor, topic)
    first = reply(session, actor=actor, parent_id=root.id, body="De acuerdo.", form_key="r1")
    second = reply(session, actor=actor, parent_id=first.id, body="Y yo.", form_key="r2")
    assert (second.parent_id, second.root_id, second.depth) == (first.id, root.id, 2)
    assert second.proposal_links == []
    session.expire_all()
    assert (root.reply_count, first.reply_count, second.reply_count) == (2, 1, 0)
    assert (topic.reply_count, topic.proposal_count) == (2, 1)
    assert list(find_drift(session)) == []


@pytest.mark.parametrize("state", [s for s in ContributionState if s is not ContributionState.PUBLISHED])
def test_nobody_answers_or_supports_what_is_not_shown(session: Session, state: ContributionState) -> None:
    topic, actor = make_topic(session, make_plan(session)), make_actor(session)
    parent = make_contribution(session, topic, state=state)
    before = rows(session)
    with pytest.raises(GuardRefused):
        reply(session, actor=actor, parent_id=parent.id, body="De acuerdo.", form_key="r1")
    with pytest.raises(GuardRefused):
        support(session, actor=actor, contribution_id=parent.id)
    assert rows(session) == before


def test_support_counts_once_and_can_be_taken_back(session: Session) -> None:
    contribution = make_contribution(session, make_topic(session, make_plan(session)))
    actor = make_actor(session)
    assert support(session, actor=actor, contribution_id=contribution.id)
    assert not support(session, actor=actor, contribution_id=contribution.id)
    session.expire_all()
    assert contribution.support_count == 1
    assert unsupport(session, actor=actor, contribution_id=contribution.id)
    assert not unsupport(session, actor=actor, contribution_id=contribution.id)
    session.expire_all()
    assert contribution.support_count == 0


def test_fifty_parallel_clicks_of_five_people_are_five_supports(database: Database) -> None:
    with database.session() as session:
        contribution_id = make_contribution(session, make_topic(session, make_plan(session))).id
        actors = [make_actor(session) for _ in range(5)]

    def click(actor: Actor) -> Callable[[Session], bool]:
        return lambda s: support(s, actor=actor, contribution_id=contribution_id)

    answers = in_parallel(database, [click(actors[n % 5]) for n in range(50)])
    assert [a for a in answers if isinstance(a, Exception)] == []
    assert answers.count(True) == 5
    with database.session() as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(Support)) == 5
        assert session.get_one(Contribution, contribution_id).support_count == 5


def test_support_ends_with_the_window(session: Session) -> None:
    plan = make_plan(session)
    contribution, actor = make_contribution(session, make_topic(session, plan)), make_actor(session)
    assert plan.closes_on is not None
    with clock.set_to(clock.end_of_day(plan.closes_on)), pytest.raises(WindowClosed):
        support(session, actor=actor, contribution_id=contribution.id)
