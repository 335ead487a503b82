"""A conversation on a telephone: opened, answered and followed in place with scripts; by links without them."""

from datetime import timedelta

import pytest
from playwright.sync_api import Locator, Page, expect
from sqlalchemy.orm import Session

from consulta import clock
from consulta.contributions.models import Contribution
from consulta.contributions.services import reply
from consulta.plans.models import Topic
from tests.factories.contributions import make_contribution
from tests.factories.people import make_actor
from tests.factories.plans import make_plan, make_trusting_topic
from tests.factories.proposals import make_proposal
from tests.factories.threads import Thread
from tests.journeys.looking import look
from tests.journeys.pages.screen import Screen
from tests.journeys.people import Someone
from tests.journeys.serving import LiveSite
from tests.journeys.watching import Windows

pytestmark = pytest.mark.browser
ANSWERS = 9
NARROW = {"width": 320, "height": 640}
ABOVE = "() => document.querySelector('[data-thread] .contribution').getBoundingClientRect().top"
WHILE_FOLDED = "Respondo sin abrir lo demás."
MINUTE_MS, WRITING = 61_000, timedelta(minutes=1)


@pytest.fixture
def topic(session: Session) -> Topic:
    return make_trusting_topic(session, make_plan(session))


@pytest.fixture
def root(session: Session, topic: Topic) -> Contribution:
    """A proposal with one reply that has many answers, one of them with answers of its own."""
    root = make_contribution(session, topic)
    thread = Thread(session, root)
    branch = thread.add(support_count=3)
    answers = [thread.add(branch) for _ in range(ANSWERS - 2)]
    thread.chain(2, answers[-1])
    thread.write()
    return root


@pytest.fixture
def address(session: Session, topic: Topic, root: Contribution) -> str:
    return f"/propuestas/{make_proposal(session, topic, source=root).folio}"


def test_it_is_read_answered_and_followed_in_place(
    site: LiveSite, session: Session, root: Contribution, address: str, browse: Windows
) -> None:
    page = Someone(site, browse, viewport=NARROW).inside("participant").looking().page
    page.clock.install()
    page.goto(address)
    folded = page.get_by_role("link", name=f"Ver las {ANSWERS} respuestas")
    shown = page.locator(".replies .contribution")
    first = shown.count()
    folded.click()
    expect(shown).to_have_count(ANSWERS)
    expect(shown.nth(first)).to_be_focused()
    look(page)
    _fold_and_open_again(site, page, shown, first)
    shown.first.get_by_role("link", name="Responder").click()
    look(page)
    page.get_by_label("Su respuesta a").fill("Esto se publica y se ve aquí mismo.")
    # People take a while to write; what comes back at once waits for a moderator.
    site.moment = clock.now() + WRITING
    page.get_by_role("button", name="Enviar mi respuesta").click()
    mine = page.locator(".contribution:focus")
    expect(mine).to_contain_text("Esto se publica y se ve aquí mismo.")
    expect(shown.first.locator(".contribution")).to_have_count(1)
    look(page)
    place = page.evaluate(ABOVE)
    reply(session, actor=make_actor(session), parent_id=root.id, body="Una más, de otra persona.", form_key="k1")
    page.clock.fast_forward(MINUTE_MS)
    news = page.get_by_role("link", name="Hay 1 aporte nuevo")
    expect(news).to_be_visible()
    assert page.evaluate(ABOVE) == place
    look(page)
    news.click()
    expect(page.get_by_text("Una más, de otra persona.")).to_be_visible()


def _fold_and_open_again(site: LiveSite, page: Page, shown: Locator, first: int) -> None:
    """What was opened in place folds by a button and opens again as it was left, with the keyboard alone."""
    fold = page.get_by_role("button", name="Ocultar estas respuestas", expanded=True)
    answer = shown.nth(ANSWERS - 1).get_by_role("link", name="Responder")
    answer.click()
    page.get_by_label("Su respuesta a").fill("Todavía no termino.")
    shown.nth(1).get_by_role("link", name="Apoyar").click()
    expect(shown.nth(1)).to_contain_text("Apoyada")
    fold.focus()
    page.keyboard.press("Enter")
    expect(shown).to_have_count(first)
    expect(shown.nth(1)).to_contain_text("Apoyada")
    expect(shown.nth(1).locator("[data-support-count]")).to_have_text("1 apoyo")
    folded = page.get_by_role("link", name=f"Ver las {ANSWERS} respuestas", expanded=False)
    expect(folded).to_be_focused()
    look(page)
    page.locator(".conversation > .contribution > article").get_by_role("link", name="Responder").click()
    page.get_by_label("Su respuesta a").fill(WHILE_FOLDED)
    site.moment = clock.now() + WRITING
    page.get_by_role("button", name="Enviar mi respuesta").click()
    expect(shown).to_have_count(first + 1)
    folded.focus()
    page.keyboard.press("Enter")
    expect(shown).to_have_count(ANSWERS + 1)
    expect(shown.last).to_contain_text(WHILE_FOLDED)
    expect(fold).to_be_focused()
    expect(page.get_by_label("Su respuesta a")).to_have_value("Todavía no termino.")
    answer.click()
    look(page)


def test_every_reply_is_a_link_away_without_scripts(site: LiveSite, address: str, browse: Windows) -> None:
    someone = Someone(site, browse, viewport=NARROW, scripts=False).looking()
    page, read = someone.page, someone.open(address, Screen)
    branch = read.follow(f"Ver las {ANSWERS} respuestas", Screen)
    expect(page.locator("[data-thread] .contribution")).to_have_count(ANSWERS)
    page.locator("[data-thread] .contribution .contribution").last.locator("time").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Respuesta de")
    branch = Screen(page).follow("toda su conversación", Screen)
    assert branch.page.url == f"{site.url}{address}#conversacion"
