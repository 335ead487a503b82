"""Somebody asks to be erased, changes their mind, asks again, and a day later is «Aportante retirado»."""

import re

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from tests.factories.accounts import PASSWORD, make_account
from tests.factories.contributions import make_contribution
from tests.factories.people import make_person
from tests.factories.plans import make_plan, make_topic
from tests.factories.proposals import make_proposal
from tests.journeys.pages.account import SignIn
from tests.journeys.pages.privacy import ErasureWaits, OwnData
from tests.journeys.pages.public import PublicPage
from tests.journeys.people import Someone, in_days
from tests.journeys.serving import LiveSite
from tests.journeys.watching import PHONE, Windows

pytestmark = pytest.mark.browser
EMAIL, NAME = "lectora@example.org", "Lectora de Santa Tecla"
GONE, STAYS = "La biblioteca del barrio", "Horarios de las escuelas"
WORDS = "Que cada escuela publique sus horarios."


@pytest.fixture
def topic(app: Flask, session: Session) -> str:
    """Where somebody wrote two texts."""
    me = make_person(session, public_name=NAME, email=EMAIL)
    make_account(app, session, me)
    topic = make_topic(session, make_plan(session))
    for title, body in ((GONE, "Abramos la biblioteca de mi barrio."), (STAYS, WORDS)):
        make_proposal(session, source=make_contribution(session, topic, person=me, title=title, body=body))
    return f"/planes/{topic.plan.code}/temas/{topic.code}"


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no scripts"])
def test_somebody_goes_for_good(site: LiveSite, topic: str, browse: Windows, scripts: bool) -> None:
    me = Someone(site, browse, EMAIL, scripts=scripts, viewport=PHONE).looking()
    me.open("/cuenta/entrar", SignIn).enter(EMAIL, PASSWORD)
    data = me.open("/cuenta/datos", OwnData)
    assert data.take_copy().endswith(".zip")
    waits = data.erase().ask()
    data = waits.keep()
    data.see("No borraremos nada.")
    erasure = data.erase()
    erasure.page.get_by_label(re.compile(f"«{GONE}»")).check()
    erasure.ask()
    me.open(site.mails_to(EMAIL)[-1].link("/cuenta/datos/borrar"), ErasureWaits)
    site.moment = in_days(2)
    assert site.mails_to(EMAIL)[-1].subject == "Borramos sus datos"
    door = me.open("/cuenta/datos", SignIn)
    door.fill("Correo electrónico", EMAIL)
    door.fill("Contraseña", PASSWORD)
    door.press("Entrar", SignIn).see("El correo o la contraseña no coinciden.")
    read = me.open(topic, PublicPage)
    read.see("Aportante retirado", "[Texto borrado a petición de quien lo escribió]", WORDS)
    read.miss(NAME, GONE)
