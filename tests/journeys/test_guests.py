"""A person without an account takes part as fully: writes, confirms, follows, completes, changes, takes back."""

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from consulta.contributions.models import Contribution
from consulta.contributions.moderation import observe_contribution
from consulta.plans.models import Topic
from tests.factories.people import make_coordinator
from tests.factories.plans import make_plan, make_topic
from tests.journeys.pages.guests import GuestCheck, GuestReceipt, GuestText, Tracked, Tracking
from tests.journeys.pages.public import Composer
from tests.journeys.pages.screen import Screen
from tests.journeys.people import Someone
from tests.journeys.serving import LiveSite
from tests.journeys.watching import Windows

pytestmark = pytest.mark.browser
NARROW = {"width": 320, "height": 640}
NAME, EMAIL = "Vecina del norte", "vecina.norte@example.org"
TITLE, BODY = "Agua por barrio", "Propongo publicar cuánta agua llega a cada barrio, cada semana."
WHOLE = "Propongo publicar cuánta agua llega a cada barrio de Soyapango, cada semana."
CHANGED = "Propongo publicar cuánta agua llega a cada barrio de Soyapango, cada día."


@pytest.fixture
def topic(session: Session) -> Topic:
    return make_topic(session, make_plan(session))


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no scripts"])
def test_somebody_without_an_account_takes_part(
    site: LiveSite, session: Session, topic: Topic, browse: Windows, scripts: bool
) -> None:
    guest = Someone(site, browse, EMAIL, scripts=scripts, viewport=NARROW).looking()
    receipt = _write_and_confirm(guest, f"/planes/{topic.plan.code}/temas/{topic.code}")
    folio, code = receipt.folio, receipt.code
    mail = site.mails_to(EMAIL)[-1]
    assert (folio in mail.subject, code in mail.text) == (True, True)
    _ask_to_complete(session)
    tracking = guest.open("/", Screen).follow("Seguir lo que envié", Tracking)
    tracking.fill("Folio", folio)
    tracking.fill("Código", code[::-1])
    tracking.press("Ver mi aporte", Tracking).see("El folio y el código no coinciden")
    own = Tracking(guest.page).enter(folio.lower(), code.lower().replace("-", " "))
    own.see("En subsanación", "Falta decir en qué municipio")
    own = own.complete(WHOLE)
    own.see("En revisión", WHOLE)
    own = own.rewrite(CHANGED)
    own.see("Guardamos su cambio", CHANGED)
    own.withdraw().see("Retirado")
    Tracked(guest.page).close().see("Cerró el seguimiento")
    guest.open("/seguimiento/aporte", Tracking)


def _write_and_confirm(guest: Someone, topic: str) -> GuestReceipt:
    composer = guest.open(topic, Composer)
    composer.fill("Título", TITLE)
    composer.fill("Su propuesta", BODY)
    check = composer.press("Revisar mi propuesta", GuestCheck)
    check.see("Enviar sin cuenta", BODY)
    check.press("Enviar sin cuenta", Screen).see("Escriba su correo electrónico.")
    GuestCheck(guest.page).send_without_account(NAME, EMAIL)
    text = guest.open(guest.site.mails_to(EMAIL)[-1].link("/participar/sin-cuenta/"), GuestText)
    text.see(TITLE, BODY, NAME)
    return text.confirm()


def _ask_to_complete(session: Session) -> None:
    session.rollback()
    key = session.scalars(sa.select(Contribution.id).where(Contribution.title == TITLE)).one()
    missing = "Falta decir en qué municipio no llega el agua."
    observe_contribution(session, actor=make_coordinator(session), contribution_id=key, missing=missing)
