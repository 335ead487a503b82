"""What shows personal data is gone as soon as somebody says so, and a moderator decides; on a phone without scripts."""

import pytest

from consulta.demo.accounts import PASSWORD
from tests.journeys.pages.account import SignIn
from tests.journeys.pages.moderation import Tray
from tests.journeys.pages.public import PublicPage
from tests.journeys.pages.screen import Screen
from tests.journeys.people import Someone
from tests.journeys.serving import LiveSite
from tests.journeys.watching import PHONE, Windows

pytestmark = pytest.mark.browser
TOPIC, TRAY = "/planes/demostracion/temas/obra-publica", "/coordinacion/moderacion?ver=denunciados"
TITLE, WORDS = "Aceras por donde pase una silla de ruedas", "Cada obra de calle debería incluir su acera"


def test_a_report_hides_at_once_and_a_moderator_decides(demo: LiveSite, browse: Windows) -> None:
    reader = Someone(demo, browse, "vecino@demo.test", scripts=False, viewport=PHONE)
    reader.open(TOPIC, PublicPage).see(WORDS)
    item = reader.page.locator("article", has_text=WORDS).first
    entry = PublicPage(reader.page).follow("Denunciar", SignIn, within=item)
    entry.fill("Correo electrónico", reader.email)
    entry.fill("Contraseña", PASSWORD)
    form = entry.press("Entrar", Screen)
    refused = form.press("Enviar mi denuncia", Screen)
    refused.see("Elija por qué lo denuncia.", WORDS)
    refused.tick("Muestra datos personales de alguien")
    refused.fill("Cuéntenos más", "Dice dónde vivo.")
    refused.press("Enviar mi denuncia", Screen).see("Gracias. Recibimos su denuncia", "Ya ocultamos el texto.")
    gone = reader.open(TOPIC, PublicPage)
    gone.see("Alguien avisó que el texto puede mostrar datos personales.")
    gone.miss(WORDS)
    moderator = Someone(demo, browse, "moderacion@demo.test", scripts=False, viewport=PHONE)
    moderator.open("/cuenta/entrar", SignIn).enter(moderator.email, PASSWORD)
    reading = moderator.open(TRAY, Tray).read(TITLE)
    reading.see("Dice dónde vivo.")
    reading.unfold("Mostrar de nuevo")
    reading.fill("Motivo", "La persona autora habla de su propia casa.")
    reading.press("Mostrar de nuevo", Screen)
    reader.open(TOPIC, PublicPage).see(WORDS)
