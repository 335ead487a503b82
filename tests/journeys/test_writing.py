"""Writing on a telephone: with scripts a draft keeps itself and what is alike shows up; without them buttons do it."""

import pytest
from flask import Flask
from playwright.sync_api import Page, expect
from sqlalchemy.orm import Session

from consulta.contributions.models import Contribution
from consulta.plans.models import Topic
from consulta.search.index import rebuild
from tests.clients import Clients
from tests.factories.contributions import make_contribution
from tests.factories.plans import make_plan, make_trusting_topic
from tests.factories.proposals import make_proposal
from tests.journeys.serving import LiveSite
from tests.journeys.test_every_page import AXE, RUN_AXE
from tests.journeys.watching import PHONE, Windows

pytestmark = pytest.mark.browser
BODY = "Que cada escuela publique lo que gasta en comida y quién la vende."
PAUSE_MS = 2_000


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
    context = browse(site, viewport=PHONE, scripts=scripts)
    context.add_init_script(AXE)
    client = Clients(site.app, site.database)(identity)
    if client.token:
        context.add_cookies([{"name": "consulta", "value": client.token, "url": site.url}])
    return context.new_page()


def check(page: Page) -> None:
    assert page.evaluate(RUN_AXE) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]


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
    check(page)
    found.get_by_role("link", name="Apoyar").click()
    expect(found.get_by_text("Apoyada")).to_be_visible()
    expect(found).to_contain_text("1 apoyo")
    check(page)
    page.goto(address(topic))
    expect(text).to_have_value(BODY)
    expect(page.get_by_text("Recuperamos lo que dejó escrito aquí.")).to_be_visible()
    check(page)
    page.get_by_role("button", name="Revisar mi propuesta").click()
    page.get_by_role("button", name="Enviar mi propuesta").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Recibimos su propuesta")
    check(page)
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
    check(page)
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
    page.get_by_role("textbox", name="Su propuesta").fill(BODY)
    page.get_by_role("button", name="Revisar mi propuesta").click()
    expect(page.get_by_role("heading", name="¿Es la misma que alguna de estas?")).to_be_visible()
    page.get_by_role("button", name="Guardar borrador").click()
    expect(page.get_by_text("Borrador guardado a las")).to_be_visible()
    page.goto("/participar/")
    page.get_by_role("link", name="Propuesta sin título").click()
    page.get_by_role("button", name="Revisar mi propuesta").click()
    page.get_by_role("button", name="Enviar mi propuesta").click()
    page.get_by_role("link", name="Ver mis aportes").click()
    page.get_by_role("link", name="Que cada escuela publique").click()
    page.get_by_role("link", name="Cambiar lo que escribí").click()
    page.get_by_label("Su texto").fill(f"{BODY} Y **a quién** se la compra.")
    page.get_by_role("button", name="Ver cómo se leerá").click()
    expect(page.locator(".words strong")).to_have_text("a quién")
    page.get_by_role("button", name="Guardar el cambio").click()
    expect(page.get_by_text("Guardamos su cambio.")).to_be_visible()
    page.goto(address(topic))
    page.get_by_role("textbox", name="Su propuesta").fill(BODY)
    page.get_by_role("button", name="Revisar mi propuesta").click()
    page.get_by_role("button", name="Apoyarla en vez de enviar la mía").first.click()
    expect(page.get_by_text("Usted ya lo apoya.")).to_be_visible()
