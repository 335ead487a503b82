"""The citizen's part on a phone with scripts off: everything is a page, a link or a form."""

import pytest
import sqlalchemy as sa

from consulta.contributions.models import Contribution
from tests.journeys.pages.account import Confirmation, OwnSpace, SignIn, SignUp
from tests.journeys.pages.public import CheckPage, Composer, Conversation, OwnContribution, PublicPage
from tests.journeys.pages.screen import Screen
from tests.journeys.people import PASSWORD, Someone
from tests.journeys.serving import LiveSite
from tests.journeys.watching import PHONE, Windows

pytestmark = pytest.mark.browser
TOPIC = "/planes/demostracion/temas/medio-ambiente"
TITLE, BODY = "Árboles en cada escuela", "Propongo publicar cuántos árboles se siembran en cada escuela."


def test_citizen_takes_part_without_scripts(demo: LiveSite, browse: Windows) -> None:
    citizen = Someone(demo, browse, "carmen@example.org", scripts=False, viewport=PHONE)
    citizen.open("/", PublicPage).follow("Escribir mi propuesta", PublicPage, within=citizen.page.get_by_role("main"))
    check = citizen.open(TOPIC, Composer).write(TITLE, BODY)
    check.see("Todavía no se envía", TITLE, BODY)
    sign_in = check.press("Entrar para enviar", SignIn)
    _sign_up_while_the_text_waits(citizen, sign_in)
    edited = CheckPage(citizen.page).change()
    edited.fill("Su propuesta", BODY + " También en cada parque.")
    receipt = edited.press("Revisar mi propuesta", CheckPage).send()
    folio = receipt.folio
    assert any(folio in mail.subject + mail.text for mail in demo.mails_to(citizen.email))
    receipt.follow("Ver mis aportes", OwnSpace).see(TITLE, folio, "En revisión")
    _reply_and_support(citizen)
    citizen.open("/participar/", Screen).follow(TITLE, OwnContribution).withdraw()
    citizen.open("/participar/", OwnSpace).see("Retirado")
    with demo.database.session() as session:
        assert session.scalar(sa.select(sa.func.count()).where(Contribution.title == TITLE)) == 1


def _sign_up_while_the_text_waits(citizen: Someone, sign_in: SignIn) -> None:
    """The draft is kept while an account is made, its mail confirmed and its password typed."""
    sign_in.follow("Crear una cuenta", SignUp).create("Carmen de Izalco", citizen.email, PASSWORD)
    mail = citizen.site.mails_to(citizen.email)[-1]
    entry = citizen.open(mail.link("/cuenta/confirmar/"), Confirmation).confirm()
    entry.enter(citizen.email, PASSWORD)
    citizen.open("/participar/revisar", CheckPage).see(TITLE, BODY)


def _reply_and_support(citizen: Someone) -> None:
    page = citizen.open(TOPIC, Conversation)
    author = page.page.locator(".conversation .author").first.inner_text()
    page.reply(author, "Estoy de acuerdo con lo que usted propone.").see("Recibimos su respuesta")
    page = citizen.open(TOPIC, Conversation)
    supported = page.support(author)
    supported.see("Su apoyo quedó registrado")
    citizen.open("/participar/", OwnSpace).see(f"Respuesta a {author}")


def test_nothing_is_wider_than_the_phone(demo: LiveSite, browse: Windows) -> None:
    citizen = Someone(demo, browse, scripts=False, viewport=PHONE)
    for path in ("/", TOPIC, "/planes/demostracion", "/cuenta/crear", "/planes/2018-2020/cifras"):
        citizen.open(path, PublicPage)
        box = citizen.page.locator("body").bounding_box()
        assert box is not None
        assert box["width"] <= PHONE["width"], path
