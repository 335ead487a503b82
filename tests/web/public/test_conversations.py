"""The replies to a proposal: folded, opened, paged, linked for good; and what is new since a page was read."""

import html
import re
from dataclasses import dataclass

import brotli
import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from consulta import clock
from consulta.contributions.branches import (
    BRANCH_STATEMENT,
    DIRECT_STATEMENTS,
    FIRST_STATEMENT,
    NESTED_LEVELS,
    REPLY_PAGE,
    SHORT_STATEMENT,
    WHOLE_REPLIES,
)
from consulta.contributions.models import Contribution, ContributionState
from consulta.contributions.threads import Order
from consulta.database import Database, writing
from consulta.plans.models import Plan, Topic
from consulta.proposals.models import ProposalState
from tests.factories.contributions import make_contribution, make_reply
from tests.factories.people import make_person
from tests.factories.plans import make_topic
from tests.factories.proposals import make_proposal
from tests.factories.threads import Thread, fill_topic
from tests.web.public.test_topic import address, counting

MOST_ON_A_PAGE = REPLY_PAGE + WHOLE_REPLIES + 2
_IDS = re.compile(r'\sid="aporte-(\d+)"')
_LINKS = re.compile(r'href="(/(?:planes/[^"/]+/temas|propuestas)/[^"#]+)[^"]*"')
KILOBYTE = 1024


def ids_on(page: str) -> list[int]:
    return [int(key) for key in _IDS.findall(page)]


@pytest.fixture
def root(session: Session, topic: Topic) -> Contribution:
    return make_contribution(session, topic)


@pytest.fixture
def folio(session: Session, topic: Topic, root: Contribution) -> str:
    return make_proposal(session, topic, source=root).folio


def test_short_branches_stand_whole_and_long_ones_are_folded(
    session: Session, client: FlaskClient, topic: Topic, root: Contribution, folio: str
) -> None:
    thread = Thread(session, root)
    short, long, wide = thread.add(), thread.add(), thread.add()
    whole = thread.chain(6, short)
    seven = [thread.add(long) for _ in range(7)]
    five = [thread.add(wide) for _ in range(5)]
    thread.write()
    page = client.get(f"/propuestas/{folio}").text
    assert set(ids_on(page)) == {root.id, short, long, wide, *whole, *seven[:3], *five[:3]}
    for key, said in ((long, "Ver las 7 respuestas"), (wide, "Ver las 5 respuestas")):
        assert f'<a href="/propuestas/{folio}/respuestas/{key}" data-more="all">{said}<' in page
    opened = client.get(f"/propuestas/{folio}/respuestas/{long}").text
    assert ids_on(opened) == [long, *seven]
    assert "7 respuestas" in opened


def test_a_branch_is_read_in_the_order_of_its_answers(
    session: Session, client: FlaskClient, topic: Topic, root: Contribution, folio: str
) -> None:
    thread = Thread(session, root)
    branch = thread.add()
    first, second = thread.add(branch), thread.add(branch)
    answer, late = thread.add(first), thread.add(second)
    last = thread.add(answer)
    thread.write()
    page = client.get(f"/propuestas/{folio}/respuestas/{branch}").text
    assert ids_on(page) == [branch, first, answer, last, second, late]
    assert f'<a href="#aporte-{first}">respuesta a ' in page
    assert f'<a href="#aporte-{branch}">respuesta a ' not in page


def test_deep_answers_stop_moving_to_the_right_and_say_whom_they_answer(
    session: Session, client: FlaskClient, topic: Topic, root: Contribution, folio: str
) -> None:
    thread = Thread(session, root)
    chain = thread.chain(24)
    thread.write()
    page = client.get(f"/propuestas/{folio}/respuestas/{chain[0]}").text
    assert ids_on(page) == chain
    depth, deepest = 0, 0
    for tag in re.findall(r'<ul class="replies"|</ul>', page[page.index("data-thread") :]):
        depth += 1 if tag.startswith("<ul") else -1
        deepest = max(deepest, depth)
    assert deepest == NESTED_LEVELS
    assert all(f'<a href="#aporte-{key}">respuesta a ' in page for key in chain[1:-1])


def test_a_permanent_link_opens_the_branch(
    session: Session, client: FlaskClient, topic: Topic, root: Contribution, folio: str
) -> None:
    reply = make_reply(session, root)
    answer = make_reply(session, reply)
    places = {root: "", reply: f"/respuestas/{reply.id}", answer: f"/respuestas/{answer.id}"}
    for one, place in places.items():
        found = client.get(f"/aportes/{one.id}")
        assert (found.status_code, found.location) == (303, f"/propuestas/{folio}{place}#aporte-{one.id}")
        assert one.id in ids_on(client.get(found.location).text)
    page = client.get(f"/propuestas/{folio}/respuestas/{answer.id}").text
    assert f'href="/aportes/{reply.id}"' in page
    assert f'href="/propuestas/{folio}#conversacion"' in page


@pytest.mark.parametrize("state", [ContributionState.PENDING, ContributionState.OBSERVED, ContributionState.REJECTED])
def test_what_nobody_may_read_has_no_link_and_no_branch(
    session: Session, client: FlaskClient, root: Contribution, folio: str, state: ContributionState
) -> None:
    reply = make_reply(session, root, state=state, body="SECRETO")
    for path in (f"/aportes/{reply.id}", f"/propuestas/{folio}/respuestas/{reply.id}", "/aportes/999999"):
        assert client.get(path).status_code == 404
    assert "SECRETO" not in client.get(f"/propuestas/{folio}").text


def test_a_branch_belongs_to_its_proposal(session: Session, client: FlaskClient, topic: Topic, folio: str) -> None:
    foreign = make_reply(session, make_contribution(session, topic))
    assert client.get(f"/propuestas/{folio}/respuestas/{foreign.id}").status_code == 404


def test_tombstones_keep_their_place(
    session: Session, client: FlaskClient, topic: Topic, root: Contribution, folio: str
) -> None:
    gone = make_reply(session, root, state=ContributionState.WITHDRAWN, body="SECRETO", reply_count=1)
    answer = make_reply(session, gone)
    page = client.get(f"/propuestas/{folio}").text
    assert ids_on(page)[1:] == [gone.id, answer.id]
    assert "Su autor retiró este aporte." in page
    assert "respuesta a un texto sin publicar" in page
    assert "SECRETO" not in page + client.get(f"/propuestas/{folio}/respuestas/{gone.id}").text


def test_a_branch_says_nothing_of_what_was_hidden_above_it(session: Session, client: FlaskClient, topic: Topic) -> None:
    author = make_person(session, public_name="SECRETO Pérez")
    root = make_contribution(
        session, topic, person=author, title="SECRETO1", body="SECRETO2 " * 9, state=ContributionState.HIDDEN
    )
    proposal = make_proposal(session, topic, source=root, title=None)
    reply = make_reply(session, root)
    page = client.get(f"/propuestas/{proposal.folio}/respuestas/{reply.id}").text
    assert "Este texto se ocultó." in page
    assert "SECRETO" not in page


def test_answers_stay_when_the_proposal_is_withdrawn(session: Session, client: FlaskClient, topic: Topic) -> None:
    root = make_contribution(session, topic, state=ContributionState.WITHDRAWN, reply_count=1)
    proposal = make_proposal(session, topic, source=root, state=ProposalState.WITHDRAWN)
    reply = make_reply(session, root)
    assert reply.id in ids_on(client.get(f"/propuestas/{proposal.folio}").text)


def test_replies_can_be_sorted(
    session: Session, client: FlaskClient, topic: Topic, root: Contribution, folio: str
) -> None:
    thread = Thread(session, root)
    keys = [thread.add(support_count=supports) for supports in (1, 5, 3)]
    thread.write()
    orders = {"": keys, "?orden=recientes": keys[::-1], "?orden=apoyadas": [keys[1], keys[2], keys[0]]}
    for query, wanted in orders.items():
        assert ids_on(client.get(f"/propuestas/{folio}{query}").text)[1:] == wanted


@pytest.mark.parametrize("cursor", ["x", "", "MTIzNDU2Nzg5MSwx"])
def test_a_cursor_that_nobody_gave_is_not_there(
    session: Session, client: FlaskClient, root: Contribution, folio: str, cursor: str
) -> None:
    reply = make_reply(session, root)
    for path in (f"/propuestas/{folio}", f"/propuestas/{folio}/respuestas/{reply.id}"):
        assert client.get(path, query_string={"pagina": cursor}).status_code == 404


def test_the_longest_texts_make_shorter_pages(
    session: Session, client: FlaskClient, topic: Topic, root: Contribution, folio: str
) -> None:
    thread = Thread(session, root)
    words = [f"{n:x}{n * 7919:x}" for n in range(520)]
    keys = [thread.add(body=" ".join(words)) for _ in range(REPLY_PAGE)]
    thread.write()
    first = client.get(f"/propuestas/{folio}").text
    assert keys[0] in ids_on(first)
    assert keys[-1] not in ids_on(first)
    assert 'rel="next"' in first


def test_open_pages_learn_how_many_there_are(
    session: Session, client: FlaskClient, plan: Plan, topic: Topic, root: Contribution, folio: str
) -> None:
    reply = make_reply(session, root, reply_count=3)
    with writing(session):
        topic.proposal_count, topic.reply_count, root.reply_count = 4, 9, 9
    base, branch = f"/planes/{plan.code}/temas/{topic.code}", f"respuestas/{reply.id}"
    for page, shown in ((base, 13), (f"/propuestas/{folio}", 9), (f"/propuestas/{folio}/{branch}", 3)):
        answer = client.get(f"{page}/novedades")
        assert (answer.json, answer.headers["Cache-Control"]) == (
            {"shown": shown},
            "public, max-age=0, must-revalidate",
        )
        assert client.get(f"{page}/novedades", headers={"If-None-Match": answer.headers["ETag"]}).status_code == 304
        assert f'data-news="{page}/novedades" data-shown="{shown}"' in client.get(page).text
    elsewhere = make_proposal(session, topic).folio
    assert client.get(f"/propuestas/{elsewhere}/{branch}/novedades").status_code == 404


def test_the_form_is_in_the_page_once(
    session: Session, client: FlaskClient, plan: Plan, topic: Topic, root: Contribution, folio: str
) -> None:
    for _ in range(9):
        make_reply(session, root)
        make_proposal(session, topic)
    for path in (f"/planes/{plan.code}/temas/{topic.code}", f"/propuestas/{folio}"):
        page = client.get(path).text
        assert page.count('id="reply-form"') == 1
        assert page.count("data-reply=") == 10


def test_ten_thousand_contributions_are_all_within_reach(
    app: Flask, database: Database, session: Session, client: FlaskClient, plan: Plan, topic: Topic
) -> None:
    few = make_topic(session, plan)
    some = fill_topic(session, few, [make_contribution(session, few) for _ in range(2)], 8)
    wanted = fill_topic(session, topic, [make_contribution(session, topic) for _ in range(60)], 9940)
    assert len(wanted) >= 10_000
    pages = crawl(client, address(plan, topic))
    assert {key for page in pages.values() for key in ids_on(page.text)} == wanted
    assert max(page.weight for page in pages.values()) <= 100 * KILOBYTE
    longest = max(len(ids_on(page.text)) for path, page in pages.items() if path.startswith("/propuestas/"))
    assert longest <= MOST_ON_A_PAGE
    for small, large in (
        (address(plan, few), address(plan, topic)),
        # The least id is that of a proposal, the greatest that of a reply.
        (page_of(client, min(some)), page_of(client, min(wanted))),
        (page_of(client, max(some)), page_of(client, max(wanted))),
    ):
        assert queries(app, database, small) == queries(app, database, large), large


def page_of(client: FlaskClient, key: int) -> str:
    """The page to which a permanent link leads."""
    return client.get(f"/aportes/{key}").location.partition("#")[0]


def test_replies_are_read_by_index(sqlite_copy: Database) -> None:
    """PostgreSQL decides by what the tables hold; SQLite always as here."""
    values = {"topic_id": 1, "parents": [1], "last_id": 9, "short": [1, 2], "long": [3, 4], "branch": 5}
    below = [(None, one) for one in (SHORT_STATEMENT, FIRST_STATEMENT, BRANCH_STATEMENT)]
    with sqlite_copy.session() as session:
        for order, statement in [*((order, DIRECT_STATEMENTS[order, True]) for order in Order), *below]:
            bound = values | {"edge": 3 if order is Order.SUPPORTED else clock.now()}
            literal = statement.params({name: bound[name] for name in statement.compile().params if name in bound})
            text = literal.compile(session.get_bind(), compile_kwargs={"literal_binds": True})
            steps = [row[-1] for row in session.execute(sa.text(f"EXPLAIN QUERY PLAN {text}"))]
            assert not [step for step in steps if step.startswith("SCAN") and step != "SCAN below"], steps


@dataclass(frozen=True)
class Read:
    """A page as it came: its text, and how heavy it was on the way."""

    text: str
    weight: int


def crawl(client: FlaskClient, start: str) -> dict[str, Read]:
    """Every page of a topic's conversation that links lead to, by its address."""
    pages: dict[str, Read] = {}
    waiting = [start]
    while waiting:
        path = waiting.pop()
        if path in pages:
            continue
        answer = client.get(path, headers={"Accept-Encoding": "br"})
        assert answer.status_code == 200, path
        pages[path] = Read(brotli.decompress(answer.data).decode(), len(answer.data))
        waiting += [link for link in map(html.unescape, _LINKS.findall(pages[path].text)) if _is_further(link, start)]
    return pages


def _is_further(link: str, start: str) -> bool:
    """The other orders show nothing else; other topics are other conversations."""
    if "orden=" in link and "pagina=" not in link:
        return False
    return link.startswith((start, "/propuestas/"))


def queries(app: Flask, database: Database, path: str) -> int:
    """How many statements a page takes that nobody has read yet."""
    for kept in ("page_cache", "topic_frames", "topic_items"):
        app.extensions[kept].clear()
    with counting(database) as statements:
        assert app.test_client().get(path).status_code == 200
    return len(statements)
