"""Following on a telephone, with scripts and without, until the link in a mail stops it."""

import pytest
import sqlalchemy as sa
from playwright.sync_api import Page, expect
from sqlalchemy.orm import Session

from consulta.contributions.services import reply
from consulta.people.models import Person
from consulta.plans.models import Topic
from consulta.proposals.models import ProposalState
from tests.factories.contributions import make_contribution
from tests.factories.people import make_actor
from tests.factories.plans import make_plan, make_trusting_topic
from tests.factories.proposals import make_proposal
from tests.journeys.looking import look
from tests.journeys.pages.account import OwnSpace
from tests.journeys.pages.public import OwnContribution
from tests.journeys.pages.screen import Screen
from tests.journeys.serving import LiveSite
from tests.journeys.test_writing import address, opened
from tests.journeys.watching import Windows

pytestmark = pytest.mark.browser
READER = "participant@example.org"


@pytest.fixture
def topic(session: Session) -> Topic:
    return make_trusting_topic(session, make_plan(session))


def test_a_reader_follows_hears_and_stops_without_scripts(
    site: LiveSite, session: Session, topic: Topic, browse: Windows
) -> None:
    source = make_contribution(session, topic, title="Comida escolar")
    folio = make_proposal(session, topic, source=source).folio
    page = opened(site, browse, scripts=False)
    page.goto(f"/propuestas/{folio}")
    Screen(page).follow("Seguir esta propuesta", Screen).press("Seguir", Screen)
    expect(page.get_by_role("alert").or_(page.get_by_role("status"))).to_contain_text(f"Ya sigue {folio}.")
    Screen(page).follow("Lo que sigo", Screen)
    expect(page.get_by_role("article")).to_contain_text("Sin novedades por ahora.")
    reply(session, actor=make_actor(session), parent_id=source.id, body="Estoy de acuerdo.", form_key="clave-uno")
    mail = site.mails_to(READER)[-1]
    assert mail.subject == f"Respuesta nueva en {folio}"
    page.reload()
    Screen(page).follow("Respuesta nueva de", Screen)
    expect(page.get_by_text("Estoy de acuerdo.")).to_be_visible()
    stranger = opened(site, browse, scripts=False, identity="visitor")
    stranger.goto(mail.link("/participar/avisos/"))
    Screen(stranger).press("No recibir más estos avisos", Screen)
    expect(stranger.get_by_role("heading", level=1)).to_have_text("Ya no recibirá estos avisos")
    reply(session, actor=make_actor(session), parent_id=source.id, body="Yo también.", form_key="clave-dos")
    assert site.mails_to(READER)[-1].subject == mail.subject


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no scripts"])
def test_a_topic_is_followed_changed_and_left(site: LiveSite, topic: Topic, browse: Windows, scripts: bool) -> None:
    page = opened(site, browse, scripts=scripts)
    page.goto(address(topic))
    if scripts:
        _follow_in_place(page)
        page.reload()
        follow = Screen(page).follow("Siguiendo: cambiar o dejar", Screen)
    else:
        follow = Screen(page).follow("Seguir este tema", Screen).press("Seguir", Screen)
        follow.see(f"Ya sigue {topic.name}.")
    expect(page.get_by_label("Resumen diario")).to_be_checked()
    page.get_by_label("Resumen semanal").check()
    follow = follow.press("Guardar", Screen)
    expect(page.get_by_label("Resumen semanal")).to_be_checked()
    kept = follow.follow("Lo que sigo", Screen)
    expect(page.get_by_role("article")).to_contain_text("Resumen semanal")
    follow = kept.open(f"/participar/seguir/temas/{topic.plan.code}/{topic.code}", Screen)
    follow.press("Dejar de seguir", Screen)
    expect(page.get_by_role("button", name="Seguir", exact=True)).to_be_visible()
    kept = follow.open("/participar/seguir/", Screen)
    expect(page.get_by_role("article")).to_have_count(0)


def _follow_in_place(page: Page) -> None:
    """With scripts the link does it at once, and is then the way to what can be changed."""
    link = page.locator("[data-follow]")
    link.focus()
    page.keyboard.press("Enter")
    expect(link).to_have_text("Siguiendo: cambiar o dejar")
    expect(page.locator("[data-follow] + [role=status]")).to_contain_text("Ya sigue este tema.")
    expect(link).to_be_focused()
    look(page)


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no scripts"])
def test_an_author_hears_of_answers_until_there_is_nothing_to_answer(
    site: LiveSite, session: Session, topic: Topic, browse: Windows, scripts: bool
) -> None:
    page = opened(site, browse, scripts=scripts)
    author = session.scalars(sa.select(Person).where(Person.email == READER)).one()
    own = make_contribution(session, topic, person=author, title="Comida escolar", body="Que se compre a la vista.")
    folio = make_proposal(session, topic, source=own, state=ProposalState.RECEIVED).folio
    answers = "Correos de las respuestas a lo que escribo"
    for number, mode in enumerate(("Sin correos", "Al momento")):
        page.goto("/participar/seguir/")
        Screen(page).choose(answers, mode)
        Screen(page).press("Guardar", Screen, within=page.get_by_role("region", name="Respuestas a lo que escribo"))
        reply(session, actor=make_actor(session), parent_id=own.id, body=f"Opino {number}.", form_key=f"k{number}")
        told = [mail for mail in site.mails_to(READER) if "Opino" in mail.text]
        assert len(told) == number
    page.goto(told[0].link("/aportes/"))
    Screen(page).see("Opino 1.")
    page.goto("/participar/")
    OwnSpace(page).follow("Comida escolar", OwnContribution).withdraw()
    page.goto(f"/propuestas/{folio}")
    gone = Screen(page)
    gone.see("Su autor retiró la propuesta.", "Opino 1.")
    gone.miss("Que se compre a la vista.")
