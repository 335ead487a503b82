"""Where an account is open, and closing it there, on a telephone."""

import pytest
from playwright.sync_api import expect

from tests.journeys.pages.account import SignIn
from tests.journeys.pages.screen import Screen
from tests.journeys.people import Someone
from tests.journeys.serving import LiveSite
from tests.journeys.watching import PHONE, Windows

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no scripts"])
def test_a_session_is_closed_from_another_one(site: LiveSite, browse: Windows, scripts: bool) -> None:
    mine, lost = (Someone(site, browse, scripts=scripts, viewport=PHONE).inside("participant") for _ in range(2))
    lost.open("/participar/seguir/", Screen)
    sessions = mine.looking().open("/participar/", Screen).follow("Ver dónde está abierta mi cuenta", Screen)
    expect(mine.page.get_by_text("Esta sesión")).to_have_count(1)
    sessions.press("Cerrar", Screen)
    expect(mine.page.get_by_role("button", name="Cerrar")).to_have_count(0)
    lost.open("/participar/seguir/", SignIn)
    mine.open("/participar/seguir/", Screen).see("Respuestas a lo que escribo")
