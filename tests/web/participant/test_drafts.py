"""Drafts of people with an account, the text of a session that ended, and proposals like the one being written."""

import dataclasses
from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from config import Config
from consulta import clock, create_app
from consulta.contributions.models import ContributionState, Draft
from consulta.database import Database, writing
from consulta.people.models import LoginSession, Person
from consulta.plans.models import Topic
from consulta.search.index import rebuild
from tests.clients import Client, Clients
from tests.factories.contributions import make_contribution, make_draft, make_support
from tests.factories.plans import make_plan, make_topic
from tests.factories.proposals import make_proposal
from tests.quick import make_quick
from tests.web.participant.test_composing import hidden, stored

BODY = "Propongo que cada escuela publique lo que gasta en comida."
QUIET = {"Accept": "application/json"}


@pytest.fixture
def topic(session: Session) -> Topic:
    return make_topic(session, make_plan(session))


@pytest.fixture
def fields(topic: Topic) -> dict[str, str]:
    return {"kind": "proposal", "plan": topic.plan.code, "topic": topic.code, "title": "Gasto escolar", "body": BODY}


@pytest.fixture
def author(client_as: Clients) -> Client:
    return client_as("participant")


def test_a_script_keeps_and_finds_what_is_written(author: Client, session: Session, fields: dict[str, str]) -> None:
    with clock.set_to(clock.start_of_day(clock.today()) + timedelta(hours=14, minutes=5)):
        answer = author.post("/participar/borradores", data=fields, headers={**QUIET, "X-CSRFToken": author.csrf_token})
    assert (answer.status_code, answer.json["text"]) == (200, "Borrador guardado a las 2:05\xa0p.\xa0m.")
    found = author.get("/participar/borradores/de-aqui", query_string=fields, headers=QUIET).json
    assert (found["fields"]["body"], found["saved"]) == (BODY, answer.json["saved"])
    emptied = {**fields, "title": "", "body": " ", "saved": found["saved"]}
    answer = author.post("/participar/borradores", data=emptied, headers={**QUIET, "X-CSRFToken": author.csrf_token})
    assert answer.json == {"saved": "", "text": "Borramos el borrador."}
    assert session.scalars(sa.select(Draft)).all() == []


def test_a_button_keeps_it_and_the_own_space_lists_it(author: Client, session: Session, fields: dict[str, str]) -> None:
    page = author.submit("/participar/revisar", **fields)
    assert 'formaction="/participar/borradores"' in page.text
    answer = author.submit("/participar/borradores", **fields)
    assert answer.status_code == 303
    page = author.get(answer.location)
    assert BODY in page.text
    space = author.get("/participar/")
    assert "Gasto escolar" in space.text
    assert answer.location in space.text
    kept = hidden(page.text)
    assert kept["saved"]
    checked = author.submit("/participar/revisar", **{**fields, **kept})
    sent = author.submit("/participar/aportes", **hidden(checked.text))
    assert "/recibo/" in sent.location
    session.rollback()
    assert session.scalars(sa.select(Draft)).all() == []


def test_two_windows_keep_both_texts(author: Client, session: Session, fields: dict[str, str]) -> None:
    page = author.get(author.submit("/participar/borradores", **fields).location)
    first, second = (hidden(page.text) for _ in range(2))
    newer, older = f"{BODY} Y cuánto recibe.", f"{BODY} Y a quién le compra."
    author.submit("/participar/borradores", **{**fields, **first, "body": newer})
    refused = author.submit("/participar/borradores", **{**fields, **second, "body": older})
    assert refused.status_code == 409
    assert "Este borrador cambió en otra ventana" in refused.text
    assert newer in refused.text
    assert refused.text.count(older) == 2  # compared, and still in its field
    typed = {**fields, **second, "body": older}
    quiet = author.post("/participar/borradores", data=typed, headers={**QUIET, "X-CSRFToken": author.csrf_token})
    assert (quiet.status_code, quiet.json["url"]) == (409, page.request.path)
    sent = author.submit("/participar/aportes", **typed)
    assert "/recibo/" in sent.location
    session.rollback()
    draft = session.scalars(sa.select(Draft)).one()
    assert draft.fields["body"] == newer  # what was sent from the other window ends no newer text
    chosen = hidden(refused.text)
    assert author.submit("/participar/borradores", **{**fields, **chosen, "body": older}).status_code == 303


def test_a_text_that_came_too_late_is_kept_without_a_button_to_send_it(
    author: Client, client: Client, session: Session, topic: Topic, fields: dict[str, str]
) -> None:
    with writing(session):
        topic.plan.closes_on = clock.today() - timedelta(days=1)
    for browser in (client, author):
        answer = browser.submit("/participar/revisar", **fields)
        assert (answer.status_code, "El plazo ya cerró" in answer.text) == (409, True)
        assert "Hay algo que corregir" not in answer.text
        assert BODY in answer.text
        assert "Revisar mi propuesta" not in answer.text
        assert ("Guardar borrador" in answer.text) == (browser is author)
    kept = author.submit("/participar/borradores", **fields)
    page = author.get(kept.location)
    assert (page.status_code, "El plazo para participar ya cerró." in page.text) == (200, True)
    assert 'formaction="/participar/revisar"' not in page.text


def test_a_draft_can_be_deleted_and_outlives_what_it_answers(
    author: Client, client_as: Clients, session: Session, topic: Topic
) -> None:
    me = session.scalars(sa.select(Person).where(Person.email == "participant@example.org")).one()
    parent = make_contribution(session, topic)
    draft = make_draft(session, me, topic, place=f"reply:{parent.id}", parent_id=parent.id)
    assert "Cambie su respuesta" in author.get(f"/participar/borradores/{draft.id}").text
    with writing(session):
        parent.state = ContributionState.HIDDEN
    page = author.get(f"/participar/borradores/{draft.id}")
    assert "Estoy escribiendo." in page.text
    assert client_as("participant2").submit(f"/participar/borradores/{draft.id}/borrar").status_code == 404
    assert author.submit(f"/participar/borradores/{draft.id}/borrar").status_code == 303
    assert "Borradores" not in author.get("/participar/").text


def test_the_text_of_a_session_that_ended_waits_for_signing_in(
    author: Client, session: Session, fields: dict[str, str]
) -> None:
    checked = author.submit("/participar/revisar", **fields)
    with writing(session):
        session.execute(sa.delete(LoginSession))
    answer = author.post("/participar/aportes", data=hidden(checked.text))
    assert (answer.status_code, answer.location) == (303, "/cuenta/entrar?next=/participar/revisar")
    assert BODY in author.get("/participar/revisar").text
    quiet = author.post("/participar/borradores", data=fields, headers={**QUIET, "X-CSRFToken": author.csrf_token})
    assert quiet.status_code == 401


def test_similar_proposals_come_without_a_trace(
    app: Flask, client: Client, session: Session, topic: Topic, fields: dict[str, str]
) -> None:
    source = make_contribution(session, topic, title="Gasto en comida", body="Que cada escuela publique lo que gasta.")
    make_support(session, source)
    proposal = make_proposal(session, source=source)
    secret = make_contribution(session, topic, body=BODY, state=ContributionState.PENDING)
    make_proposal(session, source=secret)
    rebuild(app.extensions["consulta"].search, app.extensions["consulta"].database)
    before = stored(session)
    answer = client.post("/participar/parecidas", data=fields, headers=QUIET)
    assert [item["folio"] for item in answer.json["items"]] == [proposal.folio]
    assert answer.json["items"][0]["support_url"] == f"/participar/aportes/{source.id}/apoyo"
    assert answer.json["summary"] == "Hay 1 propuesta parecida."
    assert "Set-Cookie" not in answer.headers
    assert client.post("/participar/parecidas", data={**fields, "body": "corto"}).json["items"] == []
    foreign = client.post("/participar/parecidas", data=fields, headers={"Origin": "https://example.org"})
    assert foreign.status_code == 403
    assert stored(session) == before


def test_who_asks_too_often_finds_nothing_and_writes_on(
    settings: Config, database: Database, session: Session, topic: Topic, fields: dict[str, str]
) -> None:
    app = make_quick(create_app(dataclasses.replace(settings, limits="compare.prefix=1/60"), database))
    source = make_contribution(session, topic, title="Gasto en comida", body="Que cada escuela publique lo que gasta.")
    proposal = make_proposal(session, source=source)
    rebuild(app.extensions["consulta"].search, database)
    client = Clients(app, database)("visitor")
    answers = [client.post("/participar/parecidas", data=fields, headers=QUIET) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [200, 200]
    assert [len(answer.json["items"]) for answer in answers] == [1, 0]
    page = client.post("/participar/revisar", data=fields)
    assert page.status_code == 200
    assert BODY in page.text
    assert proposal.folio not in page.text


def test_one_click_supports_another_instead(
    app: Flask, author: Client, session: Session, topic: Topic, fields: dict[str, str]
) -> None:
    source = make_contribution(session, topic, title="Gasto en comida", body="Que cada escuela publique lo que gasta.")
    make_proposal(session, source=source)
    rebuild(app.extensions["consulta"].search, app.extensions["consulta"].database)
    page = author.submit("/participar/revisar", **fields)
    assert f'name="apoyar" value="1" formaction="/participar/aportes/{source.id}/apoyo"' in page.text
    answer = author.submit(f"/participar/aportes/{source.id}/apoyo", **hidden(page.text), apoyar="1")
    assert answer.status_code == 303
    assert "Usted ya lo apoya." in author.get(answer.location).text
