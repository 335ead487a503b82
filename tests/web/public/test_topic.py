"""A topic: composer, conversation, order and pages."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask import Flask, g
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from consulta import clock
from consulta.cache_versions import raise_versions, topic_scope
from consulta.contributions.editing import edit_contribution
from consulta.contributions.models import Channel, Contribution, ContributionState, RejectionReason
from consulta.contributions.threads import FIRST_REPLIES_STATEMENT, TOPIC_PAGE, TOPIC_STATEMENTS, Order, topic_page
from consulta.database import Database, writing
from consulta.people.models import Person
from consulta.plans.models import Plan, PlanState, Topic, TopicState
from consulta.proposals.models import ProposalState
from consulta.web.public.topic_frames import topic_frame
from consulta.web.public.topic_items import render_items
from tests.factories.contributions import make_contribution, make_reply
from tests.factories.people import actor_of, make_person
from tests.factories.plans import make_plan, make_topic, make_trusting_topic
from tests.factories.proposals import make_proposal
from tests.factories.referrals import make_referral


def address(plan: Plan, topic: Topic) -> str:
    return f"/planes/{plan.code}/temas/{topic.code}"


def titles(page: str) -> list[str]:
    return re.findall(r">Propuesta (\w+)</a></h3>", page)


@contextmanager
def counting(database: Database) -> Iterator[list[str]]:
    statements: list[str] = []

    def note(_c: object, _k: object, statement: str, *_: object) -> None:
        statements.append(statement)

    sa.event.listen(database.engine, "before_cursor_execute", note)
    yield statements
    sa.event.remove(database.engine, "before_cursor_execute", note)


def test_composer_posts_to_the_check_page_without_token(client: FlaskClient, plan: Plan, topic: Topic) -> None:
    page = client.get(address(plan, topic)).text
    assert '<form action="/participar/revisar" method="post"' in page
    names = ("kind", "plan", "topic", "title", "body", "suggested_institution", "suggested_institution_text")
    assert all(f'name="{name}"' in page for name in names)
    assert "csrf_token" not in page
    assert "Aún no hay propuestas" in page


@pytest.mark.parametrize(
    ("opens", "closes", "said"),
    [
        (2, 9, "Todavía no se puede escribir"),
        (-9, -2, "Ya no se reciben propuestas"),
    ],
)
def test_outside_the_window_the_page_says_so(
    session: Session, client: FlaskClient, opens: int, closes: int, said: str
) -> None:
    today = clock.today()
    plan = make_plan(session, opens_on=today + timedelta(days=opens), closes_on=today + timedelta(days=closes))
    page = client.get(address(plan, make_topic(session, plan))).text
    assert said in page
    assert "/participar/revisar" not in page


def test_a_closed_topic_of_an_open_plan_says_so(session: Session, client: FlaskClient, plan: Plan) -> None:
    page = client.get(address(plan, make_topic(session, plan, state=TopicState.CLOSED))).text
    assert "Este tema ya cerró" in page


def test_drafts_and_unannounced_plans_are_not_there(session: Session, client: FlaskClient, plan: Plan) -> None:
    draft = make_topic(session, plan, state=TopicState.DRAFT)
    quiet = make_plan(session, state=PlanState.PREPARATION)
    for path in (address(plan, draft), address(quiet, make_topic(session, quiet)), f"/planes/{plan.code}/temas/nada"):
        assert client.get(path).status_code == 404


def test_orders(session: Session, client: FlaskClient, plan: Plan, topic: Topic) -> None:
    for hours, name, supports in ((3, "uno", 5), (2, "dos", 9), (1, "tres", 0)):
        received = clock.now() - timedelta(hours=hours)
        source = make_contribution(
            session, topic, title=f"Propuesta {name}", received_at=received, support_count=supports
        )
        make_proposal(session, topic, source=source)
    shown = {order: titles(client.get(address(plan, topic) + order).text) for order in ("", "?orden=antiguas")}
    assert shown == {"": ["tres", "dos", "uno"], "?orden=antiguas": ["uno", "dos", "tres"]}
    assert titles(client.get(address(plan, topic) + "?orden=apoyadas").text) == ["dos", "uno", "tres"]
    assert titles(client.get(address(plan, topic) + "?orden=otra").text) == ["tres", "dos", "uno"]


@pytest.mark.parametrize("order", ["recientes", "antiguas", "apoyadas"])
def test_every_proposal_is_on_exactly_one_page(
    session: Session, client: FlaskClient, plan: Plan, topic: Topic, order: str
) -> None:
    moment = clock.now()
    wanted = set()
    for n in range(TOPIC_PAGE + 7):
        wanted.add(f"n{n}")
        source = make_contribution(
            session, topic, title=f"Propuesta n{n}", received_at=moment - timedelta(minutes=n // 3), support_count=n % 4
        )
        make_proposal(session, topic, source=source)
    first = client.get(f"{address(plan, topic)}?orden={order}").text
    following = re.search(r'href="([^"#]+)[^"]*" rel="next"', first)
    assert following
    second = client.get(following[1].replace("&amp;", "&")).text
    assert len(titles(first)) == TOPIC_PAGE
    assert len(titles(second)) == 7
    assert set(titles(first)) | set(titles(second)) == wanted


@pytest.mark.parametrize("cursor", ["x", "AAAA", "", "99999", "ñ", "MTIzNDU2Nzg5MSwx"])
def test_an_unknown_cursor_is_not_there(client: FlaskClient, plan: Plan, topic: Topic, cursor: str) -> None:
    assert client.get(address(plan, topic), query_string={"pagina": cursor}).status_code == 404


def test_first_replies_and_a_link_to_all(session: Session, client: FlaskClient, plan: Plan, topic: Topic) -> None:
    root = make_contribution(session, topic, reply_count=5)
    proposal = make_proposal(session, topic, source=root)
    replies = [make_reply(session, root, body=f"Respuesta número {n}") for n in range(5)]
    page = client.get(address(plan, topic)).text
    assert [f"Respuesta número {n}" in page for n in range(5)] == [True] * 3 + [False] * 2
    assert f'href="/aportes/{replies[0].id}"' in page
    assert f'<a href="/propuestas/{proposal.folio}#conversacion" data-more="all">Ver las 5 respuestas</a>' in page


def test_hidden_and_withdrawn_leave_a_tombstone(
    session: Session, client: FlaskClient, plan: Plan, topic: Topic
) -> None:
    make_contribution(
        session,
        topic,
        title="SECRETO1",
        body="SECRETO2 " * 4,
        state=ContributionState.HIDDEN,
        reason=RejectionReason.OFFENSIVE,
        reason_text="Insulta a otra persona.",
    )
    make_contribution(session, topic, title="SECRETO3", state=ContributionState.WITHDRAWN)
    page = client.get(address(plan, topic)).text
    assert "Motivo: Insulta a otra persona." in page
    assert "Su autor retiró este aporte." in page
    assert "SECRETO" not in page


def test_late_answers_and_other_channels_show(session: Session, client: FlaskClient, plan: Plan, topic: Topic) -> None:
    proposal = make_proposal(session, topic, state=ProposalState.FORWARDED)
    make_referral(session, proposal, due_on=clock.today() - timedelta(days=1))
    letter = make_contribution(session, None, plan=plan, channel=Channel.DOCUMENT, title="Llegó en una carta")
    make_proposal(session, None, source=letter, topic_final_id=topic.id)
    page = client.get(address(plan, topic)).text
    assert "Respuesta atrasada" in page
    assert page.index("También llegó por otros medios") < page.index("Llegó en una carta")


def test_queries_do_not_grow_with_the_conversation(
    app: Flask, database: Database, session: Session, plan: Plan, topic: Topic
) -> None:
    counts = []
    for more in (3, 40):
        for _ in range(more):
            root = make_contribution(session, topic, reply_count=1)
            make_reply(session, root)
            make_referral(session, make_proposal(session, topic, source=root, state=ProposalState.FORWARDED))
        for kept in ("page_cache", "topic_frames", "topic_items"):
            app.extensions[kept].clear()
        with counting(database) as statements:
            assert app.test_client().get(address(plan, topic)).status_code == 200
        counts.append(len([one for one in statements if one.lstrip().upper().startswith(("SELECT", "WITH"))]))
    assert counts[0] == counts[1] <= 15


def test_the_conversation_is_read_by_index(session: Session, plan: Plan, topic: Topic) -> None:
    if session.get_bind().dialect.name != "sqlite":
        statement = sa.text("EXPLAIN (COSTS OFF) SELECT 1 FROM contribution WHERE topic_id = 1 AND parent_id IS NULL")
        assert session.execute(statement).all()
        return
    values = {"topic_id": topic.id, "edge": clock.now(), "last_id": 9, "roots": [1, 2, 3]}
    for order_and_page, statement in [*TOPIC_STATEMENTS.items(), (None, FIRST_REPLIES_STATEMENT)]:
        bound = {**values, "edge": 3} if order_and_page and order_and_page[0].value == "apoyadas" else values
        literal = statement.params(**bound).compile(session.get_bind(), compile_kwargs={"literal_binds": True})
        plan_rows = session.execute(sa.text(f"EXPLAIN QUERY PLAN {literal}")).all()
        # The three replies that were found by index are gone through one by one.
        steps = [row[-1] for row in plan_rows if row[-1] != "SCAN first_three"]
        assert not [step for step in steps if step.startswith("SCAN")], steps
        if order_and_page:
            assert not [step for step in steps if "TEMP B-TREE" in step and "LAST" not in step], steps


def test_an_edited_reply_and_a_new_name_show_in_what_is_kept(session: Session, client: FlaskClient, plan: Plan) -> None:
    """Neither raises a counter of the proposal that they stand below."""
    topic = make_trusting_topic(session, plan)
    root = make_contribution(session, topic, reply_count=1)
    said = make_reply(session, root, person=make_person(session, public_name="Rosa"), body="Falta el costo.")
    assert "Falta el costo." in client.get(address(plan, topic)).text
    changed = {"title": "", "body": "Falta el costo de cada obra."}
    edit_contribution(session, actor=actor_of(said.person), contribution_id=said.id, version=None, **changed)
    assert "Falta el costo de cada obra." in client.get(address(plan, topic)).text
    with writing(session):
        person = session.get_one(Person, said.person_id)
        person.public_name, person.version = "Rosa Elena", person.version + 1
        raise_versions(session, [topic_scope(plan.code, topic.code)])
    assert "Rosa Elena" in client.get(address(plan, topic)).text


def test_what_was_read_while_it_changed_is_shown_and_not_kept(
    app: Flask, session: Session, plan: Plan, topic: Topic
) -> None:
    root = make_contribution(session, topic, support_count=3)
    with app.test_request_context(address(plan, topic)):
        g.page_versions = (1, 1)
        key, frame = topic_frame(plan.code, topic.code)
        marks = topic_page(session, topic.id, Order.NEWEST, None).rows
        with writing(session):
            session.execute(sa.update(Contribution).where(Contribution.id == root.id).values(support_count=4))
        shown = [render_items(session, marks, traces={}, key=key, frame=frame)[0] for _ in range(2)]
        assert all(">4<" in item for item in shown)
        with writing(session):
            session.execute(sa.update(Contribution).where(Contribution.id == root.id).values(support_count=3))
        assert ">3<" in render_items(session, marks, traces={}, key=key, frame=frame)[0]
