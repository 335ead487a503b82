"""The own space, the own pages, supports, and the state that public pages ask for."""

from datetime import timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from consulta import clock
from consulta.contributions.models import Contribution, ContributionState, RejectionReason, Support
from consulta.contributions.moderation import hide_contribution
from consulta.database import writing
from consulta.messages.catalogue import find_message
from consulta.messages.links import Site
from consulta.people.models import LoginSession, Person
from consulta.plans.models import Topic
from consulta.proposals.models import ProposalState
from consulta.referrals.models import ReferralState
from consulta.web.filters import long_date
from tests.clients import Client, Clients
from tests.factories.contributions import make_contribution, make_reply, make_support
from tests.factories.decisions import make_decision
from tests.factories.people import make_institution
from tests.factories.plans import make_plan, make_topic
from tests.factories.proposals import make_proposal
from tests.factories.referrals import make_referral

WHY = "Falta decir en qué escuelas."


@pytest.fixture
def topic(session: Session) -> Topic:
    return make_topic(session, make_plan(session))


def own(session: Session, client: Client, topic: Topic, **changes: object) -> Contribution:
    """A contribution of the person of a browser, with its proposal."""
    contribution = make_contribution(session, topic, **changes)
    with writing(session):
        contribution.person_id = client.actor.person_id or 0
    make_proposal(session, source=contribution, state=ProposalState.RECEIVED)
    return contribution


def test_an_empty_space_says_what_to_do(client_as: Clients) -> None:
    page = client_as("participant").get("/participar/")
    assert page.status_code == 200
    assert "Todavía no ha escrito nada" in page.text


def test_the_space_shows_who_has_each_one_and_by_when(client_as: Clients, session: Session, topic: Topic) -> None:
    client = client_as("participant")
    own(session, client, topic, state=ContributionState.PENDING)
    due = clock.today() + timedelta(days=4)
    own(session, client, topic, state=ContributionState.OBSERVED, reason_text=WHY, complete_by=due)
    sent = own(session, client, topic)
    proposal = sent.proposal_links[0].proposal
    with writing(session):
        proposal.state, proposal.topic_final_id = ProposalState.FORWARDED, topic.id
    ministry = make_institution(session, name="Ministerio de Salud")
    make_referral(session, proposal, ministry)
    page = client.get("/participar/").text
    assert page.count('class="path-small') == 3
    for words in (
        "el equipo de moderación",
        "Le toca a usted",
        "Completar",
        "Ministerio de Salud",
        "Enviada a la institución",
    ):
        assert words in page


def test_what_was_joined_shows_who_has_the_main_one(client_as: Clients, session: Session, topic: Topic) -> None:
    client, due = client_as("participant"), clock.today() + timedelta(days=9)
    main = make_proposal(session, source=make_contribution(session, topic), state=ProposalState.FORWARDED)
    referral = make_referral(session, main, make_institution(session, name="Ministerio de Salud"), due_on=due)
    joined = own(session, client, topic).proposal_links[0].proposal
    with writing(session):
        joined.state, joined.main_proposal_id = ProposalState.MERGED, main.id
    page = client.get("/participar/").text
    assert f'href="/propuestas/{main.folio}"' in page
    assert f"La tiene: Ministerio de Salud. Plazo: {long_date(due)}" in " ".join(page.split())
    with writing(session):
        referral.state = ReferralState.ANSWERED
    assert "La tiene: el punto de contacto." in client.get("/participar/").text


def test_a_public_decision_shows_in_the_space(client_as: Clients, session: Session, topic: Topic) -> None:
    client = client_as("participant")
    mine = own(session, client, topic)
    proposal = mine.proposal_links[0].proposal
    make_decision(session, proposal)
    with writing(session):
        proposal.state, topic.plan.results_published_at = ProposalState.DECIDED, clock.now()
    assert "No incorporada" in client.get("/participar/").text
    page = client.get(f"/participar/aportes/{mine.id}/")
    assert page.status_code == 200
    assert "La decisión y su justificación ya son públicas." in page.text


def test_the_space_goes_on_page_by_page(client_as: Clients, session: Session, topic: Topic) -> None:
    client = client_as("participant")
    person = session.get_one(Person, client.actor.person_id)
    ids = {make_contribution(session, topic, person=person).id for _ in range(25)}
    first = client.get("/participar/").text
    following = first.split('href="/participar/?pagina=')[1].split('"')[0]
    second = client.get(f"/participar/?pagina={following}").text
    shown = {key for key in ids if f"/participar/aportes/{key}/" in first}
    rest = {key for key in ids if f"/participar/aportes/{key}/" in second}
    assert (len(shown), shown | rest, shown & rest) == (20, ids, set())
    assert client.get("/participar/?pagina=algo").status_code == 404


@pytest.mark.parametrize("path", ["", "retirar", "completar", "reclamar"])
def test_what_others_wrote_is_not_found(client_as: Clients, session: Session, topic: Topic, path: str) -> None:
    other = make_contribution(session, topic, state=ContributionState.PENDING)
    for identity in ("participant", "moderator", "coordinator"):
        client = client_as(identity)
        assert client.get(f"/participar/aportes/{other.id}/{path}").status_code == 404
        if path:
            assert client.submit(f"/participar/aportes/{other.id}/{path}", text="x" * 30).status_code == 404
    assert client_as("visitor").get(f"/participar/aportes/{other.id}/{path}").status_code == 303


@pytest.mark.parametrize("state", [s for s in ContributionState if s is not ContributionState.PUBLISHED])
def test_what_is_not_shown_is_neither_answered_nor_supported(
    client_as: Clients, session: Session, topic: Topic, state: ContributionState
) -> None:
    contribution, client = make_contribution(session, topic, state=state), client_as("participant")
    for path in ("responder", "apoyo"):
        assert client.get(f"/participar/aportes/{contribution.id}/{path}").status_code == 404
    assert client.submit(f"/participar/aportes/{contribution.id}/apoyo").status_code == 404


def test_withdrawing_asks_first_and_says_it_is_done(client_as: Clients, session: Session, topic: Topic) -> None:
    client = client_as("participant")
    contribution = own(session, client, topic)
    path = f"/participar/aportes/{contribution.id}/retirar"
    assert "No se puede deshacer" in client.get(path).text
    answer = client.submit(path, version=contribution.version)
    assert answer.status_code == 303
    assert "Retirado" in client.get(answer.location).text
    assert "Ya no se puede retirar" in client.get(path).text
    assert client.submit(path).status_code == 409


def test_completing_and_its_conflict(client_as: Clients, session: Session, topic: Topic) -> None:
    client = client_as("participant")
    contribution = own(
        session, client, topic, state=ContributionState.OBSERVED, reason_text=WHY, complete_by=clock.today()
    )
    path = f"/participar/aportes/{contribution.id}/completar"
    assert WHY in client.get(path).text
    short = client.submit(path, body="corto", version=contribution.version)
    assert (short.status_code, "corto" in short.text) == (422, True)
    text = "En las escuelas de Morazán y La Unión."
    stale = client.submit(path, title="", body=text, version=contribution.version + 7)
    assert stale.status_code == 409
    assert stale.text.count(text) >= 2
    assert "Lo que está guardado" in stale.text
    assert client.submit(path, title="", body=text, version=contribution.version).status_code == 303
    session.expire_all()
    session.rollback()
    assert (contribution.state, contribution.public_body) == (ContributionState.PENDING, text)


def test_a_rejected_one_is_appealed_once(client_as: Clients, session: Session, topic: Topic) -> None:
    client = client_as("participant")
    contribution = own(
        session,
        client,
        topic,
        state=ContributionState.REJECTED,
        reason=RejectionReason.EMPTY,
        reason_text="No trae una propuesta.",
    )
    with writing(session):
        contribution.proposal_links[0].proposal.state = ProposalState.INADMISSIBLE
    path = f"/participar/aportes/{contribution.id}/reclamar"
    assert "Sin propuesta" in client.get(path).text
    assert client.submit(path, text="").status_code == 422
    assert client.submit(path, text="Sí la trae, en el segundo párrafo.").status_code == 303
    again = client.submit(path, text="Sí la trae, en el segundo párrafo.")
    assert again.status_code == 409


def test_supporting_by_page_and_by_script(client_as: Clients, session: Session, topic: Topic) -> None:
    contribution, client = make_contribution(session, topic), client_as("participant")
    path = f"/participar/aportes/{contribution.id}/apoyo"
    assert client.submit(path, apoyar="1").status_code == 303
    assert "Usted ya lo apoya" in client.get(path).text
    headers = {"Accept": "application/json", "X-CSRFToken": client.get("/cuenta/estado").json["token"]}
    again = client.post(path, data={"apoyar": "1"}, headers=headers)
    assert again.json == {"supported": True, "count": 1, "text": "1 apoyo"}
    back = client.post(path, data={"apoyar": "0"}, headers=headers)
    assert back.json == {"supported": False, "count": 0, "text": "0 apoyos"}
    session.rollback()
    assert session.scalars(sa.select(Support)).all() == []


def test_supporting_needs_an_account_a_token_and_an_open_window(
    client_as: Clients, session: Session, topic: Topic
) -> None:
    contribution, client = make_contribution(session, topic), client_as("participant")
    path = f"/participar/aportes/{contribution.id}/apoyo"
    json = {"Accept": "application/json"}
    assert client_as("visitor").get(path, headers=json).status_code == 401
    assert client.post(path, data={"apoyar": "1"}).status_code == 400
    closed = client.get("/cuenta/estado").json["token"]
    with writing(session):
        session.merge(topic).plan.closes_on = clock.today() - timedelta(days=1)
    answer = client.post(path, data={"apoyar": "1"}, headers={**json, "X-CSRFToken": closed})
    assert answer.status_code == 409
    assert "El plazo para participar ya cerró" in answer.json["error"]


def test_the_state_says_who_i_am_and_what_i_support(client_as: Clients, session: Session, topic: Topic) -> None:
    client = client_as("moderator")
    mine, other = make_contribution(session, topic), make_contribution(session, topic)
    make_support(session, mine, session.get_one(Person, client.actor.person_id))
    answer = client.get(f"/cuenta/estado?aportes={mine.id},{other.id},x,{'9' * 30}")
    assert answer.json["supports"] == [mine.id]
    assert [space["path"] for space in answer.json["spaces"]] == ["/participar/", "/coordinacion/"]
    assert answer.headers["Cache-Control"] == "no-store"
    assert "script>" not in answer.text or "\\u003c" in answer.text


def test_a_visitor_gets_a_state_and_no_session(client_as: Clients, session: Session) -> None:
    client = client_as("visitor")
    answer = client.get("/cuenta/estado?aportes=1")
    assert (answer.status_code, answer.json) == (200, {"signed_in": False})
    assert "Set-Cookie" not in answer.headers
    assert session.scalars(sa.select(LoginSession)).all() == []


def test_a_reply_of_ones_own_is_named_by_whom_it_answers(client_as: Clients, session: Session, topic: Topic) -> None:
    client = client_as("participant")
    parent = make_contribution(session, topic)
    make_reply(session, parent, person=session.get_one(Person, client.actor.person_id))
    assert "Respuesta a" in client.get("/participar/").text


def test_a_hidden_one_is_asked_for_once_and_answered(client_as: Clients, session: Session, topic: Topic) -> None:
    client, team = client_as("participant"), client_as("moderator")
    contribution, why = own(session, client, topic), "El texto insulta a una persona."
    reason = RejectionReason.OFFENSIVE
    hide_contribution(session, actor=team.actor, contribution_id=contribution.id, reason=reason, public_text=why)
    mail = find_message("contribution_hidden").render(
        session, Site("https://c.example", "x"), contribution_id=contribution.id
    )
    assert mail is not None
    assert "puede pedir una revisión, una sola vez" in mail.body
    page = f"/participar/aportes/{contribution.id}/"
    assert f'href="{page}reclamar"' in client.get(page).text
    assert why in client.get(f"{page}reclamar").text
    assert client.submit(f"{page}reclamar", text="").status_code == 422
    assert client.submit(f"{page}reclamar", text="No insulta a nadie: nombra un cargo.").status_code == 303
    assert client.submit(f"{page}reclamar", text="No insulta a nadie: nombra un cargo.").status_code == 409
    tray, reading = "/coordinacion/moderacion?ver=reclamados", f"/coordinacion/moderacion/{contribution.id}"
    assert "Su autor pidió otra revisión" in team.get(tray).text
    assert "No insulta a nadie: nombra un cargo." in team.get(reading).text
    words = {"reason": "offensive", "reason_text": "Nombra a una persona y la insulta."}
    assert team.submit(f"{reading}/mantener-oculto", **words).status_code == 303
    assert "No hay aportes aquí" in team.get(tray).text
    session.rollback()
    session.expire_all()
    mail = find_message("contribution_kept_hidden").render(
        session, Site("https://c.example", "x"), contribution_id=contribution.id
    )
    assert mail is not None
    assert "decidió que siga oculto" in mail.body
    assert "Nombra a una persona y la insulta." in mail.body


@pytest.mark.parametrize("was_shown", [True, False])
def test_what_was_never_public_is_taken_back_without_a_trace(
    client_as: Clients, session: Session, topic: Topic, *, was_shown: bool
) -> None:
    client, state = client_as("participant"), ContributionState.PUBLISHED if was_shown else ContributionState.PENDING
    contribution, note = own(session, client, topic, state=state), "En su lugar queda una nota"
    page = f"/participar/aportes/{contribution.id}/"
    assert (note in client.get(f"{page}retirar").text) is was_shown
    assert client.submit(f"{page}retirar", version="1").status_code == 303
    after = client.get(page).text
    assert (note in after, "Ver la página pública" in after) == (was_shown, was_shown)
    assert client_as("visitor").get(f"/aportes/{contribution.id}").status_code == (303 if was_shown else 404)
