"""Somebody asks to be erased, changes their mind, asks again, and a day later is «Aportante retirado»."""

import re

import pytest

from consulta.demo.accounts import PASSWORD
from tests.journeys.pages.account import SignIn
from tests.journeys.pages.privacy import ErasureWaits, OwnData
from tests.journeys.pages.public import PublicPage
from tests.journeys.people import Someone, in_days
from tests.journeys.serving import LiveSite
from tests.journeys.watching import PHONE, Windows

pytestmark = pytest.mark.browser
EMAIL, NAME = "ciudadana@demo.test", "Lectora de Santa Tecla"
TOPIC = "/planes/2018-2020/temas/educacion"


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no scripts"])
def test_somebody_goes_for_good(demo: LiveSite, browse: Windows, scripts: bool) -> None:
    me = Someone(demo, browse, EMAIL, scripts=scripts, viewport=PHONE)
    me.open("/cuenta/entrar", SignIn).enter(EMAIL, PASSWORD)
    waits = me.open("/cuenta/datos", OwnData).erase().ask()
    data = waits.keep()
    data.see("No borraremos nada.")
    erasure = data.erase()
    erasure.page.get_by_label(re.compile("«La biblioteca del barrio»")).check()
    erasure.ask()
    me.open(demo.mails_to(EMAIL)[-1].link("/cuenta/datos/borrar"), ErasureWaits)
    demo.moment = in_days(2)
    assert demo.mails_to(EMAIL)[-1].subject == "Borramos sus datos"
    door = me.open("/cuenta/datos", SignIn)
    door.fill("Correo electrónico", EMAIL)
    door.fill("Contraseña", PASSWORD)
    door.press("Entrar", SignIn).see("El correo o la contraseña no coinciden.")
    topic = me.open(TOPIC, PublicPage)
    topic.see("Aportante retirado", "[Texto borrado a petición de quien lo escribió]")
    topic.miss(NAME, "La biblioteca del barrio")
