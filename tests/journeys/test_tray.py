"""A moderator's day: with the keyboard and scripts, and on a phone without them; and two who want the same."""

import re

import pytest
from playwright.sync_api import expect
from sqlalchemy.orm import Session

from consulta.contributions.models import ContributionState
from consulta.proposals.models import ProposalState
from tests.factories.contributions import make_contribution
from tests.factories.plans import make_plan, make_topic
from tests.factories.proposals import make_proposal
from tests.journeys.looking import look
from tests.journeys.pages.moderation import Reading, Tray
from tests.journeys.pages.screen import Screen
from tests.journeys.people import Someone
from tests.journeys.serving import LiveSite
from tests.journeys.watching import PHONE, Windows

pytestmark = pytest.mark.browser
TRAY = "/coordinacion/moderacion"


@pytest.fixture(autouse=True)
def waiting(session: Session) -> None:
    """What people wrote and nobody has read."""
    topic = make_topic(session, make_plan(session))
    for number in range(4):
        pending = make_contribution(session, topic, title=f"Propuesta {number}", state=ContributionState.PENDING)
        make_proposal(session, topic, source=pending, state=ProposalState.RECEIVED)


@pytest.fixture
def moderator(site: LiveSite, browse: Windows) -> Someone:
    return Someone(site, browse).inside("moderator").looking()


def test_a_day_with_the_keyboard(moderator: Someone) -> None:
    page, keys = moderator.page, moderator.page.keyboard
    moderator.open(TRAY, Tray)
    for key in "jxjx":
        keys.press(key)
    expect(page.get_by_text("2 marcados:")).to_be_visible()
    look(page)
    check = Tray(page).press("No admitir", Screen)
    check.see("No se admitirán 2 aportes.")
    check.choose("Motivo", "Prueba")
    expect(check.field("Texto público")).to_have_value(re.compile("prueba de envío"))
    check.press("No admitirlos", Tray).see("No se admitieron 2 aportes.")
    with page.expect_navigation():
        keys.press("u")
    Tray(page).see("Se deshizo: 2 aportes están como antes.")
    with page.expect_navigation():
        keys.press("s")
    title = Reading(page).page.get_by_role("heading", level=1).inner_text()
    keys.press("r")
    expect(page.get_by_label("Motivo")).to_be_focused()
    look(page)
    page.get_by_role("heading", level=1).click()
    with page.expect_navigation():
        keys.press("p")
    Screen(page).see("Se publicó.")
    with page.expect_navigation():
        keys.press("u")
    expect(Reading(page).page.get_by_role("heading", level=1)).to_have_text(title)


def test_shortcuts_can_be_switched_off_and_stay_off(moderator: Someone) -> None:
    page = moderator.page
    moderator.open(TRAY, Tray)
    page.keyboard.press("?")
    expect(page.get_by_text("bajar al siguiente")).to_be_visible()
    page.get_by_label("Usar los atajos en este navegador").uncheck()
    moderator.open(TRAY, Tray).take_next()
    address = page.url
    page.keyboard.press("p")
    page.keyboard.press("k")
    page.reload()
    assert page.url == address
    Reading(page).see("En revisión", "Lo está revisando usted")


def test_a_day_on_a_phone_without_scripts(site: LiveSite, browse: Windows) -> None:
    moderator = Someone(site, browse, scripts=False, viewport=PHONE).inside("moderator").looking()
    moderator.open(TRAY, Tray).take_next().reject_with_stored_text("Sin propuesta")
    Screen(moderator.page).press("Deshacer", Reading).see("Se deshizo", "En revisión")
    tray = moderator.open(TRAY, Tray)
    tray.mark(2)
    check = tray.press("Publicar", Screen)
    check.see("Se publicarán 2 aportes.")
    done = check.press("Publicarlos", Tray)
    done.see("Se publicaron 2 aportes.")
    done.undo().see("Se deshizo: 2 aportes están como antes.")


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no scripts"])
def test_two_who_want_the_same(site: LiveSite, browse: Windows, scripts: bool) -> None:
    first, second = (
        Someone(site, browse, scripts=scripts).inside(name).looking() for name in ("moderator", "coordinator")
    )
    mine = first.open(TRAY, Tray).take_next()
    theirs = second.open(mine.page.url, Reading)
    theirs.see("Moderator lo está revisando")
    theirs.press("Tomarlo yo", Reading).see("Ahora lo revisa usted")
    mine.press("Publicar", Screen).see("está revisando este aporte", "Tomarlo yo y enviar")
