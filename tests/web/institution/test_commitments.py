"""What a liaison sees and does with the commitments of the own institution."""

import pytest
from sqlalchemy.orm import Session

from consulta.commitments.models import Commitment, CommitmentState
from consulta.outbox.models import OutboxRow
from consulta.people.models import Institution
from consulta.plans.models import Plan
from tests.clients import Client, Clients
from tests.factories import SCRIPT
from tests.factories.commitments import make_commitment
from tests.factories.people import make_institution
from tests.factories.plans import make_plan

PATH = "/institucion/compromisos"


@pytest.fixture
def place(session: Session) -> Institution:
    return make_institution(session, code="INS1", name="Ministerio de Prueba")


@pytest.fixture
def plan(session: Session) -> Plan:
    return make_plan(session)


@pytest.fixture
def liaison(place: Institution, client_as: Clients) -> Client:
    return client_as("liaison1")


def in_review(session: Session, plan: Plan, place: Institution, **changes: object) -> Commitment:
    state = changes.pop("state", CommitmentState.INSTITUTION_REVIEW)
    return make_commitment(session, plan, lead_institution=place, state=state, **changes)


def now(session: Session, commitment: Commitment) -> Commitment:
    session.rollback()
    session.expire_all()
    return session.get_one(Commitment, commitment.id)


def test_the_empty_tray_says_what_will_come(liaison: Client) -> None:
    page = liaison.get(PATH)
    assert page.status_code == 200
    assert "No hay compromisos por revisar" in page.text


def test_the_tray_separates_what_waits(liaison: Client, session: Session, plan: Plan, place: Institution) -> None:
    in_review(session, plan, place, name="Abrir los datos")
    in_review(session, plan, place, name="Ya aceptado antes", state=CommitmentState.VALIDATED)
    in_review(session, plan, place, name="Todavía borrador", state=CommitmentState.DRAFT)
    page = liaison.get(PATH).text
    assert "1 compromiso espera su revisión." in page
    assert "Ya aceptado antes" in page
    assert "Todavía borrador" not in page


def test_the_whole_matrix_is_read_before_judging(
    liaison: Client, session: Session, plan: Plan, place: Institution
) -> None:
    commitment = in_review(session, plan, place)
    page = liaison.get(f"{PATH}/{commitment.id}").text
    for text in (commitment.contact_email, "Actividad 2", "Producto 1", "Cumple las cinco letras."):
        assert text in page
    assert SCRIPT not in page


def test_others_do_not_find_it(client_as: Clients, session: Session, plan: Plan, place: Institution) -> None:
    make_institution(session, code="INS2")
    commitment, draft = in_review(session, plan, place), in_review(session, plan, place, state=CommitmentState.DRAFT)
    other = client_as("liaison2")
    assert other.get(f"{PATH}/{commitment.id}").status_code == 404
    assert other.submit(f"{PATH}/{commitment.id}/validar", version=1).status_code == 404
    assert other.submit(f"{PATH}/{commitment.id}/observar", version=1, observation="No").status_code == 404
    assert client_as("liaison1").get(f"{PATH}/{draft.id}").status_code == 404
    assert client_as("coordinator").get(f"{PATH}/{commitment.id}").status_code == 403
    assert now(session, commitment).state is CommitmentState.INSTITUTION_REVIEW


def test_it_is_validated_once(liaison: Client, session: Session, plan: Plan, place: Institution) -> None:
    commitment = in_review(session, plan, place)
    assert liaison.submit(f"{PATH}/{commitment.id}/validar", version=1).status_code == 303
    assert now(session, commitment).state is CommitmentState.VALIDATED
    assert liaison.submit(f"{PATH}/{commitment.id}/validar", version=1).status_code == 409
    names = [row.name for row in session.query(OutboxRow)]
    assert names == ["commitment_validated"]


def test_what_is_not_smart_can_only_be_observed(
    liaison: Client, session: Session, plan: Plan, place: Institution
) -> None:
    commitment = in_review(session, plan, place, relevance="")
    page = liaison.get(f"{PATH}/{commitment.id}").text
    assert "Aún no puede validarse" in page
    assert "Validar el compromiso" not in page
    refused = liaison.submit(f"{PATH}/{commitment.id}/validar", version=1)
    assert refused.status_code == 409
    assert "aún no cumple las cinco letras" in refused.text
    empty = liaison.submit(f"{PATH}/{commitment.id}/observar", version=1, observation=" ")
    assert empty.status_code == 422
    assert "Escriba qué debe cambiar." in empty.text
    words = f"Falta decir por qué importa. {SCRIPT}"
    assert liaison.submit(f"{PATH}/{commitment.id}/observar", version=1, observation=words).status_code == 303
    assert now(session, commitment).observation == words
    assert SCRIPT not in liaison.get(f"{PATH}/{commitment.id}").text
