"""Asking to be erased without an account: a link that went to the address opens the question, and its button asks."""

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from consulta import clock
from consulta.contributions.models import Contribution
from consulta.people.models import Person
from consulta.people.rules import RETIRED_NAME
from consulta.privacy.ledger import ErasureList
from consulta.privacy.models import Erasure
from consulta.privacy.retiring import erase_due
from consulta.privacy.rules import ERASED_TEXT
from consulta.privacy.services import forget_unproven
from tests.clients import Client
from tests.factories.guests import make_guest_contribution
from tests.factories.plans import make_plan, make_topic
from tests.web.account.test_account import last_mail, link_in
from tests.web.tracking.test_tracking import opened


@pytest.fixture
def own(session: Session) -> Contribution:
    return make_guest_contribution(session, make_topic(session, make_plan(session)))


@pytest.fixture
def link(app: Flask, session: Session, client: Client, own: Contribution) -> str:
    """What the mail leads to, once it was asked for."""
    opened(session, client, own)
    assert "/seguimiento/borrar" in client.get("/seguimiento/aporte").text
    assert client.submit("/seguimiento/borrar").location == "/seguimiento/aporte"
    mail = last_mail(app, session)
    assert mail.to == own.person.email
    return link_in(mail)


def test_the_link_opens_a_page_and_its_button_begins_the_day(
    app: Flask, session: Session, client: Client, own: Contribution, link: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    assert "Pedir que borren mis datos" in client.get(link).text
    session.rollback()
    assert session.query(Erasure).one().due_at is None  # looking asks for nothing
    assert client.submit(link).status_code == 422
    assert client.submit(link, is_sure="y").location == link
    mail = last_mail(app, session)
    assert link_in(mail) == link
    assert "Conservar mis datos" in client.get(link).text
    assert "Ya lo pidió" in client.get("/seguimiento/borrar").text
    with clock.set_to(clock.now() + timedelta(hours=25)):
        session.rollback()
        assert erase_due(session, ErasureList(tmp_path_factory.mktemp("list") / "erasures.jsonl")) == 1
        assert client.get(link).status_code == 404
        assert client.get("/seguimiento/aporte").status_code == 303  # its code and its visits are gone
    session.expire_all()
    person = session.get_one(Person, own.person_id)
    assert (person.public_name, person.email, own.body) == (RETIRED_NAME, None, ERASED_TEXT)


def test_it_is_called_off_behind_the_same_link(session: Session, client: Client, link: str) -> None:
    client.submit(link, is_sure="y")
    assert client.submit(f"{link}/conservar").location == "/seguimiento"
    session.rollback()
    assert session.query(Erasure).count() == 0
    assert client.get(link).status_code == client.submit(f"{link}/conservar").status_code == 404


def test_an_old_or_forged_link_opens_nothing(session: Session, client: Client, link: str) -> None:
    with clock.set_to(clock.now() + timedelta(days=7, minutes=1)):
        assert client.get(link).status_code == 404
        forget_unproven(session)
    assert session.query(Erasure).count() == 0
    assert client.get(link[:-3]).status_code == 404
    assert "Este enlace ya no sirve" in client.get("/seguimiento/borrar/nada").text


def test_without_a_code_there_is_nothing_to_ask(client: Client) -> None:
    assert client.get("/seguimiento/borrar").location == "/seguimiento"
