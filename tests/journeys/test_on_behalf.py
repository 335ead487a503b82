"""Somebody asks to represent an organisation, the coordinator confirms, and each text says for whom it is."""

from typing import Any

import pytest
from playwright.sync_api import expect

from consulta.demo.accounts import PASSWORD
from tests.journeys.pages.account import SignIn
from tests.journeys.pages.moderation import Tray
from tests.journeys.pages.public import CheckPage, Composer, PublicPage
from tests.journeys.pages.screen import Screen
from tests.journeys.people import Someone
from tests.journeys.serving import LiveSite
from tests.journeys.watching import PHONE, WIDE, Windows

pytestmark = pytest.mark.browser
TOPIC = "/planes/demostracion/temas/educacion"
QUESTION, NETWORK = "¿En nombre de quién escribe?", "Red de Lectoras"
SIGNED = f"Contador de San Miguel, en nombre de {NETWORK}"


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "on a phone without"])
def test_a_text_on_behalf_of_an_organisation(demo: LiveSite, browse: Windows, *, scripts: bool) -> None:
    way: dict[str, Any] = {"scripts": scripts, "viewport": WIDE if scripts else PHONE}
    reader, team = (Someone(demo, browse, f"{who}@demo.test", **way) for who in ("vecino", "coordinacion"))
    reader.open("/cuenta/entrar", SignIn).enter(reader.email, PASSWORD)
    form = reader.open("/cuenta/", Screen).follow("Represento a una organización", Screen)
    form.unfold("La organización no está en la lista")
    form.fill("Nombre de la organización", NETWORK)
    form.fill("Siglas", "RLEC")
    form.choose("Tipo de organización", "Sociedad civil")
    form.fill("Su cargo", "Coordinador")
    form = form.press("Pedir que lo confirmen", Screen)
    form.see("Diga cómo podemos comprobarlo.")
    form.fill("¿Cómo podemos comprobarlo?", "Nuestra página dice quién coordina.")
    form.press("Pedir que lo confirmen", Screen).see("El punto de contacto revisa su solicitud")
    team.open("/cuenta/entrar", SignIn).enter(team.email, PASSWORD)
    tray = team.open("/coordinacion/organizaciones", Screen)
    tray.follow("Contador de San Miguel", Screen).press("Confirmar que la representa", Screen)
    assert NETWORK in demo.mails_to(reader.email)[-1].subject
    composer = reader.open(TOPIC, Composer)
    if scripts:  # asked in place; without scripts the check page asks
        expect(composer.field(QUESTION)).to_be_visible()
        composer.choose(QUESTION, NETWORK)
    check = composer.write("Rincones de lectura", "Proponemos un rincón de lectura en cada parque del país.")
    expect(check.page.get_by_role("group", name=QUESTION)).to_be_visible()
    check.tick(f"En nombre de {NETWORK}")
    check = check.change().press("Revisar mi propuesta", CheckPage)
    expect(check.page.get_by_label(f"En nombre de {NETWORK}")).to_be_checked()
    check.send().see(f"En nombre de {NETWORK}")
    reading = team.open("/coordinacion/moderacion", Tray).read("Rincones de lectura")
    reading.see(SIGNED)
    reading.publish()
    Someone(demo, browse, **way).open(TOPIC, PublicPage).see(SIGNED)
