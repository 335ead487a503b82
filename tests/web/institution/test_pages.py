"""What a liaison sees and does, and what stays closed to others."""

import re
from datetime import timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.orm import Session

from consulta import clock
from consulta.contributions.models import ContributionState
from consulta.database import Database, writing
from consulta.people.models import Institution, Membership, Role
from consulta.plans.models import Plan, PlanState
from consulta.proposals.models import Proposal, ProposalState
from consulta.referrals.models import Referral, ReferralState, Response, ResponseOutcome
from tests.clients import Client, Clients
from tests.factories.contributions import make_contribution
from tests.factories.people import make_institution, make_member, make_person
from tests.factories.plans import make_plan, make_topic
from tests.factories.proposals import make_proposal
from tests.factories.referrals import make_dispatch, make_referral, make_response

WORDS = "Publicaremos los datos **cada mes** desde enero. <script>alert('marca')</script>"


@pytest.fixture
def place(session: Session) -> Institution:
    return make_institution(session, code="INS1", name="Ministerio de Prueba")


@pytest.fixture
def plan(session: Session) -> Plan:
    return make_plan(session)


@pytest.fixture
def liaison(place: Institution, client_as: Clients) -> Client:
    return client_as("liaison1")


def sent(session: Session, plan: Plan, place: Institution, **changes: object) -> Referral:
    proposal = make_proposal(session, make_topic(session, plan), state=ProposalState.FORWARDED)
    return make_referral(session, proposal, place, **changes)


def read_again(session: Session) -> None:
    """End the reading transaction, so that what the page wrote is seen."""
    session.rollback()
    session.expire_all()


def text_of(html: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


def test_the_empty_tray_says_what_will_come(liaison: Client) -> None:
    page = liaison.get("/institucion/")
    assert page.status_code == 200
    assert "No tiene propuestas por responder" in page.text
    assert page.headers["Cache-Control"] == "no-store"


def test_the_tray_shows_what_is_late_first_with_its_days(
    session: Session, plan: Plan, place: Institution, liaison: Client
) -> None:
    today = clock.today()
    later = sent(session, plan, place, due_on=today + timedelta(days=28))
    late = sent(session, plan, place, due_on=today - timedelta(days=14))
    others = sent(session, plan, make_institution(session))
    html = liaison.get("/institucion/").text
    assert html.index(late.proposal.folio) < html.index(later.proposal.folio)
    assert others.proposal.folio not in html
    assert "Atrasada 10 días hábiles" in text_of(html)
    assert "Quedan 20 días hábiles" in text_of(html)
    assert "2 propuestas esperan su respuesta. 1 está atrasada." in text_of(html)


@pytest.mark.parametrize(
    "slug", ["por-responder", "atrasadas", "sin-respuesta", "respondidas", "devueltas", "anuladas"]
)
def test_each_list_has_its_own_and_an_empty_state(
    session: Session, plan: Plan, place: Institution, liaison: Client, slug: str
) -> None:
    assert "empty" in liaison.get(f"/institucion/?estado={slug}").text
    states = {
        "por-responder": ReferralState.ACKNOWLEDGED,
        "atrasadas": ReferralState.SENT,
        "sin-respuesta": ReferralState.NO_ANSWER,
        "respondidas": ReferralState.ANSWERED,
        "devueltas": ReferralState.RETURNED,
        "anuladas": ReferralState.CANCELLED,
    }
    past = clock.today() - timedelta(days=3)
    referral = sent(session, plan, place, state=states[slug], due_on=past)
    assert referral.proposal.folio in liaison.get(f"/institucion/?estado={slug}").text


def test_long_lists_go_on_by_cursor(session: Session, plan: Plan, place: Institution, liaison: Client) -> None:
    topic, dispatch = make_topic(session, plan), make_dispatch(session, plan, place)
    source = make_contribution(session, topic)
    with writing(session):
        for _ in range(53):
            proposal = make_proposal(session, source=source, state=ProposalState.FORWARDED)
            make_referral(session, proposal, dispatch=dispatch)
    first = liaison.get("/institucion/").text
    next_path = re.search(r'href="([^"]+)" rel="next"', first)
    assert next_path is not None
    second = liaison.get(next_path[1].replace("&amp;", "&")).text
    folios = [set(re.findall(r"PROP-2018-\d+", page)) for page in (first, second)]
    assert [len(found) for found in folios] == [50, 3]
    assert not folios[0] & folios[1]
    assert liaison.get("/institucion/?pagina=inventado").status_code == 404


def count_queries(database: Database, client: Client, path: str) -> int:
    statements: list[str] = []

    def note(connection: object, cursor: object, statement: str, *_: object) -> None:
        statements.append(statement)

    event.listen(database.engine, "before_cursor_execute", note)
    try:
        assert client.get(path).status_code == 200
    finally:
        event.remove(database.engine, "before_cursor_execute", note)
    return len(statements)


def test_the_tray_asks_the_same_number_of_queries_whatever_its_size(
    database: Database, session: Session, plan: Plan, place: Institution, liaison: Client
) -> None:
    sent(session, plan, place)
    few = count_queries(database, liaison, "/institucion/")
    for _ in range(12):
        sent(session, plan, place)
    assert count_queries(database, liaison, "/institucion/") == few


def test_somebody_in_two_institutions_chooses(
    session: Session, plan: Plan, place: Institution, client_as: Clients
) -> None:
    second = make_institution(session, code="OTRA")
    person = make_member(session, Role.LIAISON, place)
    with writing(session):
        session.add(Membership(person_id=person.id, role=Role.LIAISON, institution_id=second.id))
    mine, theirs = sent(session, plan, place), sent(session, plan, second)
    browser = client_as.of(person)
    both = browser.get("/institucion/").text
    assert mine.proposal.folio in both
    assert theirs.proposal.folio in both
    only = browser.get("/institucion/?institucion=OTRA").text
    assert theirs.proposal.folio in only
    assert mine.proposal.folio not in only
    assert browser.get("/institucion/?institucion=NOMIA").status_code == 404


def test_the_page_of_a_referral_shows_the_words_and_nothing_private(
    session: Session, plan: Plan, place: Institution, liaison: Client
) -> None:
    topic = make_topic(session, plan)
    author = make_person(session, public_name="Ana", email="privada@example.org")
    source = make_contribution(session, topic, person=author, body="Palabras crudas con mi teléfono 7777-0000",
                               public_body="Palabras públicas de la propuesta")  # fmt: skip
    proposal = make_proposal(session, source=source, state=ProposalState.FORWARDED)
    merged = make_proposal(session, topic, state=ProposalState.MERGED, main_proposal_id=proposal.id)
    hidden = make_contribution(session, topic, public_body="Texto oculto aquí", state=ContributionState.HIDDEN)
    make_proposal(session, source=hidden, state=ProposalState.MERGED, main_proposal_id=proposal.id)
    referral = make_referral(session, proposal, place)
    html = liaison.get(f"/institucion/remisiones/{referral.id}").text
    assert "Palabras públicas de la propuesta" in html
    assert f"Pide lo mismo en {merged.folio}" in html
    for private in ("privada@example.org", "7777-0000", "Texto oculto aquí", "<script>alert"):
        assert private not in html


@pytest.mark.parametrize("path", ["", "/responder", "/devolver"])
def test_what_was_sent_to_others_is_not_found(
    session: Session, plan: Plan, place: Institution, liaison: Client, path: str
) -> None:
    other = sent(session, plan, make_institution(session))
    assert liaison.get(f"/institucion/remisiones/{other.id}{path}").status_code == 404
    assert liaison.get("/institucion/remisiones/999999").status_code == 404
    assert liaison.get(f"/institucion/oficios/{other.dispatch.folio}").status_code == 404
    for act in ("recibir", "responder", "devolver"):
        assert liaison.submit(f"/institucion/remisiones/{other.id}/{act}", reason="x").status_code == 404
    read_again(session)
    assert other.state is ReferralState.SENT


@pytest.mark.parametrize(
    ("identity", "status"),
    [("visitor", 303), ("participant", 403), ("moderator", 403), ("coordinator", 403), ("observer", 403),
     ("approver", 403), ("admin", 403), ("liaison2", 404), ("liaison1", 200)],
)  # fmt: skip
def test_only_its_liaison_opens_a_referral(
    session: Session, plan: Plan, place: Institution, client_as: Clients, identity: str, status: int
) -> None:
    referral = sent(session, plan, place)
    assert client_as(identity).get(f"/institucion/remisiones/{referral.id}").status_code == status


def test_a_letter_lists_its_proposals(session: Session, plan: Plan, place: Institution, liaison: Client) -> None:
    referral = sent(session, plan, place)
    html = liaison.get(f"/institucion/oficios/{referral.dispatch.folio}").text
    assert referral.proposal.folio in html
    assert "Les remitimos estas propuestas." in html
    assert "<script>alert" not in html


def test_receiving_is_one_button(session: Session, plan: Plan, place: Institution, liaison: Client) -> None:
    referral = sent(session, plan, place)
    path = f"/institucion/remisiones/{referral.id}"
    assert liaison.submit(f"{path}/recibir", version="1").status_code == 303
    read_again(session)
    assert referral.state is ReferralState.ACKNOWLEDGED
    again = liaison.submit(f"{path}/recibir", version="1")
    assert again.status_code == 409
    assert "Alguien modificó este registro" in again.text
    assert "Confirmar que la recibimos" not in liaison.get(path).text


def answer(**changes: object) -> dict[str, object]:
    fields: dict[str, object] = {
        "outcome": "include_partial",
        "reasons": ["no_budget", "no_time"],
        "reason_detail": "",
        "justification": WORDS,
        "form_key": "clave-de-prueba",
        "version": "1",
    }
    return {**fields, **changes}


def test_an_answer_is_looked_at_before_it_is_sent(
    session: Session, plan: Plan, place: Institution, liaison: Client
) -> None:
    referral = sent(session, plan, place)
    path = f"/institucion/remisiones/{referral.id}/responder"
    assert liaison.get(path).status_code == 200
    check = liaison.submit(path, **answer())
    assert check.status_code == 200
    assert "Así se verá su respuesta" in check.text
    assert "<strong>cada mes</strong>" in check.text
    assert "Sin presupuesto · No cabe en el plazo del plan" in text_of(check.text)
    assert session.scalar(sa.select(sa.func.count(Response.id))) == 0
    changed = liaison.submit(path, **answer(change="1"))
    assert changed.status_code == 200
    assert "Publicaremos los datos **cada mes**" in changed.text
    done = liaison.submit(path, **answer(confirm="1"))
    assert done.status_code == 303
    twice = liaison.submit(path, **answer(confirm="1"))
    assert twice.status_code == 303
    read_again(session)
    assert session.scalar(sa.select(sa.func.count(Response.id))) == 1
    assert "Incorporar en parte" in liaison.get(done.location).text


@pytest.mark.parametrize(
    ("changes", "field", "sentence"),
    [
        ({"justification": "Corta."}, "justification", "El texto debe tener al menos 40 caracteres. Ahora tiene 6."),
        ({"justification": ""}, "justification", "Falta la justificación pública."),
        ({"reasons": []}, "reasons-0", "Elija al menos un motivo."),
        ({"reasons": ["other"]}, "reason_detail", "Diga dónde existe o cuál es el otro motivo."),
        ({"outcome": ""}, "outcome-0", "Diga si su institución incorpora la propuesta."),
        ({"outcome": "", "justification": "Corta"}, "justification", "debe tener al menos 40 caracteres"),
        ({"outcome": "not_include", "reasons": "no_answer"}, "reasons-0", "Elija"),
        ({"outcome": "inventado"}, "outcome-0", ""),
        ({"reasons": ["inventado"]}, "reasons-0", ""),
    ],
)
@pytest.mark.parametrize("step", [{}, {"confirm": "1"}])
def test_a_bad_answer_comes_back_with_its_text(
    session: Session,
    plan: Plan,
    place: Institution,
    liaison: Client,
    changes: dict[str, object],
    field: str,
    sentence: str,
    step: dict[str, str],
) -> None:
    referral = sent(session, plan, place)
    page = liaison.submit(f"/institucion/remisiones/{referral.id}/responder", **answer(**changes, **step))
    assert page.status_code == 422
    assert f'<a href="#{field}">' in page.text
    assert sentence in page.text
    assert "<title>Error:" in page.text
    if "justification" not in changes:
        assert "Publicaremos los datos **cada mes**" in page.text
    read_again(session)
    assert referral.state is ReferralState.SENT


def test_a_stale_answer_shows_both_versions(session: Session, plan: Plan, place: Institution, liaison: Client) -> None:
    referral = sent(session, plan, place, state=ReferralState.ANSWERED)
    make_response(session, referral, justification="La otra persona de enlace ya respondió esto antes.")
    with writing(session):
        referral.version = 5
    page = liaison.submit(f"/institucion/remisiones/{referral.id}/responder", **answer(confirm="1"))
    assert page.status_code == 409
    assert "Alguien modificó este registro" in page.text
    assert "La otra persona de enlace ya respondió esto antes." in page.text
    assert "Publicaremos los datos **cada mes**" in page.text


def test_correcting_an_answer_keeps_the_old_version_in_sight(
    session: Session, plan: Plan, place: Institution, liaison: Client
) -> None:
    referral = sent(session, plan, place, state=ReferralState.ANSWERED)
    make_response(session, referral, justification="La primera respuesta, que después fue corregida.")
    path = f"/institucion/remisiones/{referral.id}"
    assert "La primera respuesta, que después fue corregida." in liaison.get(f"{path}/responder").text
    assert liaison.submit(f"{path}/responder", **answer(confirm="1")).status_code == 303
    html = liaison.get(path).text
    assert "Versión 2" in html
    assert "La primera respuesta, que después fue corregida." in html


def test_the_same_form_with_other_words_keeps_them(
    session: Session, plan: Plan, place: Institution, liaison: Client
) -> None:
    path = f"/institucion/remisiones/{sent(session, plan, place).id}/responder"
    liaison.submit(path, **answer(confirm="1"))
    page = liaison.submit(path, **answer(confirm="1", justification=WORDS + " Otro texto."))
    assert page.status_code == 409
    assert "Otro texto." in page.text


def test_a_return_names_who_may_answer(session: Session, plan: Plan, place: Institution, liaison: Client) -> None:
    referral, other = sent(session, plan, place), make_institution(session, code="COMPETE")
    path = f"/institucion/remisiones/{referral.id}/devolver"
    assert "COMPETE" in liaison.get(path).text
    bad = liaison.submit(path, reason=" ", suggested_institution="", version="1")
    assert bad.status_code == 422
    assert "Escriba el motivo." in bad.text
    done = liaison.submit(path, reason="Le toca a COMPETE.", suggested_institution=str(other.id), version="1")
    assert done.status_code == 303
    read_again(session)
    assert (referral.state, referral.suggested_institution_id) == (ReferralState.RETURNED, other.id)
    assert "Le toca a COMPETE." in liaison.get(done.location).text


def test_what_has_ended_offers_no_act(session: Session, plan: Plan, place: Institution, liaison: Client) -> None:
    referral = sent(session, plan, place, state=ReferralState.RETURNED, return_reason="No nos compete")
    path = f"/institucion/remisiones/{referral.id}"
    html = liaison.get(path).text
    assert "/responder" not in html
    assert "/devolver" not in html
    for act in ("responder", "devolver"):
        assert liaison.get(f"{path}/{act}").status_code == 303
    assert liaison.submit(f"{path}/responder", **answer(confirm="1")).status_code == 409


def test_public_results_close_the_answer(session: Session, place: Institution, liaison: Client) -> None:
    plan = make_plan(session, state=PlanState.DRAFTING, results_published_at=clock.now())
    referral = sent(session, plan, place, state=ReferralState.ANSWERED)
    make_response(session, referral)
    path = f"/institucion/remisiones/{referral.id}"
    assert "Los resultados ya son públicos" in liaison.get(path).text
    assert liaison.submit(f"{path}/responder", **answer(confirm="1")).status_code == 409


def test_fields_that_no_form_has_are_ignored(session: Session, plan: Plan, place: Institution, liaison: Client) -> None:
    referral, other = sent(session, plan, place), make_institution(session)
    path = f"/institucion/remisiones/{referral.id}/responder"
    extra = {"institution_id": other.id, "state": "cancelled", "number": 9, "answered_by_id": 1}
    liaison.submit(path, **answer(confirm="1", **extra))
    read_again(session)
    assert (referral.institution_id, referral.state) == (place.id, ReferralState.ANSWERED)
    assert referral.responses[0].number == 1


def test_posting_without_the_token_changes_nothing(
    session: Session, plan: Plan, place: Institution, liaison: Client
) -> None:
    referral = sent(session, plan, place)
    page = liaison.post(f"/institucion/remisiones/{referral.id}/responder", data=answer(confirm="1"))
    assert page.status_code in (400, 422)
    read_again(session)
    assert referral.state is ReferralState.SENT


CANARY = "canario-respuesta-9f27"


def public_paths(proposal: Proposal) -> list[str]:
    plan, topic = proposal.plan.code, proposal.topic_final.code if proposal.topic_final else ""
    return [
        "/",
        f"/planes/{plan}",
        f"/planes/{plan}/temas/{topic}",
        f"/planes/{plan}/propuestas",
        f"/propuestas/{proposal.folio}",
        f"/planes/{plan}/resultados",
        f"/planes/{plan}/compromisos",
        f"/planes/{plan}/cifras",
        f"/buscar?q={CANARY}+incorporar",
        f"/api/v1/plans/{plan}/figures",
        f"/api/v1/plans/{plan}/referrals",
        f"/api/v1/plans/{plan}/decisions",
        f"/api/v1/proposals/{proposal.folio}",
    ]


def test_no_public_page_tells_an_answer_before_results(
    session: Session, plan: Plan, place: Institution, liaison: Client, client: Client
) -> None:
    referral = sent(session, plan, place)
    path = f"/institucion/remisiones/{referral.id}/responder"
    liaison.submit(path, **answer(confirm="1", justification=f"{CANARY} " + WORDS, reason_detail=CANARY))
    read_again(session)
    assert session.scalars(sa.select(Response.outcome)).one() is ResponseOutcome.INCLUDE_PARTIAL
    opened = 0
    for public in public_paths(referral.proposal):
        page = client.get(public)
        opened += page.status_code == 200
        shown = page.text.replace(f"q={CANARY}", "").replace(f'value="{CANARY} incorporar"', "")
        assert "Publicaremos los datos" not in shown, public
        assert "Incorporar en parte" not in shown, public
        assert "Sin presupuesto" not in shown, public
        assert CANARY not in shown or public.startswith("/buscar"), public
    assert opened > 0
