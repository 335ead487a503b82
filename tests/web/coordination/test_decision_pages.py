"""The tray of decisions and the page where one is taken."""

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from consulta import clock
from consulta.database import writing
from consulta.decisions.models import Decision, Outcome
from consulta.plans.models import Plan, PlanState, Topic
from consulta.proposals.models import Proposal, ProposalState
from consulta.referrals.models import ReferralState, ResponseOutcome
from tests.clients import Client, Clients
from tests.factories.decisions import make_decision
from tests.factories.people import make_institution
from tests.factories.plans import make_plan, make_topic
from tests.factories.proposals import make_proposal
from tests.factories.referrals import make_referral, make_response
from tests.web.institution.test_answering import public_paths
from tests.web.institution.test_pages import read_again, text_of

WORDS = "Entra al plan porque hay equipo y presupuesto. canario-decision-51c8 <script>alert('marca')</script>"


@pytest.fixture
def topic(session: Session) -> Topic:
    return make_topic(session, make_plan(session))


@pytest.fixture
def coordinator(client_as: Clients) -> Client:
    return client_as("coordinator")


def answered(session: Session, topic: Topic, *outcomes: ResponseOutcome) -> Proposal:
    """A forwarded proposal with an answer of each kind, from RESP1, RESP2…"""
    proposal = make_proposal(session, topic, state=ProposalState.FORWARDED)
    for number, outcome in enumerate(outcomes, 1):
        place = make_institution(session, code=f"RESP{number}")
        make_response(session, make_referral(session, proposal, place, state=ReferralState.ANSWERED), outcome=outcome)
    return proposal


def decision(**changes: object) -> dict[str, object]:
    fields: dict[str, object] = {
        "outcome": "included",
        "reasons": [],
        "reason_detail": "",
        "justification": WORDS,
        "form_key": "clave-de-prueba",
        "version": "1",
    }
    return {**fields, **changes}


def test_each_proposal_is_in_its_list(session: Session, coordinator: Client, topic: Topic) -> None:
    ready = answered(session, topic, ResponseOutcome.INCLUDE)
    waiting = make_proposal(session, topic, state=ProposalState.FORWARDED)
    make_referral(session, waiting)
    decided = make_proposal(session, topic, state=ProposalState.DECIDED)
    make_decision(session, decided)
    changed = make_proposal(session, topic, state=ProposalState.DECIDED)
    make_decision(session, changed)
    make_response(session, make_referral(session, changed, state=ReferralState.ANSWERED))
    expected = {
        "listas": {ready},
        "en-espera": {waiting},
        "decididas": {decided, changed},
        "con-cambios": {changed},
    }
    for slug, there in expected.items():
        html = coordinator.get(f"/coordinacion/decidir?estado={slug}").text
        for proposal in (ready, waiting, decided, changed):
            assert (proposal.folio in html) is (proposal in there), slug


def test_the_tray_shows_what_the_answers_suggest(session: Session, coordinator: Client, topic: Topic) -> None:
    answered(session, topic, ResponseOutcome.NOT_INCLUDE)
    assert "No incorporada" in coordinator.get("/coordinacion/decidir").text


def test_answers_stand_side_by_side_with_the_suggestion_marked(
    session: Session, coordinator: Client, topic: Topic
) -> None:
    proposal = answered(session, topic, ResponseOutcome.INCLUDE, ResponseOutcome.INCLUDE)
    html = coordinator.get(f"/coordinacion/decidir/{proposal.folio}").text
    assert html.index("RESP1") < html.index("RESP2") < html.index("Su decisión")
    assert "se sugiere" in html
    assert 'value="included"' in html.split("checked")[1]
    assert "<script>alert" not in html
    assert coordinator.get("/coordinacion/decidir/PROP-2018-9999").status_code == 404


def test_deciding_takes_it_out_of_the_tray(session: Session, coordinator: Client, topic: Topic) -> None:
    proposal = answered(session, topic, ResponseOutcome.INCLUDE)
    path = f"/coordinacion/decidir/{proposal.folio}"
    for _ in range(2):  # a double click
        assert coordinator.submit(path, **decision()).status_code == 303
    read_again(session)
    assert session.scalar(sa.select(sa.func.count(Decision.id))) == 1
    assert proposal.folio not in coordinator.get("/coordinacion/decidir").text
    html = coordinator.get(path).text
    assert "Decisión vigente" in html
    assert "Todavía no es pública." in html
    assert "Guardar la decisión" not in html


@pytest.mark.parametrize(
    ("changes", "field", "sentence"),
    [
        ({"justification": "Corta."}, "justification", "El texto debe tener al menos 40 caracteres. Ahora tiene 6."),
        ({"outcome": "not_included"}, "reasons-0", "Elija al menos un motivo."),
        ({"outcome": "not_included", "reasons": ["already_done"]}, "reason_detail", "Diga dónde existe"),
        ({"outcome": ""}, "outcome-0", "Elija la decisión."),
        ({"outcome": "", "justification": "Corta"}, "justification", "debe tener al menos 40 caracteres"),
        ({"outcome": "include"}, "outcome-0", ""),
    ],
)
def test_a_bad_decision_comes_back_with_its_text(
    session: Session, coordinator: Client, topic: Topic, changes: dict[str, object], field: str, sentence: str
) -> None:
    proposal = answered(session, topic, ResponseOutcome.INCLUDE)
    page = coordinator.submit(f"/coordinacion/decidir/{proposal.folio}", **decision(**changes))
    assert page.status_code == 422
    assert f'<a href="#{field}">' in page.text
    assert sentence in page.text
    if "justification" not in changes:
        assert "Entra al plan porque hay equipo y presupuesto." in page.text


def test_differing_answers_must_be_named(session: Session, coordinator: Client, topic: Topic) -> None:
    proposal = answered(session, topic, ResponseOutcome.INCLUDE, ResponseOutcome.NOT_INCLUDE)
    path = f"/coordinacion/decidir/{proposal.folio}"
    assert "Las respuestas no coinciden." in coordinator.get(path).text
    page = coordinator.submit(path, **decision())
    assert (page.status_code, "RESP1, RESP2" in page.text) == (422, True)
    assert coordinator.submit(path, **decision(justification=f"RESP1 puede y RESP2 no. {WORDS}")).status_code == 303


def test_an_awaited_answer_holds_the_form(session: Session, coordinator: Client, topic: Topic) -> None:
    proposal = answered(session, topic, ResponseOutcome.INCLUDE)
    make_referral(session, proposal)
    path = f"/coordinacion/decidir/{proposal.folio}"
    html = coordinator.get(path).text
    assert "Falta la respuesta de 1 institución." in html
    assert "Guardar la decisión" not in html
    assert coordinator.submit(path, **decision()).status_code == 409


def test_what_nobody_has_is_only_left_out(session: Session, coordinator: Client, topic: Topic) -> None:
    proposal = make_proposal(session, topic)
    path = f"/coordinacion/decidir/{proposal.folio}"
    page = coordinator.submit(path, **decision())
    assert (page.status_code, "por alcance o competencia" in page.text) == (409, True)
    left_out = decision(outcome="not_included", reasons=["out_of_scope"])
    assert coordinator.submit(path, **left_out).status_code == 303


def test_the_second_of_two_sees_both_decisions(session: Session, coordinator: Client, topic: Topic) -> None:
    proposal = answered(session, topic, ResponseOutcome.INCLUDE)
    make_decision(session, proposal, justification="La otra persona ya decidió que no cabe en el plazo.")
    with writing(session):
        proposal.state, proposal.version = ProposalState.DECIDED, 2
    page = coordinator.submit(f"/coordinacion/decidir/{proposal.folio}", **decision())
    assert page.status_code == 409
    assert "Alguien modificó este registro" in page.text
    assert page.text.count("La otra persona ya decidió que no cabe en el plazo.") >= 2
    assert "Entra al plan porque hay equipo y presupuesto." in page.text


def test_a_reopened_decision_stays_in_sight(session: Session, coordinator: Client, topic: Topic) -> None:
    proposal = answered(session, topic, ResponseOutcome.INCLUDE)
    path = f"/coordinacion/decidir/{proposal.folio}"
    assert coordinator.get(f"{path}/reabrir").status_code == 303
    coordinator.submit(path, **decision())
    assert coordinator.get(f"{path}/reabrir").status_code == 200
    empty = coordinator.submit(f"{path}/reabrir", reason=" ", version="2")
    assert (empty.status_code, "Escriba el motivo." in empty.text) == (422, True)
    assert coordinator.submit(f"{path}/reabrir", reason="Hubo un error.", version="1").status_code == 409
    assert coordinator.submit(f"{path}/reabrir", reason="Hubo un error.", version="2").status_code == 303
    html = coordinator.get(path).text
    assert "Decisiones anteriores" in html
    assert "Guardar la decisión" in html


@pytest.mark.parametrize("identity", ["observer", "moderator", "approver"])
def test_only_the_coordinator_decides(session: Session, client_as: Clients, topic: Topic, identity: str) -> None:
    proposal = answered(session, topic, ResponseOutcome.INCLUDE)
    path = f"/coordinacion/decidir/{proposal.folio}"
    reader = client_as(identity)
    assert reader.submit(path, **decision()).status_code == 403
    assert reader.get(f"{path}/reabrir").status_code == 403
    assert reader.submit(f"{path}/reabrir", reason="Motivo").status_code == 403
    read_again(session)
    assert proposal.state is ProposalState.FORWARDED


def test_published_results_close_the_page(session: Session, coordinator: Client) -> None:
    plan = make_plan(session, state=PlanState.DRAFTING, results_published_at=clock.now())
    proposal = make_proposal(session, make_topic(session, plan), state=ProposalState.DECIDED)
    make_decision(session, proposal, outcome=Outcome.INCLUDED)
    path = f"/coordinacion/decidir/{proposal.folio}"
    assert "Reabrir la decisión" not in coordinator.get(path).text
    assert coordinator.submit(f"{path}/reabrir", reason="Motivo", version="1").status_code == 409


def test_no_public_page_tells_a_decision_before_results(
    session: Session, coordinator: Client, client: Client, topic: Topic
) -> None:
    proposal = answered(session, topic, ResponseOutcome.NOT_INCLUDE)
    before = {path: client.get(path).text for path in public_paths(proposal)}
    left_out = decision(outcome="not_included", reasons=["legal_limit"])
    assert coordinator.submit(f"/coordinacion/decidir/{proposal.folio}", **left_out).status_code == 303
    read_again(session)
    assert proposal.state is ProposalState.DECIDED
    for path in before:
        page = client.get(path).text
        assert "canario-decision-51c8" not in page
        assert "Impedimento legal" not in page
        assert "Con decisión" not in text_of(page) or "Con decisión" in text_of(before[path]), path
        assert page == before[path], path


def test_plans_are_chosen_by_link(session: Session, coordinator: Client, topic: Topic) -> None:
    other: Plan = make_plan(session)
    proposal = answered(session, make_topic(session, other), ResponseOutcome.INCLUDE)
    assert proposal.folio in coordinator.get(f"/coordinacion/decidir?plan={other.code}").text
    assert proposal.folio not in coordinator.get(f"/coordinacion/decidir?plan={topic.plan.code}").text
