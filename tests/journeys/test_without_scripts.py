"""The citizen's part on a phone with scripts off: everything is a page, a link or a form."""

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from consulta.contributions.models import Contribution
from tests.factories.contributions import make_contribution
from tests.factories.people import make_person
from tests.factories.plans import make_plan, make_topic
from tests.factories.proposals import make_proposal
from tests.journeys.pages.account import Confirmation, OwnSpace, SignIn, SignUp
from tests.journeys.pages.public import CheckPage, Composer, Conversation, OwnContribution, PublicPage
from tests.journeys.pages.screen import Screen
from tests.journeys.people import PASSWORD, Someone
from tests.journeys.serving import LiveSite
from tests.journeys.watching import PHONE, Windows

pytestmark = pytest.mark.browser
TITLE, BODY = "Árboles en cada escuela", "Propongo publicar cuántos árboles se siembran en cada escuela."


@pytest.fixture
def topic(session: Session) -> str:
    """Where somebody wrote already."""
    topic = make_topic(session, make_plan(session))
    author = make_person(session, public_name="Rosa de Cojutepeque")
    make_proposal(session, source=make_contribution(session, topic, person=author))
    return f"/planes/{topic.plan.code}/temas/{topic.code}"


def test_citizen_takes_part_without_scripts(site: LiveSite, topic: str, browse: Windows) -> None:
    citizen = Someone(site, browse, "carmen@example.org", scripts=False, viewport=PHONE).looking()
    citizen.open("/", PublicPage).follow("Escribir mi propuesta", PublicPage, within=citizen.page.get_by_role("main"))
    check = citizen.open(topic, Composer).write(TITLE, BODY)
    check.see("Todavía no se envía", TITLE, BODY)
    sign_in = check.press("Entrar para enviar", SignIn)
    _sign_up_while_the_text_waits(citizen, sign_in)
    edited = CheckPage(citizen.page).change()
    edited.fill("Su propuesta", BODY + " También en cada parque.")
    receipt = edited.press("Revisar mi propuesta", CheckPage).send()
    folio = receipt.folio
    assert any(folio in mail.subject + mail.text for mail in site.mails_to(citizen.email))
    receipt.follow("Ver mis aportes", OwnSpace).see(TITLE, folio, "En revisión")
    _reply_and_support(citizen, topic)
    citizen.open("/participar/", Screen).follow(TITLE, OwnContribution).withdraw()
    citizen.open("/participar/", OwnSpace).see("Retirado")
    with site.database.session() as session:
        assert session.scalar(sa.select(sa.func.count()).where(Contribution.title == TITLE)) == 1


def _sign_up_while_the_text_waits(citizen: Someone, sign_in: SignIn) -> None:
    """The draft is kept while an account is made and its mail confirmed."""
    sign_in.follow("Crear una cuenta", SignUp).create("Carmen de Izalco", citizen.email, PASSWORD)
    mail = citizen.site.mails_to(citizen.email)[-1]
    citizen.open(mail.link("/cuenta/confirmar/"), Confirmation).confirm(PASSWORD)
    citizen.open("/participar/revisar", CheckPage).see(TITLE, BODY)


def _reply_and_support(citizen: Someone, topic: str) -> None:
    page = citizen.open(topic, Conversation)
    author = page.page.locator(".conversation .author").first.inner_text()
    page.reply(author, "Estoy de acuerdo con lo que usted propone.").see("Recibimos su respuesta")
    page = citizen.open(topic, Conversation)
    supported = page.support(author)
    supported.see("Su apoyo quedó registrado")
    citizen.open("/participar/", OwnSpace).see(f"Respuesta a {author}")
