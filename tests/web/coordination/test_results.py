"""Publishing results and explaining figures: what blocks, who may, what changes for everybody."""

import re

import pytest
from sqlalchemy.orm import Session

from consulta.commitments.models import CommitmentState
from consulta.contributions.models import ContributionState
from consulta.decisions.models import Outcome
from consulta.figures.audit import find_differences
from consulta.figures.models import PublishedFigure
from consulta.outbox.models import OutboxRow
from consulta.plans.models import Plan, PlanState, Topic
from consulta.proposals.models import Proposal, ProposalState
from tests.clients import Client, Clients
from tests.factories import SCRIPT, store
from tests.factories.commitments import make_commitment
from tests.factories.contributions import make_contribution
from tests.factories.decisions import make_decision
from tests.factories.people import make_person
from tests.factories.plans import make_plan, make_topic
from tests.factories.proposals import make_proposal
from tests.factories.referrals import make_referral

REASON = "Se incorpora porque cabe en el plazo, con la palabra reservada."


@pytest.fixture
def plan(session: Session) -> Plan:
    return make_plan(session, state=PlanState.DRAFTING)


@pytest.fixture
def topic(session: Session, plan: Plan) -> Topic:
    return make_topic(session, plan)


@pytest.fixture
def team(client_as: Clients) -> Client:
    return client_as("coordinator")


def path(plan: Plan, part: str = "resultados") -> str:
    return f"/coordinacion/planes/{plan.code}/{part}"


def decided(session: Session, topic: Topic, outcome: Outcome = Outcome.NOT_INCLUDED, **changes: object) -> Proposal:
    proposal = make_proposal(session, topic, state=ProposalState.DECIDED, **changes)
    make_referral(session, proposal)
    make_decision(session, proposal, outcome=outcome, justification=REASON)
    return proposal


def again(session: Session, plan: Plan) -> Plan:
    session.rollback()
    session.expire_all()
    return session.get_one(Plan, plan.id)


def test_each_kind_of_blocker_is_listed_with_its_link(team: Client, session: Session, plan: Plan, topic: Topic) -> None:
    waiting = make_contribution(session, topic, state=ContributionState.PENDING, title=None, body="Pido más agua.")
    make_proposal(session, topic, source=waiting, state=ProposalState.RECEIVED)
    undecided = make_proposal(session, topic, state=ProposalState.FORWARDED)
    rejected = make_contribution(session, topic, state=ContributionState.REJECTED, reason_text="")
    silent = make_proposal(session, topic, source=rejected, state=ProposalState.INADMISSIBLE)
    alone = decided(session, topic, Outcome.INCLUDED)
    store(session, PublishedFigure(plan_id=plan.id, key="total", label="Total", published_value=99))
    page = team.get(path(plan)).text
    for link in (
        f"/coordinacion/moderacion/{waiting.id}",
        f"/coordinacion/decidir/{undecided.folio}",
        f"/coordinacion/propuestas/{silent.folio}",
        f"{path(plan, 'cifras')}#total",
    ):
        assert f'href="{link}"' in page
    for text in ("Incorporadas sin compromiso (1)", alone.folio, ">Pido más agua.</a>", "Falta resolver 6 asuntos."):
        assert text in page
    assert "Entiendo que las decisiones" not in page
    refused = team.submit(path(plan), version=plan.version, confirmed="y")
    assert refused.status_code == 409
    assert "Todavía falta algo" in refused.text
    assert again(session, plan).results_published_at is None


def test_everything_becomes_public_in_one_go(
    team: Client, client_as: Clients, session: Session, plan: Plan, topic: Topic
) -> None:
    person = make_person(session)
    sources = [make_contribution(session, topic, person=person) for _ in range(2)]
    first = decided(session, topic, Outcome.INCLUDED, source=sources[0])
    second = decided(session, topic, source=sources[1])
    make_commitment(session, plan, number=1, proposals=[first], state=CommitmentState.VALIDATED)
    visitor = client_as("visitor")
    texts = [visitor.get(f"/propuestas/{one.folio}").text for one in (first, second)]
    texts += [visitor.get(f"/planes/{plan.code}/{part}").text for part in ("resultados", "cifras", "compromisos")]
    assert not [text for text in texts if "palabra reservada" in text]
    assert visitor.get(f"/planes/{plan.code}/compromisos/1").status_code == 404
    unconfirmed = team.submit(path(plan), version=plan.version)
    assert unconfirmed.status_code == 422
    assert "Marque la casilla para confirmar." in unconfirmed.text
    assert team.submit(path(plan), version=plan.version, confirmed="y").status_code == 303
    assert again(session, plan).has_results
    for one in (first, second):
        assert "palabra reservada" in visitor.get(f"/propuestas/{one.folio}").text
    assert visitor.get(f"/planes/{plan.code}/compromisos/1").status_code == 200
    told = [row.payload["person_id"] for row in session.query(OutboxRow) if row.name == "results_published"]
    assert told == [person.id]
    assert not [line for line in find_differences(session) if line.startswith(plan.code)]
    page = team.get(path(plan)).text
    assert "Los resultados son públicos" in page
    assert team.submit(path(plan), version=plan.version, confirmed="y").status_code == 409


def test_two_coordinators_publish_once(client_as: Clients, session: Session, plan: Plan, topic: Topic) -> None:
    decided(session, topic)
    answers = [client_as("coordinator").submit(path(plan), version=1, confirmed="y").status_code for _ in range(2)]
    assert answers == [303, 409]


def test_the_others_read_and_do_not_publish(client_as: Clients, session: Session, plan: Plan, topic: Topic) -> None:
    decided(session, topic)
    for identity in ("observer", "approver", "moderator"):
        client = client_as(identity)
        page = client.get(path(plan))
        assert page.status_code == 200
        assert "Los publica el punto de contacto." in page.text
        assert client.submit(path(plan), version=1, confirmed="y").status_code == 403
        assert client.get(path(plan, "cifras/nueva")).status_code == 403
    assert not again(session, plan).has_results


def test_before_its_time_the_page_says_when(team: Client, session: Session) -> None:
    early = make_plan(session)
    assert "cuando el plan está en redacción" in team.get(path(early)).text


def test_a_figure_that_changed_after_results_is_told(team: Client, session: Session, plan: Plan, topic: Topic) -> None:
    decided(session, topic)
    team.submit(path(plan), version=1, confirmed="y")
    make_proposal(session, topic)
    session.expire_all()
    assert any("received.all" in line and "when results were published" in line for line in find_differences(session))


def test_a_figure_is_added_once_and_explained(team: Client, session: Session, plan: Plan, topic: Topic) -> None:
    make_proposal(session, topic)
    assert "No hay cifras publicadas por otros" in team.get(path(plan, "cifras")).text
    fields = {"key": "web.total", "label": f"Total {SCRIPT}", "published_value": "3", "source": f"Informe {SCRIPT}"}
    fields["form_key"] = "una-clave"
    for _ in range(2):  # sent twice, kept once
        assert team.submit(path(plan, "cifras/nueva"), **fields).status_code == 303
    session.rollback()
    figure = session.query(PublishedFigure).one()
    page = team.get(path(plan, "cifras")).text
    assert "1 cifra no cuadra y no tiene nota." in page
    assert SCRIPT not in page
    taken = team.submit(path(plan, "cifras/nueva"), **{**fields, "form_key": "otra"})
    assert taken.status_code == 422
    edit = path(plan, f"cifras/{figure.id}")
    assert team.submit(edit, version=1, note=" ").status_code == 422
    assert team.submit(edit, version=1, note=f"Otra fuente contó dos veces. {SCRIPT}").status_code == 303
    stale = team.submit(edit, version=1, note="Mi versión de la nota.")
    assert stale.status_code == 409
    assert "Mi versión de la nota." in stale.text
    assert "Otra fuente contó dos veces." in re.sub(r"<[^>]+>", "", stale.text)
    assert "Toda cifra que no cuadra tiene su nota." in team.get(path(plan, "cifras")).text
    assert SCRIPT not in team.get(f"/planes/{plan.code}/cifras").text


@pytest.mark.parametrize(
    "change",
    [
        {"key": "no.existe"},
        {"key": ""},
        {"label": " "},
        {"source": ""},
        {"published_value": "tres"},
        {"published_value": "9" * 30},
        {"note": "n" * 1001},
    ],
)
def test_a_bad_figure_is_a_422(team: Client, session: Session, plan: Plan, change: dict[str, str]) -> None:
    fields = {"key": "web.total", "label": "Total", "published_value": "3", "source": "Informe", **change}
    answer = team.submit(path(plan, "cifras/nueva"), **fields)
    assert answer.status_code == 422
    assert "Hay algo que corregir" in answer.text
    assert session.query(PublishedFigure).count() == 0


def test_unknown_figures_are_not_found(team: Client, session: Session, plan: Plan) -> None:
    other = make_plan(session)
    figure = store(session, PublishedFigure(plan_id=other.id, key="total", label="Total", published_value=1))
    for key in (figure.id, 99, "9" * 30):
        assert team.get(path(plan, f"cifras/{key}")).status_code == 404
