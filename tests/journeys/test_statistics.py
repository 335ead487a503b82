"""What people tell of themselves for statistics: nothing without consent, and taken back whenever they want."""

import pytest
from playwright.sync_api import expect

from tests.journeys.pages.screen import Screen
from tests.journeys.people import Someone
from tests.journeys.serving import LiveSite
from tests.journeys.watching import PHONE, Windows

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no scripts"])
def test_it_is_told_by_consent_changed_and_taken_back(site: LiveSite, browse: Windows, scripts: bool) -> None:
    me = Someone(site, browse, scripts=scripts, viewport=PHONE).inside("participant").looking()

    def mine() -> Screen:
        return me.open("/cuenta/", Screen).follow("estadísticas", Screen)

    page = mine()
    page.choose("Departamento", "Sonsonate")
    refused = page.press("Guardar", Screen)
    refused.see("Para guardar estos datos debe aceptar su uso.")
    refused.tick("Acepto")
    refused.press("Guardar", Screen)
    told = mine()
    told.see("Lo que ya nos dio")
    expect(told.field("Departamento").locator("option:checked")).to_have_text("Sonsonate")
    told.choose("Departamento", "Morazán")
    told.tick("Acepto")
    told.press("Guardar", Screen)
    told = mine()
    expect(told.field("Departamento").locator("option:checked")).to_have_text("Morazán")
    told.press("Borrar estos datos", Screen)
    mine().miss("Lo que ya nos dio")
