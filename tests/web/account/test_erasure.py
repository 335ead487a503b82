"""Asking to be erased from the own account: what goes and what stays is said before, and it can be called off."""

import re
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from consulta import clock
from consulta.contributions.models import Contribution, ContributionState
from consulta.people.models import Account, LoginSession, Person
from consulta.privacy.ledger import ErasureList
from consulta.privacy.models import Erasure
from consulta.privacy.retiring import erase_due
from tests.clients import Client, Clients
from tests.factories.contributions import make_contribution, make_reply, make_support
from tests.factories.people import make_person
from tests.factories.plans import make_plan, make_topic
from tests.web.account.test_account import last_mail, link_in

PAGE = "/cuenta/datos/borrar"


@pytest.fixture
def person(session: Session) -> Person:
    return make_person(session, public_name="Ana López", email="ana@example.org")


@pytest.fixture
def mine(client_as: Clients, person: Person) -> Client:
    return client_as.of(person)


@pytest.fixture
def text(session: Session, person: Person) -> Contribution:
    topic = make_topic(session, make_plan(session))
    text = make_contribution(session, topic, person=person, title="Agua limpia")
    make_reply(session, text, person=person)
    make_contribution(session, topic, person=person, state=ContributionState.HIDDEN)
    make_support(session, make_contribution(session, topic), person)
    return text


def test_the_page_says_what_goes_and_what_stays(mine: Client, text: Contribution) -> None:
    assert PAGE in mine.get("/cuenta/datos").text
    page = mine.get(PAGE).text
    assert "El texto suyo que no es público" in page
    assert "Sus 2 textos públicos, con «Aportante retirado»" in page
    assert "Su apoyo, solo como un número." in page
    assert "«Agua limpia»" in page


def test_without_a_yes_nothing_is_asked_and_the_marks_stay(session: Session, mine: Client, text: Contribution) -> None:
    answer = mine.submit(PAGE, texts=[str(text.id)])
    assert answer.status_code == 422
    assert "Marque que entiende que no se puede deshacer." in answer.text
    assert re.search(rf'<input[^>]*checked[^>]*value="{text.id}"', answer.text)
    session.rollback()
    assert session.query(Erasure).count() == 0


def test_it_waits_a_day_and_can_be_called_off(app: Flask, session: Session, mine: Client, text: Contribution) -> None:
    foreign = make_contribution(session, text.topic)
    assert mine.submit(PAGE, is_sure="y", texts=[str(text.id), str(foreign.id), "nada"]).location == PAGE
    mail = last_mail(app, session)
    assert (mail.to, mail.subject, link_in(mail)) == ("ana@example.org", "Borraremos sus datos en 24 horas", PAGE)
    asked = session.query(Erasure).one()
    assert (asked.text_ids, asked.all_texts) == ([text.id], False)
    assert "Conservar mis datos" in mine.get(PAGE).text
    assert "Los borraremos el" in mine.get("/cuenta/datos").text
    answer = mine.submit(f"{PAGE}/conservar")
    assert answer.location == "/cuenta/datos"
    assert "No borraremos nada." in mine.get("/cuenta/datos").text
    session.rollback()
    assert session.query(Erasure).count() == 0
    assert mine.submit(f"{PAGE}/conservar").status_code == 404


def test_after_the_day_it_cannot_and_then_nobody_enters(
    session: Session, mine: Client, person: Person, text: Contribution, tmp_path_factory: pytest.TempPathFactory
) -> None:
    mine.submit(PAGE, is_sure="y", texts=["todos"])
    with clock.set_to(clock.now() + timedelta(hours=25)):
        late = mine.submit(f"{PAGE}/conservar")
        assert late.status_code == 409
        assert "Estamos borrando sus datos" in late.text
        session.rollback()
        assert erase_due(session, ErasureList(tmp_path_factory.mktemp("list") / "erasures.jsonl")) == 1
        assert mine.get(PAGE).status_code == 303
    assert session.query(Account).filter_by(person_id=person.id).count() == session.query(LoginSession).count() == 0


def test_it_asks_to_enter_again(session: Session, mine: Client) -> None:
    with clock.set_to(clock.now() + timedelta(hours=1)):
        assert mine.get(PAGE).location == f"/cuenta/confirme?next={PAGE}"
        assert mine.submit(PAGE, is_sure="y").status_code == 303
    session.rollback()
    assert session.query(Erasure).count() == 0


@pytest.mark.parametrize("identity", ["moderator", "liaison1"])
def test_who_has_a_role_reads_whom_to_ask(client_as: Clients, session: Session, identity: str) -> None:
    client = client_as(identity)
    page = client.get(PAGE)
    assert "Pida primero a la administración" in page.text
    assert "<form" not in page.text.partition("<main")[2]
    client.submit(PAGE, is_sure="y")
    session.rollback()
    assert session.query(Erasure).count() == 0
