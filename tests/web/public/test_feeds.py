"""What feeds tell: the same words as the pages, as Atom that any reader takes."""

import xml.etree.ElementTree as ET
from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from consulta import clock
from consulta.cache_versions import raise_versions, site_scope
from consulta.contributions.models import Channel, ContributionState
from consulta.database import Database, writing
from consulta.decisions.models import Outcome
from consulta.plans.models import Plan, PlanState, Topic, TopicState
from consulta.proposals.feeds import MOST
from consulta.proposals.models import Proposal, ProposalState
from consulta.referrals.models import ReferralState
from consulta.web.headers import HEADERS
from tests.factories.commitments import make_commitment
from tests.factories.contributions import make_contribution, make_reply
from tests.factories.decisions import make_decision
from tests.factories.people import make_person
from tests.factories.plans import make_plan, make_topic
from tests.factories.proposals import make_proposal
from tests.factories.referrals import make_referral
from tests.factories.threads import Thread
from tests.web.payloads import PAYLOADS, what_is_wrong
from tests.web.public.test_topic import counting

ATOM = "{http://www.w3.org/2005/Atom}"
WORDS = "Pido **dos** cosas:\n\n- agua\n- un [camino](https://example.org/a?b=1&c=2)\n\nGracias ]]> a todos & todas."


def feeds_of(plan: Plan, topic: Topic, *proposals: Proposal) -> list[str]:
    """The address of every feed that could tell something of them."""
    pages = [f"/planes/{plan.code}", f"/planes/{plan.code}/temas/{topic.code}"]
    pages += [f"/propuestas/{proposal.folio}" for proposal in proposals]
    return [f"/feeds{page}.atom" for page in pages]


def read(client: FlaskClient, path: str) -> ET.Element:
    """A feed with everything that RFC 4287 requires, section by section."""
    answer = client.get(path)
    assert (answer.status_code, answer.content_type) == (200, "application/atom+xml; charset=utf-8"), path
    feed = ET.fromstring(answer.data)
    assert feed.tag == ATOM + "feed"
    for part in (feed, *feed.findall(ATOM + "entry")):
        for name in ("id", "title", "updated"):
            assert [bool(one.text) for one in part.findall(ATOM + name)] == [True], (path, name)
        assert len(part.findall(f"{ATOM}link[@rel='alternate']")) == 1
        assert all(link.attrib["href"].startswith("http://localhost/") for link in part.findall(ATOM + "link"))
    assert feed.find(f"{ATOM}link[@rel='self']").attrib["href"] == f"http://localhost{path}"  # type: ignore[union-attr]
    assert text(feed, "author/" + ATOM + "name")
    ids = [text(entry, "id") for entry in feed.findall(ATOM + "entry")]
    assert len(ids) == len(set(ids))
    return feed


def text(part: ET.Element, name: str) -> str:
    return part.findtext(ATOM + name) or ""


def entries(feed: ET.Element) -> list[tuple[str, str]]:
    """Title and address of each, in order."""
    found = feed.findall(ATOM + "entry")
    return [(text(one, "title"), one.find(ATOM + "link").attrib["href"]) for one in found]  # type: ignore[union-attr]


def test_each_feed_tells_what_its_page_shows(session: Session, client: FlaskClient, plan: Plan, topic: Topic) -> None:
    now, person = clock.now(), make_person(session, public_name="Rosa & Ana")
    root = make_contribution(session, topic, title="Agua", received_at=now - timedelta(hours=3), person=person)
    proposal = make_proposal(session, topic, source=root)
    reply = make_reply(session, root, person=person, received_at=now - timedelta(hours=2))
    elsewhere = make_contribution(session, None, plan=plan, title="Por carta", channel=Channel.EMAIL)
    letter = make_proposal(session, source=elsewhere, summary=None)
    site = "http://localhost"
    about = ("Agua", f"{site}/propuestas/{proposal.folio}")
    answer = (f"Respuesta de Rosa & Ana a {proposal.folio}", f"{site}/aportes/{reply.id}")
    of_plan, of_topic, of_proposal = (read(client, path) for path in feeds_of(plan, topic, proposal))
    assert entries(of_plan) == [("Por carta", f"{site}/propuestas/{letter.folio}"), about]
    assert entries(of_topic) == [answer, about]
    assert entries(of_proposal) == [answer]
    assert {text(entry, "author/" + ATOM + "name") for entry in of_topic.findall(ATOM + "entry")} == {"Rosa & Ana"}
    assert text(of_topic, "updated") == reply.received_at.isoformat()
    assert text(of_topic, "entry/" + ATOM + "id") == text(of_proposal, "entry/" + ATOM + "id")
    assert text(of_topic, "entry/" + ATOM + "id") == f"tag:localhost,2018:aportes/{reply.id}"


def test_words_read_as_on_the_page(session: Session, client: FlaskClient, plan: Plan, topic: Topic) -> None:
    root = make_contribution(session, topic, body=WORDS)
    proposal = make_proposal(session, topic, source=root)
    reply = make_reply(session, root, body=f"Respondo. {WORDS}")
    page = client.get(f"/propuestas/{proposal.folio}").text
    feed = read(client, f"/feeds/planes/{plan.code}/temas/{topic.code}.atom")
    contents = [entry.find(ATOM + "content") for entry in feed.findall(ATOM + "entry")]
    assert [(one.attrib, one.text) for one in contents if one is not None] == [
        ({"type": "html"}, reply.public_html),
        ({"type": "html"}, root.public_html),
    ]
    assert all(f'<div class="words">{row.public_html}</div>' in page for row in (root, reply))


def test_no_text_breaks_out_of_a_feed(session: Session, client: FlaskClient, plan: Plan, topic: Topic) -> None:
    """Whatever is stored: markup, what closes a section, and characters that XML does not know."""
    strange = "]]> \x01\x08\x0b\x0c\x1f\ufffe\uffff & <b>"
    roots = []
    for payload in PAYLOADS[:20]:
        author = make_person(session, public_name=f"A{strange}{payload}")
        body = f"Un texto bastante largo {payload} {strange}"
        roots.append(make_contribution(session, topic, title=f"T{strange}{payload}", body=body, person=author))
        make_proposal(session, topic, source=roots[-1])
    reply = make_reply(session, roots[0], body=strange + PAYLOADS[0], person=roots[0].person)
    proposal = roots[0].proposal_links[0].proposal
    for path in feeds_of(plan, topic, proposal):
        found = read(client, path).findall(ATOM + "entry")
        assert found
        assert {one.tag.removeprefix(ATOM) for entry in found for one in entry.iter()} == {
            *("entry", "id", "title", "author", "name", "published", "updated", "link", "content")
        }
        assert [what_is_wrong(text(entry, "content")) for entry in found if what_is_wrong(text(entry, "content"))] == []
    assert reply.id


def test_an_edit_updates_its_entry_and_keeps_its_name(
    session: Session, client: FlaskClient, plan: Plan, topic: Topic
) -> None:
    received = clock.now() - timedelta(days=2)
    root = make_contribution(session, topic, received_at=received, edited_at=received + timedelta(days=1))
    make_proposal(session, topic, source=root)
    entry = read(client, f"/feeds/planes/{plan.code}.atom").find(ATOM + "entry")
    assert entry is not None
    assert text(entry, "published") == root.received_at.isoformat()
    assert text(entry, "updated") == (received + timedelta(days=1)).isoformat()
    assert text(entry, "id") == f"tag:localhost,2018:aportes/{root.id}"


def test_a_split_makes_no_second_entry(session: Session, client: FlaskClient, plan: Plan, topic: Topic) -> None:
    root = make_contribution(session, topic, title="Dos cosas")
    first = make_proposal(session, topic, source=root)
    make_proposal(session, topic, source=root, title="La segunda")
    make_proposal(session, topic, source=make_contribution(session, topic), state=ProposalState.VOIDED)
    feed = read(client, f"/feeds/planes/{plan.code}.atom")
    assert entries(feed) == [("Dos cosas", f"http://localhost/propuestas/{first.folio}")]


def test_replies_to_hidden_words_stay_without_them(
    session: Session, client: FlaskClient, plan: Plan, topic: Topic
) -> None:
    root = make_contribution(session, topic, title="Oculto", body="Secreto aquí.", state=ContributionState.HIDDEN)
    proposal = make_proposal(session, topic, source=root, summary=None)
    make_reply(session, root, person=make_person(session, public_name="Luis"))
    for path in feeds_of(plan, topic, proposal)[1:]:
        feed = client.get(path).text
        assert f"Respuesta de Luis a {proposal.folio}" in feed
        assert "Oculto" not in feed
        assert "Secreto" not in feed


@pytest.mark.parametrize("count", [3, 60])
def test_a_feed_asks_the_same_of_the_database_whatever_it_holds(
    session: Session, client: FlaskClient, database: Database, plan: Plan, topic: Topic, count: int
) -> None:
    root = make_contribution(session, topic)
    proposal = make_proposal(session, topic, source=root)
    thread = Thread(session, root)
    keys = [thread.add() for _ in range(count)]
    thread.write()
    asked = []
    for path in feeds_of(plan, topic, proposal):
        with counting(database) as statements:
            feed = read(client, path)
        asked.append(sum(statement.startswith("SELECT") for statement in statements))
    assert asked == [4, 5, 8]
    shown = [text(entry, "id").rpartition("/")[2] for entry in feed.findall(ATOM + "entry")]
    assert shown == [str(key) for key in reversed(keys)][:MOST]


def test_the_feed_of_a_proposal_tells_its_path(session: Session, client: FlaskClient, plan: Plan, topic: Topic) -> None:
    """A decision is told once results are public, and as if it had been taken then."""
    proposal = make_proposal(session, topic, state=ProposalState.DECIDED)
    sent = clock.now() - timedelta(days=9)
    make_referral(session, proposal, sent_at=sent, state=ReferralState.ANSWERED, answered_at=clock.now())
    make_decision(session, proposal, outcome=Outcome.INCLUDED, decided_at=sent + timedelta(days=2))
    make_commitment(session, plan, proposals=[proposal])
    path, page = f"/feeds/propuestas/{proposal.folio}.atom", f"http://localhost/propuestas/{proposal.folio}"
    before = read(client, path)
    assert entries(before) == [(f"{proposal.folio}: En la institución", page)]
    assert text(before, "updated") == sent.isoformat()
    assert text(before, "entry/" + ATOM + "content") == "Las instituciones consultadas ya no deben respuesta."
    with writing(session):
        session.get_one(Plan, plan.id).results_published_at = public = clock.now()
        raise_versions(session, [site_scope()])
    after = read(client, path)
    steps = ("En la matriz", "Con decisión", "En la institución")
    assert [title for title, _ in entries(after)] == [f"{proposal.folio}: {step}" for step in steps]
    assert text(after, "updated") == public.isoformat()
    assert text(after, "entry/" + ATOM + "content") == "La propuesta se incorporó al plan."
    assert text(after, "entry/" + ATOM + "id") == f"tag:localhost,2018:propuestas/{proposal.folio}/in_matrix"


def test_what_has_no_page_has_no_feed(session: Session, client: FlaskClient, plan: Plan, topic: Topic) -> None:
    hidden = make_plan(session, state=PlanState.PREPARATION)
    draft = make_topic(session, plan, state=TopicState.DRAFT)
    pending = make_contribution(session, topic, state=ContributionState.PENDING)
    unread = make_proposal(session, topic, source=pending, state=ProposalState.RECEIVED)
    paths = [f"/feeds/planes/{hidden.code}.atom", *feeds_of(plan, draft, unread)[1:]]
    paths += ["/feeds/planes/ninguno.atom", f"/feeds/planes/{plan.code}/temas/ninguno.atom"]
    paths += ["/feeds/propuestas/PROP-1999-0001.atom", f"/feeds/planes/{plan.code}"]
    assert [path for path in paths if client.get(path).status_code != 404] == []


def test_empty_feeds_are_whole(session: Session, client: FlaskClient, plan: Plan, topic: Topic) -> None:
    proposal = make_proposal(session, topic)
    bare = make_topic(session, plan)
    assert entries(read(client, f"/feeds/propuestas/{proposal.folio}.atom")) == []
    assert entries(read(client, f"/feeds/planes/{plan.code}/temas/{bare.code}.atom")) == []


def test_a_feed_is_sent_as_a_public_page(client: FlaskClient, plan: Plan, topic: Topic) -> None:
    """The first answer is made by the application, the second by what stands in front of it."""
    for path in feeds_of(plan, topic):
        for _ in range(2):
            answer = client.get(path, headers={"Accept-Encoding": "gzip"})
            assert answer.content_encoding == "gzip"
            assert answer.content_type == "application/atom+xml; charset=utf-8"
            assert {name: answer.headers[name] for name in HEADERS} == HEADERS
            again = client.get(path, headers={"If-None-Match": answer.headers["ETag"]})
            assert (again.status_code, again.data) == (304, b"")


def test_pages_name_their_feed(session: Session, client: FlaskClient, plan: Plan, topic: Topic) -> None:
    proposal = make_proposal(session, topic)
    pages = [f"/planes/{plan.code}", f"/planes/{plan.code}/temas/{topic.code}", f"/propuestas/{proposal.folio}"]
    for prefix in ("", "/en"):
        for page, feed in zip(pages, feeds_of(plan, topic, proposal), strict=True):
            html = client.get(prefix + page).text
            assert f'<link rel="alternate" type="application/atom+xml" href="{prefix}{feed}">' in html
            assert html.count(f'href="{prefix}{feed}"') == 2


def test_a_feed_in_english_leads_to_pages_in_english(
    session: Session, client: FlaskClient, plan: Plan, topic: Topic
) -> None:
    proposal = make_proposal(session, topic)
    path = f"/feeds/planes/{plan.code}.atom"
    feed, spanish = read(client, f"/en{path}"), read(client, path)
    assert entries(feed)[0][1] == f"http://localhost/en/propuestas/{proposal.folio}"
    assert text(feed, "entry/" + ATOM + "id") == text(spanish, "entry/" + ATOM + "id")
    assert client.get(f"/feeds/propuestas/{proposal.folio.lower()}.atom").status_code == 301
