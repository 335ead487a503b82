"""Rewriting what one wrote, from the own page to what everybody can compare."""

from datetime import timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from consulta import clock
from consulta.contributions.editing import reject_edit
from consulta.contributions.models import Contribution, ContributionState, RejectionReason
from consulta.contributions.redacting import redact_contribution
from consulta.people.models import Person, Role
from consulta.plans.models import Moderation
from consulta.proposals.models import ProposalState
from tests.clients import Client, Clients
from tests.factories.contributions import make_contribution, make_reply
from tests.factories.people import make_actor
from tests.factories.plans import make_plan, make_topic, make_trusting_topic
from tests.factories.proposals import make_proposal

OLD = "Propongo que cada escuela publique lo que gasta."
NEW = "Propongo que cada escuela publique **todo** lo que gasta. <script>alert(1)</script>"


@pytest.fixture
def author(client_as: Clients) -> Client:
    return client_as("participant")


def written(session: Session, moderation: Moderation, ago: timedelta, **changes: object) -> Contribution:
    """A proposal of the participant that came some time ago."""
    person = session.scalars(sa.select(Person).where(Person.email == "participant@example.org")).one()
    make = make_trusting_topic if moderation is Moderation.AFTER else make_topic
    topic = make(session, make_plan(session))
    at = clock.now() - ago
    source = make_contribution(session, topic, person=person, body=OLD, title="Gasto", received_at=at, **changes)
    make_proposal(session, source=source, title="Gasto", state=ProposalState.RECEIVED)
    return source


def address(contribution: Contribution) -> str:
    return f"/participar/aportes/{contribution.id}/editar"


def test_a_change_is_compared_by_everybody(author: Client, client: Client, session: Session) -> None:
    source = written(session, Moderation.AFTER, timedelta(hours=1))
    changes = f"/aportes/{source.id}/cambios"
    assert client.get(changes).status_code == 404
    assert address(source) in author.get(f"/participar/aportes/{source.id}/").text
    assert "Cualquier persona podrá comparar" in author.get(address(source)).text
    answer = author.submit(address(source), title="Gasto", body=NEW, version="1", preview="1")
    assert "<strong>todo</strong> lo que gasta" in answer.text
    answer = author.submit(address(source), title="Gasto", body=NEW, version="1")
    assert (answer.status_code, answer.location) == (303, f"/participar/aportes/{source.id}/")
    page = client.get(changes)
    assert page.status_code == 200
    assert "**todo** " in page.text
    assert "<script>alert" not in page.text
    folio = source.proposal_links[0].proposal.folio
    for path in (f"/propuestas/{folio}", f"/planes/{source.plan.code}/temas/{source.topic.code}"):  # type: ignore[union-attr]
        assert f'href="{changes}">Editado el ' in client.get(path).text
    assert client.get(f"{changes}?pagina=otra").status_code == 404


def test_the_first_minutes_leave_nothing_to_compare(author: Client, client: Client, session: Session) -> None:
    source = written(session, Moderation.AFTER, timedelta(minutes=3))
    assert "sin dejar constancia hasta las" in author.get(address(source)).text
    assert author.submit(address(source), title="Gasto", body=NEW, version="1").status_code == 303
    assert client.get(f"/aportes/{source.id}/cambios").status_code == 404


def test_a_text_that_waits_is_its_author_s_alone(author: Client, client: Client, session: Session) -> None:
    source = written(session, Moderation.BEFORE, timedelta(hours=1))
    assert author.submit(address(source), title="Gasto", body=NEW, version="1").status_code == 303
    own = author.get(f"/participar/aportes/{source.id}/").text
    assert "Su texto nuevo espera revisión" in own
    folio = source.proposal_links[0].proposal.folio
    assert "<strong>todo" not in client.get(f"/propuestas/{folio}").text
    moderator = make_actor(session, Role.MODERATOR)
    reject_edit(
        session,
        actor=moderator,
        contribution_id=source.id,
        reason=RejectionReason.OFFENSIVE,
        text="El texto nuevo insulta a una persona.",
    )
    page = author.get(address(source)).text
    assert "El texto nuevo insulta a una persona." in page
    assert OLD in page
    answer = author.submit(f"{address(source)}/dejar", version="3")
    assert answer.status_code == 303
    assert "insulta" not in author.get(f"/participar/aportes/{source.id}/").text


@pytest.mark.parametrize(
    ("fields", "status", "sentence"),
    [
        ({"body": "corto"}, 422, "El texto debe tener al menos 20 caracteres. Ahora tiene 5."),
        ({"body": NEW, "title": "t" * 151}, 422, "El texto puede tener hasta 150 caracteres. Ahora tiene 151."),
        ({"body": OLD}, 422, "El texto es igual al que ya se lee."),
        ({"body": NEW, "version": "9"}, 409, "Lo que está guardado"),
    ],
)
def test_what_cannot_be_saved_comes_back(
    author: Client, session: Session, fields: dict[str, str], status: int, sentence: str
) -> None:
    source = written(session, Moderation.AFTER, timedelta(hours=1))
    answer = author.submit(address(source), **{"title": "Gasto", "version": "1", **fields})
    assert answer.status_code == status
    assert sentence in answer.text
    assert fields["body"].partition(" <")[0] in answer.text


def test_after_a_redaction_the_form_and_the_changes_show_only_what_is_public(
    author: Client, client: Client, session: Session
) -> None:
    source = written(session, Moderation.AFTER, timedelta(hours=1))
    private = f"{OLD} Mi teléfono es 7777-1234."
    author.submit(address(source), title="Gasto", body=private, version="1")
    redact_contribution(
        session,
        actor=make_actor(session, Role.MODERATOR),
        contribution_id=source.id,
        public_title="Gasto",
        public_body=OLD,
        note="Un teléfono",
    )
    author.submit(address(source), title="Gasto", body=f"{private} Otra vez.", version="3")
    for page in (client.get(f"/aportes/{source.id}/cambios"), client.get("/buscar?q=telefono")):
        assert page.status_code == 200
        assert "7777" not in page.text
    assert "el equipo quitó datos personales" in client.get(f"/aportes/{source.id}/cambios").text


def test_what_is_not_shown_has_no_changes_to_read(author: Client, client: Client, session: Session) -> None:
    source = written(session, Moderation.AFTER, timedelta(hours=1), edited_at=clock.now())
    reply = make_reply(session, source, state=ContributionState.HIDDEN, edited_at=clock.now())
    assert client.get(f"/aportes/{source.id}/cambios").status_code == 200
    assert client.get(f"/aportes/{reply.id}/cambios").status_code == 404
    author.submit(f"/participar/aportes/{source.id}/retirar", version="1")
    assert client.get(f"/aportes/{source.id}/cambios").status_code == 404
    assert "Ya no se puede cambiar" in author.get(address(source)).text
