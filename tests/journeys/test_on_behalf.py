"""Somebody asks to represent an organisation, the coordinator confirms, and each text says for whom it is."""

from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import expect
from sqlalchemy.orm import Session

from tests.factories.accounts import PASSWORD, make_account
from tests.factories.people import make_person
from tests.factories.plans import make_plan, make_topic
from tests.journeys.pages.account import SignIn
from tests.journeys.pages.moderation import Tray
from tests.journeys.pages.public import CheckPage, Composer, PublicPage
from tests.journeys.pages.screen import Screen
from tests.journeys.people import Someone
from tests.journeys.serving import LiveSite
from tests.journeys.watching import PHONE, WIDE, Windows

pytestmark = pytest.mark.browser
EMAIL = "vecino@example.org"
QUESTION, NETWORK = "¿En nombre de quién escribe?", "Red de Lectoras"
SIGNED = f"Contador de San Miguel, en nombre de {NETWORK}"


@pytest.fixture
def topic(app: Flask, session: Session) -> str:
    """Where a person with an account will write."""
    make_account(app, session, make_person(session, public_name="Contador de San Miguel", email=EMAIL))
    topic = make_topic(session, make_plan(session))
    return f"/planes/{topic.plan.code}/temas/{topic.code}"


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "on a phone without"])
def test_a_text_on_behalf_of_an_organisation(site: LiveSite, topic: str, browse: Windows, *, scripts: bool) -> None:
    way: dict[str, Any] = {"scripts": scripts, "viewport": WIDE if scripts else PHONE}
    reader = Someone(site, browse, EMAIL, **way).looking()
    team = Someone(site, browse, **way).inside("coordinator").looking()
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
    tray = team.open("/coordinacion/organizaciones", Screen)
    tray.follow("Contador de San Miguel", Screen).press("Confirmar que la representa", Screen)
    assert NETWORK in site.mails_to(reader.email)[-1].subject
    composer = reader.open(topic, Composer)
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
    Someone(site, browse, **way).looking().open(topic, PublicPage).see(SIGNED)
