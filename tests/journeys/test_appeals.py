"""Refused with a reason, claimed by its author, read again and published; counted where everybody can see it."""

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from consulta.contributions.models import ContributionState
from consulta.people.models import Person
from consulta.proposals.models import ProposalState
from tests.factories.contributions import make_contribution
from tests.factories.plans import make_plan, make_topic
from tests.factories.proposals import make_proposal
from tests.journeys.pages.account import OwnSpace
from tests.journeys.pages.moderation import Tray
from tests.journeys.pages.public import OwnContribution, PublicPage
from tests.journeys.pages.screen import Screen
from tests.journeys.people import Someone
from tests.journeys.serving import LiveSite
from tests.journeys.watching import PHONE, Windows

pytestmark = pytest.mark.browser
TRAY, TITLE = "/coordinacion/moderacion", "Sombra en las paradas"
WHY, CLAIM = "El texto no pide nada al gobierno.", "Pide que la alcaldía siembre árboles."


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no scripts"])
def test_what_was_refused_is_claimed_and_read_again(
    site: LiveSite, session: Session, browse: Windows, scripts: bool
) -> None:
    author, moderator = (
        Someone(site, browse, scripts=scripts, viewport=PHONE).inside(name).looking()
        for name in ("participant", "moderator")
    )
    person = session.scalars(sa.select(Person).where(Person.email == "participant@example.org")).one()
    plan = make_plan(session)
    pending = ContributionState.PENDING
    sent = make_contribution(session, make_topic(session, plan), person=person, title=TITLE, state=pending)
    folio = make_proposal(session, source=sent, state=ProposalState.RECEIVED).folio
    reading = moderator.open(TRAY, Tray).read(TITLE)
    reading.unfold("Escribir una nota")
    reading.fill("Nota para el equipo", "Preguntar a la alcaldía.")
    reading.press("Guardar la nota", Screen).see("Preguntar a la alcaldía.")
    moderator.open(TRAY, Tray).read(TITLE).reject("Sin propuesta", WHY)
    author.open(f"/propuestas/{folio}", PublicPage).see(WHY)
    own = author.open("/participar/", OwnSpace).follow(TITLE, OwnContribution)
    own.see(WHY)
    own.appeal(CLAIM)
    claimed = moderator.open(TRAY, Tray).read(TITLE)
    claimed.see(CLAIM)
    claimed.publish()
    author.open(f"/planes/{plan.code}", PublicPage).follow("Ver cómo se modera", PublicPage).see("Sin propuesta")
    observer = Someone(site, browse, scripts=scripts, viewport=PHONE).inside("observer").looking()
    log = observer.open(TRAY, Tray).follow("Registro", Screen)
    log.see(WHY, "Moderator")
    log.follow(TITLE, Screen).miss("Guardar la nota", "No admitir")


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no scripts"])
def test_what_was_hidden_is_claimed_and_shown_again(
    site: LiveSite, session: Session, browse: Windows, scripts: bool
) -> None:
    author, moderator = (
        Someone(site, browse, scripts=scripts, viewport=PHONE).inside(name).looking()
        for name in ("participant", "moderator")
    )
    person = session.scalars(sa.select(Person).where(Person.email == "participant@example.org")).one()
    shown = make_contribution(session, make_topic(session, make_plan(session)), person=person, title=TITLE)
    folio = make_proposal(session, source=shown, state=ProposalState.RECEIVED).folio
    moderator.open(f"{TRAY}?ver=todos", Tray).read(TITLE).hide("Datos de terceros", "El texto nombraba a un vecino.")
    author.open(f"/propuestas/{folio}", PublicPage).see("El texto nombraba a un vecino.")
    own = author.open("/participar/", OwnSpace).follow(TITLE, OwnContribution)
    own.appeal(CLAIM)
    claimed = moderator.open(f"{TRAY}?ver=reclamados", Tray).read(TITLE)
    claimed.see(CLAIM)
    claimed.unfold("Mostrar de nuevo")
    claimed.fill("Motivo", "El nombre es el de una parada.")
    claimed.press("Mostrar de nuevo", Screen)
    author.open(f"/propuestas/{folio}", PublicPage).miss("El texto nombraba a un vecino.")
    own = author.open("/participar/", OwnSpace).follow(TITLE, OwnContribution)
    own.miss("Pedir que se revise de nuevo")
