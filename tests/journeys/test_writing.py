"""Writing on a telephone: with scripts a draft keeps itself and what is alike shows up; without them buttons do it."""

from datetime import timedelta

import pytest
from flask import Flask
from playwright.sync_api import Page, expect
from sqlalchemy.orm import Session

from consulta import clock
from consulta.contributions.models import BODY_MAX, Contribution
from consulta.plans.models import Topic
from consulta.search.index import rebuild
from tests.factories.contributions import make_contribution
from tests.factories.plans import make_plan, make_trusting_topic
from tests.factories.proposals import make_proposal
from tests.journeys.looking import look
from tests.journeys.pages.account import OwnSpace
from tests.journeys.pages.public import CheckPage, Composer, OwnContribution
from tests.journeys.pages.screen import Screen
from tests.journeys.people import Someone
from tests.journeys.serving import LiveSite
from tests.journeys.watching import PHONE, Windows

pytestmark = pytest.mark.browser
BODY = "Que cada escuela publique lo que gasta en comida y quién la vende."
PAUSE_MS, LATER = 2_000, timedelta(minutes=20)
WRITING = timedelta(minutes=1)
MARKED = "Que se publique **cada mes**:\n\n- qué obras empiezan\n- *cuánto* cuestan"


@pytest.fixture
def topic(session: Session) -> Topic:
    return make_trusting_topic(session, make_plan(session))


@pytest.fixture
def alike(app: Flask, session: Session, topic: Topic) -> Contribution:
    """A proposal that asks nearly the same, and can be found."""
    body = "Que la comida de cada escuela se compre a la vista: quién la vende y cuánto se gasta."
    alike = make_contribution(session, topic, title="Comida escolar", body=body)
    make_proposal(session, topic, source=alike)
    rebuild(app.extensions["consulta"].search, app.extensions["consulta"].database)
    return alike


def opened(site: LiveSite, browse: Windows, *, scripts: bool, identity: str = "participant") -> Page:
    """A telephone on which each screen is looked at."""
    someone = Someone(site, browse, scripts=scripts, viewport=PHONE).looking()
    return someone.page if identity == "visitor" else someone.inside(identity).page


def address(topic: Topic) -> str:
    return f"/planes/{topic.plan.code}/temas/{topic.code}"


def test_the_script_keeps_what_is_written_and_shows_what_is_alike(
    site: LiveSite, topic: Topic, alike: Contribution, browse: Windows
) -> None:
    page = opened(site, browse, scripts=True)
    page.clock.install()
    page.goto(address(topic))
    text = page.get_by_role("textbox", name="Su propuesta")
    text.fill(BODY)
    page.clock.run_for(PAUSE_MS)
    expect(page.get_by_text("Borrador guardado a las")).to_be_visible()
    found = page.locator(".similar")
    expect(found).to_contain_text("Hay 1 propuesta parecida.")
    look(page)
    found.get_by_role("link", name="Apoyar").click()
    expect(found.get_by_text("Apoyada")).to_be_visible()
    expect(found).to_contain_text("1 apoyo")
    look(page)
    found.get_by_role("link", name="Apoyada").click()
    expect(found).to_contain_text("0 apoyos")
    page.goto(address(topic))
    expect(text).to_have_value(BODY)
    expect(page.get_by_text("Recuperamos lo que dejó escrito aquí.")).to_be_visible()
    look(page)
    page.get_by_role("button", name="Revisar mi propuesta").click()
    page.get_by_role("button", name="Enviar mi propuesta").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Recibimos su propuesta")
    look(page)
    page.goto("/participar/")
    expect(page.get_by_text("Borradores")).to_have_count(0)
    page.goto(address(topic))
    page.clock.run_for(PAUSE_MS)
    expect(text).to_have_value("")


def test_a_visitor_s_draft_stays_in_the_browser(site: LiveSite, topic: Topic, browse: Windows) -> None:
    page = opened(site, browse, scripts=True, identity="visitor")
    page.clock.install()
    page.goto(address(topic))
    text = page.get_by_role("textbox", name="Su propuesta")
    text.fill(BODY)
    page.clock.run_for(PAUSE_MS)
    expect(page.get_by_text("Borrador guardado en este navegador.")).to_be_visible()
    page.goto(address(topic))
    expect(text).to_have_value(BODY)
    look(page)
    page.get_by_role("button", name="Borrar el borrador").click()
    expect(text).to_be_focused()
    page.clock.run_for(PAUSE_MS)
    page.goto(address(topic))
    expect(text).to_have_value("")


def test_without_scripts_buttons_keep_compare_and_support(
    site: LiveSite, session: Session, topic: Topic, alike: Contribution, browse: Windows
) -> None:
    page = opened(site, browse, scripts=False)
    page.goto(address(topic))
    Composer(page).fill("Su propuesta", BODY)
    check = Composer(page).press("Revisar mi propuesta", CheckPage)
    check.see("¿Es la misma que alguna de estas?")
    check.press("Guardar borrador", Screen).see("Borrador guardado a las")
    page.goto("/participar/")
    kept = OwnSpace(page).follow("Propuesta sin título", Screen)
    kept.press("Revisar mi propuesta", CheckPage).send()
    page.goto(address(topic))
    Composer(page).fill("Su propuesta", BODY)
    check = Composer(page).press("Revisar mi propuesta", CheckPage)
    check.press("Apoyarla en vez de enviar la mía", Screen).see("Usted ya lo apoya.")
    Screen(page).press("Retirar mi apoyo", Screen)


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no scripts"])
def test_a_text_is_changed_at_first_freely_and_later_in_sight_of_all(
    site: LiveSite, topic: Topic, browse: Windows, scripts: bool
) -> None:
    page = opened(site, browse, scripts=scripts)
    page.goto(address(topic))
    receipt = Composer(page).write("Comida escolar", BODY).send()
    own = receipt.follow("Ver mis aportes", OwnSpace).follow("Comida escolar", OwnContribution)
    own = _edit(own, f"{BODY} Y **a quién** se la compra.", "a quién")
    own.open(address(topic), Screen).miss("Editado")
    site.moment = clock.now() + LATER
    own = own.open("/participar/", OwnSpace).follow("Comida escolar", OwnContribution)
    own = _edit(own, f"{BODY} Y **por cuánto** la compra.", "por cuánto")
    own.follow("Ver sus cambios", Screen)
    expect(page.locator(".difference")).to_have_count(1)
    expect(page.locator(".difference del").first).to_contain_text("a quién")
    expect(page.locator(".difference ins").first).to_contain_text("por cuánto")
    visitor = opened(site, browse, scripts=scripts, identity="visitor")
    visitor.goto(address(topic))
    Screen(visitor).follow("Editado", Screen)
    expect(visitor.locator(".difference ins").first).to_contain_text("por cuánto")
    own.open("/participar/", OwnSpace).follow("Comida escolar", OwnContribution).withdraw()
    page.goto(address(topic))
    Screen(page).miss("por cuánto")


def _edit(own: OwnContribution, body: str, strong: str) -> OwnContribution:
    """Change the text, look at how it will read, and keep it."""
    form = own.follow("Cambiar lo que escribí", Screen)
    form.fill("Su texto", body)
    form = form.press("Ver cómo se leerá", Screen)
    expect(own.page.locator(".words strong")).to_have_text(strong)
    kept = form.press("Guardar el cambio", OwnContribution)
    kept.see("Guardamos su cambio.")
    return kept


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no scripts"])
def test_a_text_reads_the_same_wherever_it_is_read(
    site: LiveSite, topic: Topic, browse: Windows, scripts: bool
) -> None:
    page = opened(site, browse, scripts=scripts)
    page.goto(address(topic))
    form, left = Composer(page), BODY_MAX - len(MARKED)
    form.fill("Su propuesta", MARKED)
    form.see(f"Le quedan {left:,} caracteres." if scripts else f"Puede escribir hasta {BODY_MAX:,} caracteres.")
    check = form.press("Revisar mi propuesta", CheckPage)
    preview = page.locator(".words").inner_html().strip()
    assert [page.locator(f".words {part}").count() for part in ("strong", "em", "ul > li")] == [1, 1, 2]
    # Nobody writes in no time: what comes back at once waits for a moderator.
    site.moment = clock.now() + WRITING
    folio = check.send().folio
    page.goto(address(topic))
    expect(page.locator(".contribution .words")).to_contain_text("qué obras empiezan")
    assert page.locator(".contribution .words").inner_html().strip() == preview
    mail = site.mails_to("participant@example.org")[-1]
    assert folio in mail.subject
    assert "Que se publique cada mes:" in mail.text
    assert "- cuánto cuestan" in mail.text
