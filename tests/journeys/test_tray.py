"""A moderator's day: with the keyboard and scripts, and on a phone without them; and two who want the same."""

import re

import pytest
from playwright.sync_api import expect

from consulta.demo.accounts import PASSWORD
from tests.journeys.pages.account import SignIn
from tests.journeys.pages.moderation import Reading, Tray
from tests.journeys.pages.screen import Screen
from tests.journeys.people import Someone
from tests.journeys.serving import LiveSite
from tests.journeys.test_every_page import AXE, Reader
from tests.journeys.watching import PHONE, Windows

pytestmark = pytest.mark.browser
TRAY = "/coordinacion/moderacion"


class Moderator(Someone):
    """Somebody of the demonstration's team, already in."""

    def __init__(self, site: LiveSite, browse: Windows, name: str, **how: object) -> None:
        super().__init__(site, browse, f"{name}@demo.test", **how)  # type: ignore[arg-type]
        self.open("/cuenta/entrar", SignIn).enter(self.email, PASSWORD)


@pytest.fixture
def moderator(demo: LiveSite, browse: Windows) -> Moderator:
    """With scripts; what she sees after each step has no fault of accessibility."""
    moderator = Moderator(demo, browse, "moderacion")
    moderator.page.context.add_init_script(AXE)
    return moderator


def test_a_day_with_the_keyboard(moderator: Moderator) -> None:
    page, reader = moderator.page, Reader(moderator.page)
    keys = page.keyboard
    moderator.open(TRAY, Tray)
    for key in "jxjx":
        keys.press(key)
    expect(page.get_by_text("2 marcados:")).to_be_visible()
    reader.look("tray with two marked")
    check = Tray(page).press("No admitir", Screen)
    check.see("No se admitirán 2 aportes.")
    check.choose("Motivo", "Prueba")
    expect(check.field("Texto público")).to_have_value(re.compile("prueba de envío"))
    reader.look("check of two")
    check.press("No admitirlos", Tray).see("No se admitieron 2 aportes.")
    reader.look("tray after two")
    with page.expect_navigation():
        keys.press("u")
    Tray(page).see("Se deshizo: 2 aportes están como antes.")
    with page.expect_navigation():
        keys.press("s")
    title = Reading(page).page.get_by_role("heading", level=1).inner_text()
    keys.press("r")
    expect(page.get_by_label("Motivo")).to_be_focused()
    reader.look("refusing one")
    page.get_by_role("heading", level=1).click()
    with page.expect_navigation():
        keys.press("p")
    Screen(page).see("Se publicó.")
    with page.expect_navigation():
        keys.press("u")
    expect(Reading(page).page.get_by_role("heading", level=1)).to_have_text(title)
    reader.look("taken back")
    assert not reader.faults, "\n".join(reader.faults)


def test_shortcuts_can_be_switched_off_and_stay_off(moderator: Moderator) -> None:
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


def test_a_day_on_a_phone_without_scripts(demo: LiveSite, browse: Windows) -> None:
    moderator = Moderator(demo, browse, "moderacion", scripts=False, viewport=PHONE)
    moderator.open(TRAY, Tray).take_next().reject_with_stored_text("Sin propuesta")
    Screen(moderator.page).press("Deshacer", Reading).see("Se deshizo", "En revisión")
    tray = moderator.open(TRAY, Tray)
    tray.mark(2)
    check = tray.press("Publicar", Screen)
    check.see("Se publicarán 2 aportes.")
    done = check.press("Publicarlos", Tray)
    done.see("Se publicaron 2 aportes.")
    done.undo().see("Se deshizo: 2 aportes están como antes.")
    box = moderator.page.locator("body").bounding_box()
    assert box is not None
    assert box["width"] <= PHONE["width"]


def test_two_who_want_the_same(demo: LiveSite, browse: Windows) -> None:
    first, second = (Moderator(demo, browse, name, scripts=False) for name in ("moderacion", "coordinacion"))
    mine = first.open(TRAY, Tray).take_next()
    theirs = second.open(mine.page.url, Reading)
    theirs.see("Moderación de demostración lo está revisando")
    theirs.press("Tomarlo yo", Reading).see("Ahora lo revisa usted")
    mine.press("Publicar", Screen).see("está revisando este aporte", "Tomarlo yo y enviar")
