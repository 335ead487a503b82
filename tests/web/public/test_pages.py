"""Start, plans, documents, lists and the addresses beside the pages."""

import hashlib
from collections import Counter
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from consulta import clock
from consulta.contributions.models import ContributionState
from consulta.errors import Problem
from consulta.people.models import Role
from consulta.plans.models import Plan, PlanState, Topic
from consulta.plans.window import close_window
from consulta.proposals.models import ProposalState
from consulta.web.public.results import rounding_note
from consulta.web.wording import problem_sentence
from tests.factories.contributions import make_contribution
from tests.factories.people import actor_of, make_member
from tests.factories.plans import make_document, make_phase, make_plan
from tests.factories.proposals import make_proposal
from tests.factories.referrals import make_referral


def test_start_without_any_plan_says_what_will_come(client: FlaskClient) -> None:
    assert "Todavía no hay ninguna consulta" in client.get("/").text
    assert "Todavía no hay planes" in client.get("/planes").text


def test_start_shows_the_open_plan_first(session: Session, client: FlaskClient, topic: Topic) -> None:
    make_plan(session, title="Uno anterior", state=PlanState.APPROVED, closes_on=clock.today() - timedelta(days=90))
    page = client.get("/").text
    assert "Quedan 10 días" in page
    assert page.count("Escribir mi propuesta") == 1
    assert page.index("Otros planes") < page.index("Uno anterior")


def test_plan_keeps_planned_and_actual_apart(session: Session, client: FlaskClient, plan: Plan) -> None:
    make_phase(session, plan, label="Consulta", planned_start_on=clock.today(), actual_start_on=clock.today())
    page = client.get(f"/planes/{plan.code}").text
    assert "Planeado" in page
    assert "Desde el" in page


def test_a_window_closed_early_says_why_and_invites_nobody(
    session: Session, client: FlaskClient, plan: Plan, topic: Topic
) -> None:
    coordinator = actor_of(make_member(session, Role.COORDINATOR), Role.COORDINATOR)
    close_window(session, actor=coordinator, plan_id=plan.id, version=None, reason="Se acordó con el foro")
    for path in ("/", "/planes", f"/planes/{plan.code}", f"/planes/{plan.code}/resultados"):
        page = client.get(path).text
        assert "Se reciben propuestas." not in page, path
        assert "Ahora no se reciben propuestas." in page, path
    assert "Motivo: Se acordó con el foro" in client.get(f"/planes/{plan.code}").text


@pytest.mark.parametrize(
    ("counted", "note"),
    [({}, ""), ({"a": 1, "b": 1}, ""), ({"a": 4, "b": 2, "c": 43}, "100.1%"), ({"a": 1, "b": 1, "c": 1}, "99.9%")],
)
def test_percentages_say_what_they_add_up_to(app: Flask, counted: dict[str, int], note: str) -> None:
    with app.test_request_context("/"):
        said = rounding_note(Counter(counted))
    assert said == (f"Por el redondeo, los porcentajes suman {note}." if note else "")


def test_errors_write_numbers_as_people_do(app: Flask) -> None:
    with app.test_request_context("/"):
        said = problem_sentence(Problem("body", "text_too_long", {"max": 5000, "length": 5001}))
    assert said == "El texto puede tener hasta 5,000 caracteres. Ahora tiene 5,001."


def test_documents_are_kept_and_never_shown_in_place(session: Session, client: FlaskClient, plan: Plan) -> None:
    content = b"<script>alert(1)</script>"
    digest = hashlib.sha256(content).hexdigest()
    document = make_document(session, plan, content=content, sha256=digest, file_name="un método.txt")
    path = f"/planes/{plan.code}/documentos/{document.id}/"
    answer = client.get(path + "un método.txt")
    assert (answer.status_code, answer.data) == (200, content)
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["ETag"] == f'"{digest}"'
    assert client.get(path + "un método.txt", headers={"If-None-Match": f'"{digest}"'}).status_code == 304
    assert client.get(path + "otro.txt").status_code == 404


def test_withdrawn_documents_are_gone(session: Session, client: FlaskClient, plan: Plan) -> None:
    document = make_document(session, plan, withdrawn_at=clock.now())
    assert client.get(f"/planes/{plan.code}/documentos/{document.id}/{document.file_name}").status_code == 404
    assert document.file_name not in client.get(f"/planes/{plan.code}").text


def test_the_leaflets_address_leads_to_its_plan(session: Session, client: FlaskClient) -> None:
    make_plan(session, code="2018-2020")
    answer = client.get("/aga_themes?plan=2018-2020")
    assert (answer.status_code, answer.headers["Location"]) == (301, "/planes/2018-2020")
    assert client.get("/aga_themes?plan=otro").status_code == 404
    assert client.get("/aga_themes").status_code == 404


@pytest.mark.parametrize("path", ["/metodo", "/privacidad", "/accesibilidad", "/robots.txt", "/favicon.ico"])
def test_what_depends_on_nothing_is_there(client: FlaskClient, path: str) -> None:
    assert client.get(path).status_code == 200


@pytest.mark.parametrize("path", ["/planes/nada", "/propuestas/PROP-2018-9999", "/planes/nada/resultados"])
def test_what_does_not_exist_is_not_there(client: FlaskClient, path: str) -> None:
    assert client.get(path).status_code == 404


def test_the_list_says_how_many_nobody_has_read_yet(
    session: Session, client: FlaskClient, plan: Plan, topic: Topic
) -> None:
    make_proposal(session, topic)
    waiting = make_contribution(session, topic, state=ContributionState.PENDING)
    make_proposal(session, source=waiting, state=ProposalState.RECEIVED)
    for query in ("", "?paso=recibidas"):
        page = client.get(f"/planes/{plan.code}/propuestas{query}").text
        assert "1 más está en revisión y todavía no se muestra." in page, query
    assert "en revisión" not in client.get(f"/planes/{plan.code}/propuestas?paso=publicadas").text


def test_filters_narrow_the_list(session: Session, client: FlaskClient, plan: Plan, topic: Topic) -> None:
    late = make_proposal(session, topic, state=ProposalState.FORWARDED)
    referral = make_referral(session, late, due_on=clock.today() - timedelta(days=1))
    other = make_proposal(session, topic, in_template=True)
    code = referral.institution.code
    for query, found in (
        ("", {late, other}),
        ("?atrasada=1", {late}),
        (f"?institucion={code}", {late}),
        ("?plantilla=1", {other}),
        ("?estado=systematized", {other}),
        ("?paso=enviadas", {late}),
        (f"?tema={topic.code}&canal=web", {late, other}),
        ("?canal=otros", set()),
        ("?estado=(select 1)", {late, other}),
    ):
        page = client.get(f"/planes/{plan.code}/propuestas{query}").text
        assert {one for one in (late, other) if one.folio in page} == found, query


def test_a_proposal_says_who_has_it_and_by_when(session: Session, client: FlaskClient, topic: Topic) -> None:
    proposal = make_proposal(session, topic, state=ProposalState.FORWARDED)
    make_referral(session, proposal, due_on=clock.today() - timedelta(days=1))
    page = client.get(f"/propuestas/{proposal.folio}").text
    assert "que debe responder: " in page
    assert "Respuesta atrasada" in page
    assert "A más tardar" in page


@pytest.mark.parametrize(
    ("typed", "leads_to"),
    [
        ("/propuestas/prop-2018-7001?pagina=x%20y", "/propuestas/PROP-2018-7001?pagina=x%20y"),
        ("/en/propuestas/Prop-2018-7001", "/en/propuestas/PROP-2018-7001"),
        ("/coordinacion/decidir/prop-2018-7001", "/coordinacion/decidir/PROP-2018-7001"),
    ],
)
def test_a_folio_in_small_letters_leads_to_its_page(client: FlaskClient, typed: str, leads_to: str) -> None:
    answer = client.get(typed)
    assert (answer.status_code, answer.location) == (301, leads_to)
    assert client.get("/propuestas/no-es-folio").status_code == 404


def test_a_merged_proposal_leads_to_its_main_one(session: Session, client: FlaskClient, topic: Topic) -> None:
    main = make_proposal(session, topic)
    joined = make_proposal(session, topic, state=ProposalState.MERGED, main_proposal_id=main.id)
    assert f'href="/propuestas/{main.folio}"' in client.get(f"/propuestas/{joined.folio}").text
    assert f'href="/propuestas/{joined.folio}"' in client.get(f"/propuestas/{main.folio}").text
