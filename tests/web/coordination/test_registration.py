"""The overview, and registering what came through other channels."""

import re
from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from consulta import clock
from consulta.contributions.models import ContributionState
from consulta.people.models import InstitutionKind
from consulta.plans.models import Plan
from consulta.proposals.models import ProposalState
from tests.clients import Client, Clients
from tests.factories.contributions import make_contribution, make_submission
from tests.factories.people import make_institution
from tests.factories.plans import make_plan, make_topic
from tests.factories.proposals import make_proposal
from tests.factories.referrals import make_referral

BODY = "Propongo que cada escuela publique lo que gasta en un mismo lugar."


@pytest.fixture
def plan(session: Session) -> Plan:
    return make_plan(session)


def deliver(client: Client, plan: Plan, **changes: str) -> str:
    fields = {
        "plan_id": str(plan.id),
        "channel": "email",
        "public_name": "Asociación de vecinos",
        "kind": "organization",
        "received_on": clock.today().isoformat(),
        "received_by_role": "Punto de contacto",
    }
    answer = client.submit("/coordinacion/entregas/nueva", **{**fields, **changes})
    return answer.location if answer.status_code == 303 else f"{answer.status_code} {answer.text}"


def test_an_overview_without_work_says_so(client_as: Clients) -> None:
    assert "No hay nada pendiente" in client_as("coordinator").get("/coordinacion/").text


def test_the_overview_counts_and_puts_what_is_late_first(client_as: Clients, session: Session, plan: Plan) -> None:
    topic = make_topic(session, plan)
    make_contribution(session, topic, state=ContributionState.PENDING)
    proposal = make_proposal(session, topic, state=ProposalState.FORWARDED)
    make_referral(session, proposal, due_on=clock.today() - timedelta(days=1))
    page = client_as("observer").get("/coordinacion/").text
    assert re.search(r"Lo que sigue:</strong> Remisiones sin respuesta: 1, 1 atrasada\.", page)
    assert "Aportes en revisión" in page


def test_a_submission_and_its_proposals(client_as: Clients, plan: Plan) -> None:
    client = client_as("coordinator")
    place = deliver(client, plan)
    assert re.fullmatch(r"/coordinacion/entregas/ENT-\d{4}-0001", place)
    assert "Todavía no tiene propuestas" in client.get(place).text
    fields = {"body": BODY, "in_template": "y", "is_publishable": "y"}
    added = client.submit(f"{place}/propuestas/nueva", **fields)
    assert added.status_code == 303
    page = client.get(place).text
    assert "1 propuesta" in page
    assert "PROP-" in page
    assert "Asociación de vecinos" in client.get("/coordinacion/entregas").text


def test_what_is_missing_is_said_and_what_was_typed_stays(client_as: Clients, plan: Plan) -> None:
    client = client_as("coordinator")
    answer = deliver(client, plan, public_name="", received_by_role="Recepción de la oficina", received_on="")
    assert answer.startswith("422")
    assert "Recepción de la oficina" in answer
    nobody = deliver(client, plan, public_name="")
    assert nobody.startswith("422")
    assert "Diga quién la envía" in nobody


def test_late_ones_need_a_reason(client_as: Clients, session: Session) -> None:
    plan = make_plan(session, closes_on=clock.today() - timedelta(days=3))
    submission = make_submission(session, plan, received_on=clock.today())
    client, path = client_as("coordinator"), f"/coordinacion/entregas/{submission.folio}/propuestas/nueva"
    refused = client.submit(path, body=BODY, is_publishable="y")
    assert refused.status_code == 422
    assert "Llegó después del cierre. Escriba por qué se recibe." in refused.text
    assert BODY in refused.text
    assert client.submit(path, body=BODY, is_publishable="y", late_reason="Hubo asueto.").status_code == 303


def test_the_institutional_channel_is_for_public_bodies(client_as: Clients, session: Session, plan: Plan) -> None:
    client = client_as("coordinator")
    society = make_institution(session, kind=InstitutionKind.CIVIL_SOCIETY)
    ministry = make_institution(session)
    fields = {
        "plan_id": str(plan.id),
        "channel": "institution",
        "kind": "organization",
        "received_on": clock.today().isoformat(),
        "body": BODY,
        "is_publishable": "y",
    }
    path = "/coordinacion/entregas/propuesta-suelta"
    assert client.submit(path, contributor=str(society.id), **fields).status_code == 422
    assert client.submit(path, contributor=str(ministry.id), **fields).status_code == 303


@pytest.mark.parametrize("identity", ["moderator", "observer", "approver"])
def test_others_read_and_do_not_register(client_as: Clients, session: Session, plan: Plan, identity: str) -> None:
    submission, client = make_submission(session, plan), client_as(identity)
    assert client.get("/coordinacion/entregas").status_code == 200
    assert client.get(f"/coordinacion/entregas/{submission.folio}").status_code == 200
    for path in ("nueva", "propuesta-suelta", f"{submission.folio}/propuestas/nueva"):
        assert client.get(f"/coordinacion/entregas/{path}").status_code == 403
        assert client.submit(f"/coordinacion/entregas/{path}", body=BODY).status_code == 403


def test_an_unknown_submission_is_not_found(client_as: Clients) -> None:
    client = client_as("coordinator")
    for path in ("ENT-1999-0001", "ENT-1999-0001/propuestas/nueva"):
        assert client.get(f"/coordinacion/entregas/{path}").status_code == 404
