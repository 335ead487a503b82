"""Reading long conversations on a telephone, with scripts and without: sorted, page after page, by lasting links."""

import re

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy.orm import Session

from consulta.contributions.threads import TOPIC_PAGE
from consulta.plans.models import Topic
from tests.factories.contributions import make_contribution
from tests.factories.plans import make_plan, make_trusting_topic
from tests.factories.proposals import make_proposal
from tests.factories.threads import Thread
from tests.journeys.looking import look
from tests.journeys.pages.screen import Screen
from tests.journeys.people import Someone
from tests.journeys.serving import LiveSite
from tests.journeys.watching import Windows

pytestmark = pytest.mark.browser
BOTH = pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no scripts"])
NARROW = {"width": 320, "height": 640}
FIRST, LOVED, LAST = "La primera que llegó.", "La que más apoyan.", "La última que llegó."
ORDERS = {"Más recientes": LAST, "Más apoyadas": LOVED, "Más antiguas": FIRST}
MORE, DEEP = 3, 9


@pytest.fixture
def topic(session: Session) -> Topic:
    return make_trusting_topic(session, make_plan(session))


@pytest.fixture
def folio(session: Session, topic: Topic) -> str:
    """A proposal with three replies, a long chain of answers below the second."""
    root = make_contribution(session, topic)
    thread = Thread(session, root)
    thread.add(body=FIRST)
    thread.chain(DEEP, thread.add(body=LOVED, support_count=4))
    thread.add(body=LAST)
    thread.write()
    return make_proposal(session, topic, source=root).folio


def reader(site: LiveSite, browse: Windows, *, scripts: bool) -> Someone:
    return Someone(site, browse, scripts=scripts, viewport=NARROW).looking()


def address(topic: Topic) -> str:
    return f"/planes/{topic.plan.code}/temas/{topic.code}"


def first_of(page: Page) -> str:
    return page.locator("[data-thread] > .contribution").first.inner_text()


@BOTH
def test_replies_are_sorted_three_ways(site: LiveSite, folio: str, browse: Windows, scripts: bool) -> None:
    read = reader(site, browse, scripts=scripts).open(f"/propuestas/{folio}", Screen)
    for order, words in ORDERS.items():
        read = read.follow(order, Screen)
        assert words in first_of(read.page)
        expect(read.page.get_by_role("link", name=order)).to_have_attribute("aria-current", "true")


@BOTH
def test_a_topic_is_sorted_three_ways_and_read_to_its_end(
    site: LiveSite, session: Session, topic: Topic, browse: Windows, scripts: bool
) -> None:
    titles = [FIRST, LOVED, *(f"Propuesta {number}" for number in range(TOPIC_PAGE + MORE - 3)), LAST]
    for title in titles:
        supports = 4 if title == LOVED else 0
        source = make_contribution(session, topic, title=title, body="Es posible.", support_count=supports)
        make_proposal(session, source=source)
    someone = reader(site, browse, scripts=scripts)
    page, read = someone.page, someone.open(address(topic), Screen)
    for order, title in ORDERS.items():
        read = read.follow(order, Screen)
        assert title in first_of(page)
    shown = page.locator("[data-thread] > .contribution")
    expect(shown).to_have_count(TOPIC_PAGE)
    more = page.locator(".pagination [rel=next]")
    if scripts:  # what comes next joins what is there
        more.click()
        expect(shown).to_have_count(TOPIC_PAGE + MORE)
        expect(shown.nth(TOPIC_PAGE)).to_be_focused()
        look(page)
    else:
        more.click()
        expect(shown).to_have_count(MORE)
        look(page)
    expect(shown.last).to_contain_text(LAST)
    expect(more).to_have_count(0)


@BOTH
def test_the_link_of_an_answer_opens_its_branch_and_leads_back(
    site: LiveSite, folio: str, browse: Windows, scripts: bool
) -> None:
    someone = reader(site, browse, scripts=scripts)
    page, read = someone.page, someone.open(f"/propuestas/{folio}", Screen)
    whole = page.get_by_role("link", name=re.compile("^Ver la.* respuestas"))
    if scripts:
        whole.click()
        expect(page.locator("[data-thread] .contribution")).to_have_count(DEEP + MORE)
    else:
        read = read.follow("Ver las", Screen)
    deepest = page.locator(".contribution", has_text="respuesta a").last
    key = deepest.get_attribute("id")
    with page.expect_navigation():
        deepest.locator("time").last.click()
    branch = Screen(page)
    expect(page.get_by_role("heading", level=1)).to_contain_text("Respuesta de")
    assert page.url.endswith(f"#{key}")
    expect(page.locator(f"#{key}")).to_be_in_viewport()
    branch.follow("toda su conversación", Screen)
    assert page.url == f"{site.url}/propuestas/{folio}#conversacion"
    # The address alone leads there too, wherever the text stands by then.
    page.goto(f"/aportes/{str(key).removeprefix('aporte-')}")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Respuesta de")
