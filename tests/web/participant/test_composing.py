"""From the public composer to the receipt."""

import re
from datetime import timedelta
from html import unescape
from urllib.parse import urlencode

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from consulta import clock
from consulta.contributions.models import Contribution
from consulta.database import Base
from consulta.people.models import LoginSession
from consulta.plans.models import Plan, Topic
from consulta.proposals.models import Proposal
from consulta.search.index import rebuild
from consulta.text import plain
from tests.clients import Client, Clients
from tests.factories import SCRIPT
from tests.factories.contributions import make_contribution
from tests.factories.people import make_institution
from tests.factories.plans import make_plan, make_topic
from tests.factories.proposals import make_proposal
from tests.web.payloads import GROUPS, what_is_wrong

BODY = f"Propongo que cada escuela publique lo que gasta. {SCRIPT}"
Fields = dict[str, str]


@pytest.fixture
def fields(session: Session) -> Fields:
    """What the composer of an open topic sends."""
    plan = make_plan(session)
    topic = make_topic(session, plan)
    return {"kind": "proposal", "plan": plan.code, "topic": topic.code, "title": "Gasto escolar", "body": BODY}


def stored(session: Session) -> dict[str, int]:
    """How many rows each table has, but for the sessions of browsers."""
    session.rollback()
    return {
        table.name: session.execute(sa.select(sa.func.count()).select_from(table)).scalar_one()
        for table in Base.metadata.sorted_tables
        if table.name != LoginSession.__tablename__
    }


def count(session: Session, model: type[Base]) -> int:
    session.rollback()
    return session.execute(sa.select(sa.func.count()).select_from(model)).scalar_one()


def hidden(page: str) -> Fields:
    """The hidden fields of a page, as the browser would send them."""
    found = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', page)
    return {name: unescape(value) for name, value in found}


def plan_of(session: Session, fields: Fields) -> Plan:
    return session.scalars(sa.select(Plan).where(Plan.code == fields["plan"])).one()


def test_a_visitor_checks_a_text_without_token_and_nothing_is_recorded(
    client: Client, session: Session, fields: Fields
) -> None:
    before = stored(session)
    answer = client.post("/participar/revisar", data=fields)
    assert answer.status_code == 200
    assert "Así se leerá" in answer.text
    assert "Entrar para enviar" in answer.text
    assert "<script>alert" not in answer.text
    assert stored(session) == before


def test_a_foreign_page_cannot_send_to_the_check_page(client: Client, fields: Fields) -> None:
    answer = client.post("/participar/revisar", data=fields, headers={"Origin": "https://example.org"})
    assert answer.status_code == 403


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"body": ""}, "Falta el texto de su propuesta."),
        ({"body": "corto"}, "El texto debe tener al menos 20 caracteres. Ahora tiene 5."),
        ({"title": "t" * 151}, "El texto puede tener hasta 150 caracteres. Ahora tiene 151."),
        ({"suggested_institution": "NADIE"}, "Elija una institución de la lista."),
        (
            {"suggested_institution": "other", "suggested_institution_text": "x" * 201},
            "El texto puede tener hasta 200 caracteres. Ahora tiene 201.",
        ),
    ],
)
def test_a_bad_text_comes_back_to_be_corrected(client: Client, fields: Fields, changes: Fields, sentence: str) -> None:
    answer = client.post("/participar/revisar", data={**fields, **changes})
    assert answer.status_code == 422
    assert "Hay algo que corregir" in answer.text
    assert answer.text.count(sentence) == 2
    assert changes.get("title", "Gasto escolar") in answer.text


@pytest.mark.parametrize("changes", [{"plan": "otro"}, {"topic": "otro"}, {"kind": "reply", "parent": "999"}])
def test_a_place_that_does_not_exist_is_not_found(client: Client, fields: Fields, changes: Fields) -> None:
    assert client.post("/participar/revisar", data={**fields, **changes}).status_code == 404


def test_after_closing_the_text_is_kept_and_not_sent(client: Client, session: Session, fields: Fields) -> None:
    closes_on = plan_of(session, fields).closes_on
    assert closes_on is not None
    with clock.set_to(clock.end_of_day(closes_on)):
        answer = client.post("/participar/revisar", data=fields)
    assert answer.status_code == 409
    assert "El plazo para participar ya cerró" in answer.text
    assert "Propongo que cada escuela" in answer.text


def test_what_was_written_can_be_changed(client: Client, fields: Fields) -> None:
    answer = client.post("/participar/revisar", data={**fields, "change": "1"})
    assert answer.status_code == 200
    assert "Cambie su propuesta" in answer.text
    assert "Gasto escolar" in answer.text


def test_similar_proposals_are_shown_before_sending(
    app: Flask, client: Client, session: Session, fields: Fields
) -> None:
    plan = plan_of(session, fields)
    source = make_contribution(
        session,
        session.scalars(sa.select(Topic)).one(),
        title="Gasto de cada escuela",
        body="Que publique lo que gasta.",
    )
    proposal = make_proposal(session, source=source)
    rebuild(app.extensions["consulta"].search, app.extensions["consulta"].database)
    answer = client.post("/participar/revisar", data={**fields, "plan": plan.code})
    assert proposal.folio in answer.text


def test_a_draft_survives_signing_in(client_as: Clients, session: Session, fields: Fields) -> None:
    visitor = client_as("visitor")
    page = visitor.post("/participar/revisar", data=fields)
    answer = visitor.post("/participar/borrador", data=hidden(page.text))
    assert answer.status_code == 303
    assert answer.location == "/cuenta/entrar?next=/participar/revisar"
    again = visitor.get("/participar/revisar")
    assert "Propongo que cada escuela publique" in again.text
    assert count(session, Contribution) == 0


def test_without_a_draft_the_check_page_says_what_to_do(client: Client) -> None:
    answer = client.get("/participar/revisar")
    assert answer.status_code == 200
    assert "No hay un texto por revisar" in answer.text


def send(client: Client, fields: Fields, **changes: str) -> str:
    """Check and confirm; where the receipt is."""
    page = client.post("/participar/revisar", data={**fields, **changes})
    assert page.status_code == 200, page.text
    answer = client.post("/participar/aportes", data=hidden(page.text))
    assert answer.status_code == 303, answer.text
    return str(answer.location)


def test_a_confirmed_text_gets_a_receipt_that_can_be_opened_again(client_as: Clients, fields: Fields) -> None:
    client = client_as("participant")
    place = send(client, fields)
    assert re.fullmatch(r"/participar/recibo/PROP-\d{4}-0001", place)
    for _ in range(2):
        page = client.get(place)
        assert "Recibimos su propuesta" in page.text
        assert place.rsplit("/", 1)[1] in page.text
    assert client_as("participant2").get(place).status_code == 404
    assert client_as("visitor").get(place).status_code == 303


def test_a_double_click_is_one_proposal(client_as: Clients, session: Session, fields: Fields) -> None:
    client = client_as("participant")
    page = hidden(client.post("/participar/revisar", data=fields).text)
    places = {client.post("/participar/aportes", data=page).location for _ in range(3)}
    assert len(places) == 1
    assert count(session, Proposal) == 1


def test_the_same_key_with_another_text_keeps_the_text(client_as: Clients, session: Session, fields: Fields) -> None:
    client = client_as("participant")
    page = hidden(client.post("/participar/revisar", data=fields).text)
    client.post("/participar/aportes", data=page)
    answer = client.post("/participar/aportes", data={**page, "body": BODY + " Y también cada clínica."})
    assert answer.status_code == 409
    assert "Y también cada clínica." in answer.text
    assert count(session, Proposal) == 1


def test_confirming_needs_the_token_and_an_account(client_as: Clients, session: Session, fields: Fields) -> None:
    visitor, client = client_as("visitor"), client_as("participant")
    answer = visitor.submit("/participar/aportes", **fields, form_key="k")
    assert (answer.status_code, answer.location) == (303, "/cuenta/entrar?next=/participar/revisar")
    assert client.post("/participar/aportes", data={**fields, "form_key": "k"}).status_code == 400
    page = {**fields, "form_key": "k", "csrf_token": client.csrf_token}
    foreign = client.post("/participar/aportes", data=page, headers={"Origin": "https://example.org"})
    assert foreign.status_code == 403
    assert count(session, Contribution) == 0


def test_fields_of_the_record_are_not_taken_from_the_form(client_as: Clients, session: Session, fields: Fields) -> None:
    client = client_as("participant")
    page = hidden(client.post("/participar/revisar", data=fields).text)
    extra = {"state": "published", "person_id": "1", "channel": "institution", "late": "1", "support_count": "9"}
    client.post("/participar/aportes", data={**page, **extra})
    session.rollback()
    contribution = session.scalars(sa.select(Contribution)).one()
    assert (contribution.state.value, contribution.channel.value) == ("pending", "web")
    assert contribution.person_id == client.actor.person_id
    assert contribution.support_count == 0


def test_a_suggested_institution_is_kept(client_as: Clients, session: Session, fields: Fields) -> None:
    ministry = make_institution(session)
    client = client_as("participant")
    send(client, fields, suggested_institution=ministry.code)
    send(client, fields, suggested_institution="other", suggested_institution_text="Mi alcaldía")
    session.rollback()
    first, second = session.scalars(sa.select(Contribution).order_by(Contribution.id))
    assert first.suggested_institution_id == ministry.id
    assert (second.suggested_institution_id, second.suggested_institution_text) == (None, "Mi alcaldía")


def test_replying_goes_the_same_way(client_as: Clients, session: Session, fields: Fields) -> None:
    parent = make_contribution(session, session.scalars(sa.select(Topic)).one())
    client = client_as("participant")
    page = client.get(f"/participar/aportes/{parent.id}/responder")
    assert page.status_code == 200
    place = send(client, {"kind": "reply", "parent": str(parent.id), "body": "De acuerdo."})
    session.rollback()
    reply = session.scalars(sa.select(Contribution).where(Contribution.parent_id == parent.id)).one()
    assert place == f"/participar/recibo/{reply.id}"
    assert "Recibimos su respuesta" in client.get(place).text


@pytest.mark.parametrize("path", ["/participar/revisar", "/participar/recibo/PROP-1999-0001", "/participar/recibo/9"])
def test_reading_never_changes_anything(client_as: Clients, session: Session, path: str) -> None:
    client = client_as("participant")
    before = stored(session)
    client.get(path)
    assert stored(session) == before


@pytest.mark.parametrize("payloads", GROUPS)
def test_markup_is_text_on_every_page_of_the_way(
    client_as: Clients, session: Session, fields: Fields, payloads: tuple[str, ...]
) -> None:
    client, moderator = client_as("participant"), client_as("moderator")
    for payload in payloads:
        written = {**fields, "title": payload[:150], "body": f"Propongo que se publique el gasto. {payload}"}
        send(client, written)
        assert_inert(client.post("/participar/revisar", data=written).text)
        assert_inert(client.post("/participar/revisar", data={**written, "change": "1"}).text)
    session.rollback()
    kept = session.scalars(sa.select(Contribution)).all()
    assert len(kept) == len(payloads)
    for contribution in kept:
        assert what_is_wrong(str(contribution.public_html)) == []
        assert_inert(client.get(f"/participar/aportes/{contribution.id}/").text)
        assert_inert(moderator.get(f"/coordinacion/moderacion/{contribution.id}").text)
    assert_inert(client.get("/participar/").text)
    assert_inert(moderator.get("/coordinacion/moderacion").text)


def assert_inert(page: str) -> None:
    """The only script of a page is the site's own file, and nothing carries a handler or a foreign address."""
    assert re.findall(r"<script(?![^>]* src=\"/static/)", page) == []
    assert re.findall(r"<(?:img|iframe|object|embed|style|base|math|template)\b", page) == []
    assert re.findall(r"<[a-z]+[^<>]* on[a-z]+\s*=", re.sub(r'"[^"]*"', '""', page)) == []


def test_a_window_not_yet_open_takes_nothing(client_as: Clients, session: Session) -> None:
    plan = make_plan(session, opens_on=clock.today() + timedelta(days=3))
    topic = make_topic(session, plan)
    page = client_as("participant").post(
        "/participar/revisar", data={"plan": plan.code, "topic": topic.code, "body": BODY}
    )
    assert page.status_code == 409


@pytest.mark.parametrize(
    ("body", "status", "sentence"),
    [
        (b"Propongo que cada escuela publique \xff\xfe su gasto.", 422, "signos que no se pudieron leer"),
        ("\u202e\u200b\ufeff".encode(), 422, "Falta el texto de su propuesta."),
        (b"a" * 1_000_000, 422, "Ahora tiene 1,000,000."),
        (b"a" * 1_100_000, 413, "El envío es demasiado grande"),
    ],
)
def test_what_is_no_text_or_far_too_much_is_told_plainly(
    client: Client, fields: Fields, body: bytes, status: int, sentence: str
) -> None:
    sent = {**{name: value.encode() for name, value in fields.items()}, "body": body}
    answer = client.post("/participar/revisar", data=urlencode(sent), content_type="application/x-www-form-urlencoded")
    assert answer.status_code == status
    assert sentence in answer.text


def test_a_text_is_read_alike_on_the_check_page_and_in_the_mail(client: Client, fields: Fields) -> None:
    text = "Pido tres cosas:\n\n- **una** lista\n- [los datos](https://datos.example)"
    page = client.post("/participar/revisar", data={**fields, "body": text}).text
    assert "<li><strong>una</strong> lista</li>" in page
    assert '<a href="https://datos.example" rel="nofollow ugc noopener">los datos</a>' in page
    assert plain(text) == "Pido tres cosas:\n\n- una lista\n- los datos (https://datos.example)"
