"""A person without an account takes part as fully: writes, confirms by mail, follows, completes, takes back."""

import pytest
import sqlalchemy as sa
from playwright.sync_api import Page

from consulta.contributions.models import Contribution
from consulta.contributions.moderation import observe_contribution
from consulta.demo.people import loader_actor
from tests.journeys.pages.guests import GuestCheck, GuestReceipt, GuestText, Tracked, Tracking
from tests.journeys.pages.public import Composer
from tests.journeys.pages.screen import Screen
from tests.journeys.people import Someone
from tests.journeys.serving import LiveSite
from tests.journeys.test_every_page import AXE, NARROW_WIDTH, Reader
from tests.journeys.watching import Windows

pytestmark = pytest.mark.browser
TOPIC = "/planes/demostracion/temas/medio-ambiente"
NAME, EMAIL = "Vecina del norte", "vecina.norte@example.org"
TITLE, BODY = "Agua por barrio", "Propongo publicar cuánta agua llega a cada barrio, cada semana."
WHOLE = "Propongo publicar cuánta agua llega a cada barrio de Soyapango, cada semana."


class Looking:
    """Looks at each page on the way, where scripts can run."""

    def __init__(self, page: Page, scripts: bool) -> None:
        self.reader = Reader(page) if scripts else None
        self.page = page

    def __call__(self, name: str) -> None:
        if self.reader is not None:
            self.reader.look(name)
            return
        box = self.page.locator("body").bounding_box()
        assert box is not None
        assert box["width"] <= NARROW_WIDTH, name

    @property
    def faults(self) -> list[str]:
        return self.reader.faults if self.reader else []


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no scripts"])
def test_somebody_without_an_account_takes_part(demo: LiveSite, browse: Windows, scripts: bool) -> None:
    guest = Someone(demo, browse, EMAIL, scripts=scripts, viewport={"width": NARROW_WIDTH, "height": 640})
    if scripts:
        guest.page.context.add_init_script(AXE)
    look = Looking(guest.page, scripts)
    receipt = _write_and_confirm(guest, look)
    folio, code = receipt.folio, receipt.code
    look("receipt")
    mail = demo.mails_to(EMAIL)[-1]
    assert (folio in mail.subject, code in mail.text) == (True, True)
    _ask_to_complete(demo)
    guest.open("/", Screen).follow("Seguir lo que envié", Tracking)
    look("tracking")
    wrong = Tracking(guest.page)
    wrong.fill("Folio", folio)
    wrong.fill("Código", code[::-1])
    wrong.press("Ver mi aporte", Tracking).see("El folio y el código no coinciden")
    look("wrong code")
    own = Tracking(guest.page).enter(folio.lower(), code.lower().replace("-", " "))
    own.see("En subsanación", "Falta decir en qué municipio")
    look("observed")
    own = own.complete(WHOLE)
    own.see("En revisión", WHOLE)
    look("completed")
    own.withdraw().see("Retirado")
    look("withdrawn")
    Tracked(guest.page).close().see("Cerró el seguimiento")
    guest.open("/seguimiento/aporte", Tracking)
    assert look.faults == []


def _write_and_confirm(guest: Someone, look: Looking) -> GuestReceipt:
    composer = guest.open(TOPIC, Composer)
    composer.fill("Título", TITLE)
    composer.fill("Su propuesta", BODY)
    check = composer.press("Revisar mi propuesta", GuestCheck)
    check.see("Enviar sin cuenta", BODY)
    look("check")
    check.press("Enviar sin cuenta", Screen).see("Escriba su correo electrónico.")
    look("check with errors")
    GuestCheck(guest.page).send_without_account(NAME, EMAIL)
    look("waiting")
    text = guest.open(guest.site.mails_to(EMAIL)[-1].link("/participar/sin-cuenta/"), GuestText)
    text.see(TITLE, BODY, NAME)
    look("confirm")
    return text.confirm()


def _ask_to_complete(site: LiveSite) -> None:
    with site.database.session() as session:
        key = session.scalars(sa.select(Contribution.id).where(Contribution.title == TITLE)).one()
        missing = "Falta decir en qué municipio no llega el agua."
        observe_contribution(session, actor=loader_actor(session), contribution_id=key, missing=missing)
