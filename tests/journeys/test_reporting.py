"""What shows personal data is gone as soon as somebody says so, and a moderator decides; on a phone, scripts or not."""

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from tests.factories.accounts import PASSWORD, make_account
from tests.factories.contributions import make_contribution
from tests.factories.people import make_person
from tests.factories.plans import make_plan, make_topic
from tests.factories.proposals import make_proposal
from tests.journeys.pages.account import SignIn
from tests.journeys.pages.moderation import Tray
from tests.journeys.pages.public import PublicPage
from tests.journeys.pages.screen import Screen
from tests.journeys.people import Someone
from tests.journeys.serving import LiveSite
from tests.journeys.watching import PHONE, Windows

pytestmark = pytest.mark.browser
READER, TRAY = "vecino@example.org", "/coordinacion/moderacion?ver=denunciados"
TITLE, WORDS = "Aceras por donde pase una silla de ruedas", "Cada obra de calle debería incluir su acera"


@pytest.fixture
def topic(app: Flask, session: Session) -> str:
    """Where a text shows that a reader will report."""
    make_account(app, session, make_person(session, public_name="Vecino", email=READER))
    topic = make_topic(session, make_plan(session))
    make_proposal(session, topic, source=make_contribution(session, topic, title=TITLE, body=f"{WORDS}."))
    return f"/planes/{topic.plan.code}/temas/{topic.code}"


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no scripts"])
def test_a_report_hides_at_once_and_a_moderator_decides(
    site: LiveSite, topic: str, browse: Windows, scripts: bool
) -> None:
    reader = Someone(site, browse, READER, scripts=scripts, viewport=PHONE).looking()
    reader.open(topic, PublicPage).see(WORDS)
    item = reader.page.locator("article", has_text=WORDS).first
    visiting = PublicPage(reader.page).follow("Denunciar", Screen, within=item)
    visiting.see("Hasta entonces se sigue mostrando.")
    entry = visiting.follow("Entrar para denunciarlo", SignIn)
    entry.fill("Correo electrónico", reader.email)
    entry.fill("Contraseña", PASSWORD)
    form = entry.press("Entrar", Screen)
    refused = form.press("Enviar mi denuncia", Screen)
    refused.see("Elija por qué lo denuncia.", WORDS)
    refused.tick("Muestra datos personales de alguien")
    refused.fill("Cuéntenos más", "Dice dónde vivo.")
    refused.press("Enviar mi denuncia", Screen).see("Gracias. Recibimos su denuncia", "Ya ocultamos el texto.")
    gone = reader.open(topic, PublicPage)
    gone.see("Alguien avisó que el texto puede mostrar datos personales.")
    gone.miss(WORDS)
    moderator = Someone(site, browse, scripts=scripts, viewport=PHONE).inside("moderator").looking()
    reading = moderator.open(TRAY, Tray).read(TITLE)
    reading.see("Dice dónde vivo.")
    reading.unfold("Mostrar de nuevo")
    reading.fill("Motivo", "La persona autora habla de su propia casa.")
    reading.press("Mostrar de nuevo", Screen)
    reader.open(topic, PublicPage).see(WORDS)
