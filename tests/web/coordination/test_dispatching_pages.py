"""Choosing proposals, writing the letter, looking at it and sending it; the board of what was sent."""

import re
from datetime import date, timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from consulta import clock
from consulta.database import Database, writing
from consulta.people.models import Institution, Role
from consulta.plans.models import Plan, PlanState, Topic, TopicCompetence
from consulta.proposals.models import Proposal, ProposalState
from consulta.referrals.models import Dispatch, Referral, ReferralState
from tests.clients import Client, Clients
from tests.factories import store
from tests.factories.people import make_institution, make_member
from tests.factories.plans import make_plan, make_topic
from tests.factories.proposals import make_proposal
from tests.factories.referrals import make_referral, make_response
from tests.web.institution.test_pages import count_queries, read_again, text_of

COVER = "Les remitimos estas propuestas para su respuesta. <script>alert('marca')</script>"
LETTER = "/coordinacion/remitir/oficio"
PAGES = ["/coordinacion/remitir", "/coordinacion/remisiones", "/coordinacion/decidir"]


@pytest.fixture
def plan(session: Session) -> Plan:
    return make_plan(session)


@pytest.fixture
def topic(session: Session, plan: Plan) -> Topic:
    return make_topic(session, plan)


@pytest.fixture
def coordinator(client_as: Clients) -> Client:
    return client_as("coordinator")


def letter(proposals: list[Proposal], places: list[Institution], **changes: object) -> dict[str, object]:
    fields: dict[str, object] = {
        "proposals": [proposal.folio for proposal in proposals],
        "institutions": [place.code for place in places],
        "cover_text": COVER,
        "due_on": "",
        "form_key": "clave-de-prueba",
    }
    return {**fields, **changes}


@pytest.mark.parametrize("path", PAGES)
def test_without_plans_the_trays_say_so(coordinator: Client, path: str) -> None:
    page = coordinator.get(path)
    assert page.status_code == 200
    assert "Todavía no hay planes" in page.text


@pytest.mark.parametrize("path", PAGES)
def test_empty_trays_say_what_comes_next(coordinator: Client, plan: Plan, path: str) -> None:
    page = coordinator.get(path)
    assert page.status_code == 200
    assert 'class="empty"' in page.text


def test_proposals_wait_by_topic(session: Session, coordinator: Client, plan: Plan, topic: Topic) -> None:
    here, there = make_proposal(session, topic), make_proposal(session, make_topic(session, plan))
    received = make_proposal(session, topic, state=ProposalState.RECEIVED)
    html = coordinator.get("/coordinacion/remitir").text
    assert here.folio in html
    assert there.folio in html
    assert received.folio not in html
    assert "2 propuestas esperan institución." in html
    filtered = coordinator.get(f"/coordinacion/remitir?tema={topic.code}").text
    assert here.folio in filtered
    assert there.folio not in filtered
    assert coordinator.get("/coordinacion/remitir?tema=inventado").status_code == 404
    assert coordinator.get("/coordinacion/remitir?plan=inventado").status_code == 404


def test_forwarded_ones_are_offered_for_another_institution(
    session: Session, coordinator: Client, topic: Topic
) -> None:
    proposal = make_proposal(session, topic, state=ProposalState.FORWARDED)
    assert proposal.folio not in coordinator.get("/coordinacion/remitir").text
    assert proposal.folio in coordinator.get("/coordinacion/remitir?estado=enviadas").text


def test_the_letter_suggests_who_is_competent(session: Session, coordinator: Client, topic: Topic) -> None:
    competent = make_institution(session, code="COMPETE")
    other = make_institution(session, code="OTRA")
    store(session, TopicCompetence(institution_id=competent.id, topic_code=topic.code))
    html = coordinator.get(f"{LETTER}?propuesta={make_proposal(session, topic).folio}").text
    assert html.index("COMPETE") < html.index("Otras instituciones públicas") < html.index(other.code)
    checked = re.findall(r'<input[^>]*checked[^>]*name="institutions"[^>]*value="(\w+)"', html)
    assert checked == ["COMPETE"]


def test_a_letter_carries_something(coordinator: Client, plan: Plan) -> None:
    page = coordinator.get(LETTER)
    assert page.status_code == 303
    assert "Elija al menos una propuesta" in coordinator.get(page.location).text


def test_many_proposals_to_many_institutions(session: Session, coordinator: Client, topic: Topic) -> None:
    proposals = [make_proposal(session, topic) for _ in range(4)]
    places = [make_institution(session) for _ in range(3)]
    check = coordinator.submit(LETTER, **letter(proposals, places))
    assert check.status_code == 200
    assert "4 propuestas a 3 instituciones." in text_of(check.text)
    assert "<script>alert" not in check.text
    read_again(session)
    assert session.scalar(sa.select(sa.func.count(Dispatch.id))) == 0
    back = coordinator.submit(LETTER, **letter(proposals, places, change="1"))
    assert "Les remitimos estas propuestas para su respuesta." in back.text
    for _ in range(2):  # a double click
        assert coordinator.submit(LETTER, **letter(proposals, places, confirm="1")).status_code == 303
    read_again(session)
    assert session.scalar(sa.select(sa.func.count(Dispatch.id))) == 3
    assert session.scalar(sa.select(sa.func.count(Referral.id))) == 12
    assert {proposal.state for proposal in proposals} == {ProposalState.FORWARDED}
    folio = session.scalars(sa.select(Dispatch.folio)).first()
    page = coordinator.get(f"/coordinacion/remisiones/oficios/{folio}")
    assert "4 propuestas" in page.text


def test_the_check_page_names_who_has_nobody_to_answer(session: Session, coordinator: Client, topic: Topic) -> None:
    watched, silent = make_institution(session, name="Con enlace"), make_institution(session, name="Sin enlace")
    make_member(session, Role.LIAISON, watched)
    page = coordinator.submit(LETTER, **letter([make_proposal(session, topic)], [watched, silent])).text
    assert "en nombre de: Sin enlace." in page


@pytest.mark.parametrize("step", [{}, {"confirm": "1"}])
@pytest.mark.parametrize(
    ("changes", "field", "sentence"),
    [
        ({"institutions": []}, "institutions-0", "Elija al menos una institución."),
        ({"institutions": ["INVENTADA"]}, "institutions-0", ""),
        ({"cover_text": "Corto"}, "cover_text", "El texto debe tener al menos 20 caracteres. Ahora tiene 5."),
        ({"due_on": "2020-01-06"}, "due_on", "La fecha límite debe ser posterior a hoy."),
        ({"due_on": "2100-01-02"}, "due_on", "La fecha límite cae en fin de semana o asueto."),
        ({"due_on": "ayer"}, "due_on", "Escriba una fecha completa: día, mes y año."),
    ],
)
def test_a_bad_letter_comes_back_with_its_text(
    session: Session,
    coordinator: Client,
    topic: Topic,
    changes: dict[str, object],
    field: str,
    sentence: str,
    step: dict[str, str],
) -> None:
    proposal, place = make_proposal(session, topic), make_institution(session)
    page = coordinator.submit(LETTER, **letter([proposal], [place], **changes, **step))
    assert page.status_code == 422
    assert f'<a href="#{field}">' in page.text
    assert sentence in page.text
    if "cover_text" not in changes:
        assert "Les remitimos estas propuestas para su respuesta." in page.text
    read_again(session)
    assert proposal.state is ProposalState.SYSTEMATIZED


def test_what_somebody_else_just_sent_is_named(session: Session, coordinator: Client, topic: Topic) -> None:
    proposal, place = make_proposal(session, topic), make_institution(session, code="YATIENE")
    make_referral(session, proposal, place)
    for step in ({}, {"confirm": "1"}):
        page = coordinator.submit(LETTER, **letter([proposal], [place], **step))
        assert page.status_code == 409
        assert f"Ya se enviaron a esa institución: {proposal.folio}, YATIENE." in page.text


def test_what_cannot_be_sent_any_more_is_named(session: Session, coordinator: Client, topic: Topic) -> None:
    proposal = make_proposal(session, topic, state=ProposalState.MERGED)
    page = coordinator.submit(LETTER, **letter([proposal], [make_institution(session)], confirm="1"))
    assert page.status_code == 409
    assert proposal.folio in page.text


def test_the_board_sorts_and_filters(session: Session, coordinator: Client, topic: Topic) -> None:
    today = clock.today()
    late = make_referral(session, make_proposal(session, topic), due_on=today - timedelta(days=7))
    fresh = make_referral(session, make_proposal(session, topic), due_on=today + timedelta(days=7))
    answered = make_referral(session, make_proposal(session, topic), state=ReferralState.ANSWERED)
    html = coordinator.get("/coordinacion/remisiones").text
    assert html.index(late.proposal.folio) < html.index(fresh.proposal.folio)
    assert answered.proposal.folio not in html
    overdue = coordinator.get("/coordinacion/remisiones?estado=atrasadas").text
    assert late.proposal.folio in overdue
    assert fresh.proposal.folio not in overdue
    one = coordinator.get(f"/coordinacion/remisiones?institucion={fresh.institution.code}").text
    assert fresh.proposal.folio in one
    assert late.proposal.folio not in one


def test_a_returned_one_leads_to_the_suggested_institution(session: Session, coordinator: Client, topic: Topic) -> None:
    suggested = make_institution(session, code="SUGERIDA")
    referral = make_referral(
        session,
        make_proposal(session, topic),
        state=ReferralState.RETURNED,
        return_reason="Le toca a otra.",
        suggested_institution_id=suggested.id,
    )
    html = coordinator.get("/coordinacion/remisiones?estado=devueltas").text
    link = re.search(r'href="([^"]*oficio\?[^"]*)"', html)
    assert "Le toca a otra." in html
    assert link is not None
    page = coordinator.get(link[1].replace("&amp;", "&")).text
    assert referral.proposal.folio in page
    assert re.findall(r'<input[^>]*checked[^>]*name="institutions"[^>]*value="(\w+)"', page) == ["SUGERIDA"]


def test_a_later_date_is_given_once(session: Session, coordinator: Client, topic: Topic) -> None:
    referral = make_referral(session, make_proposal(session, topic))
    path = f"/coordinacion/remisiones/{referral.id}"
    assert coordinator.get(f"{path}/ampliar").status_code == 200
    form = {"due_on": "2100-03-01", "reason": "Pidieron más tiempo.", "version": "1"}
    bad = coordinator.submit(f"{path}/ampliar", **{**form, "reason": ""})
    assert (bad.status_code, "Escriba el motivo." in bad.text) == (422, True)
    assert coordinator.submit(f"{path}/ampliar", **{**form, "due_on": ""}).status_code == 422
    assert coordinator.submit(f"{path}/ampliar", **form).status_code == 303
    read_again(session)
    assert referral.due_on == date(2100, 3, 1)
    assert "Pidieron más tiempo." in coordinator.get(path).text
    stale = coordinator.submit(f"{path}/ampliar", **{**form, "due_on": "2100-04-01"})
    assert stale.status_code == 409
    assert "2100-03-01" in stale.text
    again = coordinator.submit(f"{path}/ampliar", **{**form, "due_on": "2100-04-01", "version": "2"})
    assert (again.status_code, "ya se amplió una vez" in again.text) == (409, True)


def test_cancelling_and_giving_up(session: Session, coordinator: Client, topic: Topic) -> None:
    past = clock.today() - timedelta(days=1)
    first = make_referral(session, make_proposal(session, topic, state=ProposalState.FORWARDED))
    second = make_referral(session, make_proposal(session, topic), due_on=past)
    early = coordinator.submit(f"/coordinacion/remisiones/{first.id}/sin-respuesta", version="1")
    assert (early.status_code, "todavía no vence" in early.text) == (409, True)
    assert coordinator.get(f"/coordinacion/remisiones/{first.id}/anular").status_code == 200
    assert coordinator.submit(f"/coordinacion/remisiones/{first.id}/anular", reason="", version="1").status_code == 422
    done = coordinator.submit(f"/coordinacion/remisiones/{first.id}/anular", reason="Un error", version="1")
    assert done.status_code == 303
    assert "Marcar sin respuesta" in coordinator.get(f"/coordinacion/remisiones/{second.id}").text
    gone = coordinator.submit(f"/coordinacion/remisiones/{second.id}/sin-respuesta", version="1")
    assert gone.status_code == 303
    read_again(session)
    assert (first.state, second.state) == (ReferralState.CANCELLED, ReferralState.NO_ANSWER)
    assert first.proposal.state is ProposalState.SYSTEMATIZED


@pytest.mark.parametrize("identity", ["observer", "moderator", "approver"])
def test_others_of_the_team_read_and_change_nothing(
    session: Session, client_as: Clients, topic: Topic, identity: str
) -> None:
    proposal = make_proposal(session, topic, state=ProposalState.FORWARDED)
    referral = make_referral(session, proposal, due_on=clock.today() - timedelta(days=2))
    make_response(session, referral)
    reader = client_as(identity)
    page = f"/coordinacion/remisiones/{referral.id}"
    for path in (*PAGES, page, f"/coordinacion/decidir/{proposal.folio}"):
        html = reader.get(path)
        assert html.status_code == 200
        for act in ("Marcar sin respuesta", "Ampliar el plazo", "Guardar la decisión", "Preparar el oficio"):
            assert act not in html.text
    for path in (f"{LETTER}?propuesta={proposal.folio}", f"{page}/ampliar", f"{page}/anular"):
        assert reader.get(path).status_code == 403
    assert reader.submit(LETTER, **letter([proposal], [], confirm="1")).status_code == 403
    for act in ("ampliar", "anular", "sin-respuesta"):
        assert reader.submit(f"{page}/{act}", reason="x", due_on="2100-03-01", version="1").status_code == 403
    read_again(session)
    assert referral.state is ReferralState.SENT


@pytest.mark.parametrize(
    ("identity", "status"), [("visitor", 303), ("participant", 403), ("liaison1", 403), ("admin", 403)]
)
def test_nobody_else_enters(client_as: Clients, plan: Plan, identity: str, status: int) -> None:
    browser = client_as(identity)
    for path in PAGES:
        assert browser.get(path).status_code == status


def test_the_board_asks_the_same_number_of_queries_whatever_its_size(
    database: Database, session: Session, coordinator: Client, topic: Topic
) -> None:
    counts = []
    for more in (1, 12):
        for _ in range(more):
            referral = make_referral(session, make_proposal(session, topic, state=ProposalState.FORWARDED))
            make_proposal(session, topic)
            ready = make_proposal(session, topic, state=ProposalState.FORWARDED)
            make_response(session, make_referral(session, ready, state=ReferralState.ANSWERED))
            assert referral.id
        counts.append([count_queries(database, coordinator, path) for path in PAGES])
    assert counts[0] == counts[1]


def test_a_plan_past_its_analysis_offers_nothing(session: Session, coordinator: Client) -> None:
    plan = make_plan(session, state=PlanState.IN_APPROVAL, results_published_at=clock.now())
    proposal = make_proposal(session, make_topic(session, plan))
    html = coordinator.get("/coordinacion/remitir").text
    assert "ya no admite envíos" in html
    assert "Preparar el oficio" not in html
    page = coordinator.submit(LETTER, **letter([proposal], [make_institution(session)], confirm="1"))
    assert page.status_code == 409


def test_long_trays_go_on_by_cursor(session: Session, coordinator: Client, topic: Topic) -> None:
    with writing(session):
        for _ in range(52):
            make_proposal(session, topic)
    first = coordinator.get("/coordinacion/remitir").text
    link = re.search(r'href="([^"]+)" rel="next"', first)
    assert link is not None
    second = coordinator.get(link[1].replace("&amp;", "&")).text
    assert [len(set(re.findall(r"PROP-2018-\d+", page))) for page in (first, second)] == [50, 2]
    for path in PAGES:
        assert coordinator.get(f"{path}?pagina=inventado").status_code == 404
