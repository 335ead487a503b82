"""What a liaison sees and does, and what stays closed to others."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import event
from sqlalchemy.orm import Session

from consulta import clock
from consulta.contributions.models import ContributionState
from consulta.database import Database, writing
from consulta.people.models import Institution, Membership, Role
from consulta.plans.models import Plan
from consulta.proposals.models import ProposalState
from consulta.referrals.models import Referral, ReferralState
from tests.clients import Client, Clients
from tests.factories.contributions import make_contribution
from tests.factories.people import make_institution, make_member, make_person
from tests.factories.plans import make_plan, make_topic
from tests.factories.proposals import make_proposal
from tests.factories.referrals import make_dispatch, make_referral

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
