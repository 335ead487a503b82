"""Sending without an account: from the check page to the mail, from its link to the receipt."""

import dataclasses
import re
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from config import Config
from consulta import clock, create_app
from consulta.contributions.models import Contribution, ContributionState
from consulta.database import Database, writing
from consulta.guests.models import GuestSubmission
from consulta.guests.rules import read_code
from consulta.messages.catalogue import find_message
from consulta.messages.links import Site
from consulta.messages.mail import Mail
from consulta.outbox.models import OutboxKind, OutboxRow
from consulta.plans.models import Plan, Topic
from tests.clients import Client, Clients
from tests.factories.accounts import make_account
from tests.factories.contributions import make_contribution
from tests.factories.plans import make_plan, make_trusting_topic
from tests.factories.proposals import make_proposal
from tests.quick import make_quick
from tests.web.participant.test_composing import hidden

BODY = "Propongo que cada barrio sepa cuánta agua le llega cada día."
WHO = {"public_name": "Vecina del norte", "email": "vecina@example.org", "consents": "y"}
Fields = dict[str, Any]


@pytest.fixture
def topic(session: Session) -> Topic:
    return make_trusting_topic(session, make_plan(session))


@pytest.fixture
def fields(topic: Topic) -> Fields:
    return {"kind": "proposal", "plan": topic.plan.code, "topic": topic.code, "title": "Agua", "body": BODY}


def checked(client: Client, fields: Fields) -> Fields:
    """What the check page's second form sends: the text, and the key of that form."""
    page = client.post("/participar/revisar", data=fields).get_data(as_text=True)
    return {
        name: value for name, value in hidden(page[page.index("Enviar sin cuenta") :]).items() if name != "csrf_token"
    }


def mails(app: Flask, session: Session) -> list[Mail]:
    session.rollback()
    rows = session.scalars(sa.select(OutboxRow).where(OutboxRow.kind == OutboxKind.MAIL).order_by(OutboxRow.id)).all()
    site = Site("http://localhost", app.config["SECRET_KEY"])
    found = [find_message(row.name).render(session, site, **row.payload) for row in rows]
    return [mail for mail in found if mail is not None]


def link_of(app: Flask, session: Session) -> str:
    """The path of the link in the newest mail."""
    found = re.search(r"http://localhost(/participar/sin-cuenta/\S+)", mails(app, session)[-1].body)
    assert found
    return found[1]


def sent(app: Flask, session: Session, client: Client, fields: Fields) -> str:
    assert client.submit("/participar/sin-cuenta", **checked(client, fields), **WHO).status_code == 303
    return link_of(app, session)


def contributions(session: Session) -> list[Contribution]:
    session.rollback()
    return list(session.scalars(sa.select(Contribution).order_by(Contribution.id)))


def test_from_the_check_page_to_the_receipt(app: Flask, session: Session, client_as: Clients, fields: Fields) -> None:
    client = client_as("visitor")
    link = sent(app, session, client, fields)
    elsewhere = client_as("visitor")  # the mail is often read on another device
    page = elsewhere.get(link)
    assert "Confirmar y enviar" in page.text
    assert WHO["public_name"] in page.text
    assert BODY in page.text
    assert contributions(session) == []  # looking makes nothing
    answer = elsewhere.submit(link, form_key="una")
    assert answer.location == "/seguimiento/comprobante"
    [contribution] = contributions(session)
    assert (contribution.state, contribution.body) == (ContributionState.PENDING, BODY)
    folio = contribution.proposal_links[0].proposal.folio
    receipt = elsewhere.get(answer.location).text.replace("<wbr>", "")
    code = re.search(r'folio code">([0-9A-Z]{4}(?:-[0-9A-Z]{4}){3})<', receipt)
    assert code
    assert read_code(code[1])
    assert folio in receipt
    told = mails(app, session)[-1]
    assert (told.to, code[1] in told.body, "/seguimiento" in told.body) == (WHO["email"], True, True)
    assert "/participar/" not in told.body
    # Nothing of it is public.
    assert client.get(f"/propuestas/{folio}").status_code == 404


def test_the_mail_carries_nothing_that_was_typed(app: Flask, session: Session, client: Client, fields: Fields) -> None:
    sent(app, session, client, {**fields, "title": "Compre ya"})
    mail = mails(app, session)[-1]
    for typed in ("Compre ya", BODY, WHO["public_name"]):
        assert typed not in mail.subject + mail.body


def test_the_same_click_twice_is_one_contribution_and_one_receipt(
    app: Flask, session: Session, client: Client, fields: Fields
) -> None:
    link = sent(app, session, client, fields)
    first, second = (client.post(link, data={"form_key": "una"}) for _ in range(2))
    assert first.location == second.location == "/seguimiento/comprobante"
    assert len(contributions(session)) == 1
    assert client.post(link, data={"form_key": "una"}, headers={"Origin": "https://example.org"}).status_code == 403
    # Another page of the same link leads to what the first one made, without its code.
    other = client.submit(link, form_key="otra")
    assert other.location == link
    page = client.get(link)
    assert "Ya recibimos su propuesta" in page.text
    assert "Confirmar y enviar" not in page.text


def test_a_reply_goes_the_same_way(app: Flask, session: Session, client: Client, topic: Topic) -> None:
    root = make_contribution(session, topic)
    proposal = make_proposal(session, topic, source=root)
    link = sent(app, session, client, {"kind": "reply", "parent": str(root.id), "body": "Estoy de acuerdo."})
    assert "Confirme y envíe su respuesta" in client.get(link).text
    client.submit(link, form_key="una")
    reply = contributions(session)[-1]
    assert (reply.parent_id, reply.state) == (root.id, ContributionState.PENDING)
    assert proposal.folio in client.get("/seguimiento/comprobante").text


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"public_name": ""}, "Escriba el nombre que verán las demás personas."),
        ({"email": "no es un correo"}, "Escriba un correo electrónico completo"),
        ({"consents": ""}, "Para enviarlo debe aceptar el uso de sus datos."),
    ],
)
def test_what_is_missing_is_said_and_the_text_stays(
    session: Session, client: Client, fields: Fields, change: Fields, message: str
) -> None:
    who = {name: value for name, value in {**WHO, **change}.items() if value}
    answer = client.submit("/participar/sin-cuenta", **checked(client, fields), **who)
    assert answer.status_code == 422
    assert "<title>Error:" in answer.text
    assert message in answer.text
    assert BODY in answer.text
    assert all(value in answer.text for name, value in who.items() if name != "consents")
    assert session.query(GuestSubmission).count() == 0


def test_the_consent_is_not_given_before_it_is_asked(client: Client, fields: Fields) -> None:
    page = client.post("/participar/revisar", data=fields).get_data(as_text=True)
    assert re.search(r'<input[^>]*id="consents"[^>]*>', page)
    assert "checked" not in re.findall(r'<input[^>]*id="consents"[^>]*>', page)[0]


def test_who_is_signed_in_is_not_asked_for_a_name(session: Session, client_as: Clients, fields: Fields) -> None:
    client = client_as("participant")
    assert "Enviar sin cuenta" not in client.post("/participar/revisar", data=fields).get_data(as_text=True)
    assert client.submit("/participar/sin-cuenta", **fields, **WHO).location == "/participar/revisar"
    assert session.query(GuestSubmission).count() == 0


def test_known_and_unknown_addresses_are_answered_alike(
    app: Flask, session: Session, client: Client, fields: Fields
) -> None:
    known = make_account(app, session)
    answers = []
    for address in (known.email, "nadie@example.org"):
        answer = client.submit("/participar/sin-cuenta", **checked(client, fields), **{**WHO, "email": address})
        answers.append((answer.status_code, answer.location, answer.data))
    assert answers[0] == answers[1]
    one, other = mails(app, session)[-2:]
    assert one.subject == other.subject


def test_a_link_that_is_old_or_made_up_says_so(app: Flask, session: Session, client: Client, fields: Fields) -> None:
    link = sent(app, session, client, fields)
    with clock.set_to(clock.now() + timedelta(days=7)):
        late = client.get(link)
        assert (late.status_code, "Este enlace ya no sirve" in late.text) == (404, True)
        assert client.submit(link, form_key="una").status_code == 404
    # The last sign carries bits that nobody reads, so the one before it is changed.
    assert client.submit(f"{link[:-2]}{'a' if link[-2] != 'a' else 'b'}{link[-1]}").status_code == 404
    assert contributions(session) == []


def test_after_the_close_the_text_is_shown_and_not_sent(
    app: Flask, session: Session, client: Client, fields: Fields
) -> None:
    with writing(session):
        session.execute(sa.update(Plan).values(closes_on=clock.today() + timedelta(days=1)))
    link = sent(app, session, client, fields)
    with clock.set_to(clock.now() + timedelta(days=3)):
        page = client.get(link)
        assert "ya cerró" in page.text
        assert "Confirmar y enviar" not in page.text
        assert BODY in page.text
        assert client.submit(link, form_key="una").status_code == 409
    assert contributions(session) == []


def test_limits_hold_for_guests_by_address(settings: Config, database: Database, session: Session) -> None:
    topic = make_trusting_topic(session, make_plan(session))
    app = make_quick(create_app(dataclasses.replace(settings, limits="post.account=2/600"), database))
    client = Clients(app, database)("visitor")
    fields = {"kind": "proposal", "plan": topic.plan.code, "topic": topic.code, "title": ""}
    forms = [checked(client, {**fields, "body": f"{BODY} {n}"}) for n in range(3)]
    answers = [client.submit("/participar/sin-cuenta", **form, **WHO) for form in forms]
    assert [answer.status_code for answer in answers] == [303, 303, 429]
    assert "Inténtelo de nuevo dentro de 10 minutos." in answers[2].text
    assert f"{BODY} 2" in answers[2].text
    # the same form again is no other post, and another address has its own count
    assert client.submit("/participar/sin-cuenta", **forms[1], **WHO).status_code in (303, 429)
    other = {**WHO, "email": "otra@example.org"}
    assert (
        client.submit("/participar/sin-cuenta", **checked(client, {**fields, "body": BODY}), **other).status_code == 303
    )


def test_a_plan_can_ask_for_an_account(
    app: Flask, session: Session, client_as: Clients, topic: Topic, fields: Fields
) -> None:
    """Whatever was on its way without one is refused, and its text stays in sight."""
    visitor, plan = client_as("visitor"), topic.plan
    ready, link = checked(visitor, fields), sent(app, session, visitor, {**fields, "title": "Otra"})
    here = f"/planes/{plan.code}/temas/{topic.code}"
    assert "Puede enviarlo con cuenta o sin ella." in visitor.get(here).text
    written = {"title": plan.title, "objective": plan.objective, "response_days": "15", "version": str(plan.version)}
    term = {"period_start_on": str(plan.period_start_on), "period_end_on": str(plan.period_end_on)}
    place = {"coordinator_institution_id": str(plan.coordinator_institution_id)}
    page = f"/coordinacion/planes/{plan.code}/datos"
    assert client_as("coordinator").submit(page, **written, **term, **place).status_code == 303
    assert "Para enviarlo hace falta una cuenta." in visitor.get(here).text
    looked = visitor.post("/participar/revisar", data=fields).text
    assert "Enviar sin cuenta" not in looked
    assert "En este plan hace falta una cuenta para escribir." in looked
    refused = visitor.submit("/participar/sin-cuenta", **ready, **WHO)
    assert refused.status_code == 409
    assert BODY in refused.text
    assert "Ahora este plan pide una cuenta" in visitor.get(link).text
    late = visitor.submit(link, form_key="una")
    assert late.status_code == 409
    assert BODY in late.text
    assert contributions(session) == []
