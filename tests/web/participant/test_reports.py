"""Reporting a contribution from its page, without scripts."""

import dataclasses
import re
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from config import Config
from consulta import clock, create_app
from consulta.contributions.models import Contribution, ContributionState, Report, ReportState
from consulta.database import Database
from tests.clients import Client, Clients
from tests.factories.contributions import make_contribution
from tests.factories.plans import make_plan, make_topic
from tests.factories.proposals import make_proposal
from tests.quick import make_quick


@pytest.fixture
def shown(session: Session) -> Contribution:
    topic = make_topic(session, make_plan(session))
    contribution = make_contribution(session, topic)
    make_proposal(session, topic, source=contribution)
    return contribution


@pytest.fixture
def reader(client_as: Clients) -> Client:
    return client_as("participant")


def address(contribution: Contribution) -> str:
    return f"/participar/aportes/{contribution.id}/denuncia"


def test_a_report_ends_with_thanks_that_can_be_opened_again(
    session: Session, shown: Contribution, reader: Client
) -> None:
    page = reader.get(address(shown)).get_data(as_text=True)
    assert "Muestra datos personales de alguien" in page
    answer = reader.submit(address(shown), reason="spam", note="Se repite en todos los temas.")
    assert (answer.status_code, answer.location) == (303, address(shown))
    thanks = reader.get(address(shown)).get_data(as_text=True)
    assert "Gracias. Recibimos su denuncia" in thanks
    assert "Se repite en todos los temas." in thanks
    assert "Mientras tanto se sigue mostrando" in thanks
    # a second time, with another reason, is the first again
    assert reader.submit(address(shown), reason="threat").status_code == 200
    session.expire_all()
    assert shown.state is ContributionState.PUBLISHED


def test_what_was_hidden_at_once_is_gone_for_everybody(
    session: Session, shown: Contribution, reader: Client, client_as: Clients
) -> None:
    folio = shown.proposal_links[0].proposal.folio
    assert reader.submit(address(shown), reason="personal_data").status_code == 303
    assert "Ya ocultamos el texto" in reader.get(address(shown)).get_data(as_text=True)
    page = client_as("visitor").get(f"/propuestas/{folio}").get_data(as_text=True)
    assert "Alguien avisó que el texto puede mostrar datos personales" in page
    assert "Propongo publicar los datos" not in page
    assert client_as("participant2").get(address(shown)).status_code == 404


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({}, "Elija por qué lo denuncia."),
        ({"reason": "inventada"}, "Elija por qué lo denuncia."),
        ({"reason": "other", "note": ""}, "Cuente qué pasa con este texto."),
        ({"reason": "spam", "note": "x" * 1001}, "El texto puede tener hasta 1,000 caracteres. Ahora tiene 1,001."),
    ],
)
def test_a_report_that_says_too_little_keeps_what_was_typed(
    session: Session, shown: Contribution, reader: Client, fields: dict[str, str], sentence: str
) -> None:
    answer = reader.submit(address(shown), **fields)
    page = answer.get_data(as_text=True)
    assert (answer.status_code, page.count(sentence)) == (422, 2)
    assert fields.get("note", "") in page
    assert session.query(Report).count() == 0


def since(page: str) -> dict[str, str]:
    """Since when the form of a page is being filled, as the browser would send it."""
    return dict(re.findall(r'<input name="(started)" type="hidden" value="([^"]*)"', page))


def without_account(client: Client, contribution: Contribution, **fields: str) -> TestResponse:
    """The form of a visitor, filled for a minute."""
    with clock.set_to(clock.now() - timedelta(minutes=1)):
        page = client.get(address(contribution)).text
    return client.submit(address(contribution), **{**since(page), "reason": "personal_data", **fields})


def test_a_visitor_reports_and_somebody_reads_it_before_anything_is_hidden(
    session: Session, shown: Contribution, client_as: Clients
) -> None:
    visitor = client_as("visitor")
    page = visitor.get(address(shown)).text
    assert "Hasta entonces se sigue mostrando" in page
    assert f"/cuenta/entrar?next={address(shown)}" in page
    answer = without_account(visitor, shown, note="Es el teléfono de mi casa.")
    assert (answer.status_code, answer.location) == (303, "/participar/denuncias/recibida")
    assert "Gracias. Recibimos su denuncia" in visitor.get(answer.location).text
    session.rollback()
    report = session.query(Report).one()
    assert (report.person_id, report.note, report.state) == (None, "Es el teléfono de mi casa.", ReportState.OPEN)
    assert (shown.state, "reported" in shown.held_for) == (ContributionState.PUBLISHED, True)
    assert "¿Qué pasa con este texto?" in visitor.get(address(shown)).text  # nobody else is told of it


@pytest.mark.parametrize("slip", [{"remark": "x"}, {"started": ""}])
def test_a_visitor_who_seems_a_program_presses_once_more(
    session: Session, shown: Contribution, client: Client, slip: dict[str, str]
) -> None:
    answer = without_account(client, shown, note="Es el teléfono de mi casa.", **slip)
    assert answer.status_code == 422
    assert "Revise su denuncia y envíela de nuevo." in answer.text
    assert "Es el teléfono de mi casa." in answer.text
    assert 'name="remark"' not in answer.text
    assert session.query(Report).count() == 0
    with clock.set_to(clock.now() + timedelta(seconds=10)):
        again = client.submit(address(shown), reason="personal_data", **since(answer.text))
    assert again.status_code == 303


def test_a_visitor_reports_a_text_once_a_day(
    settings: Config, database: Database, session: Session, shown: Contribution
) -> None:
    app: Flask = make_quick(create_app(dataclasses.replace(settings, limits=""), database))
    visitor, neighbour, stranger = (Clients(app, database)("visitor") for _ in range(3))
    stranger.environ_base["REMOTE_ADDR"] = "198.51.100.7"
    assert without_account(visitor, shown, reason="other").status_code == 422  # what says too little is no use of it
    assert without_account(visitor, shown).status_code == 303
    second = without_account(neighbour, shown, note="Otra vez.")
    assert second.status_code == 422
    assert "Hoy ya llegó una denuncia de este texto" in second.text
    assert "Otra vez." in second.text
    assert without_account(stranger, shown).status_code == 303
    with clock.set_to(clock.now() + timedelta(days=1)):
        assert without_account(visitor, shown).status_code == 303
    session.rollback()
    assert session.query(Report).count() == 3


def test_too_many_reports_wait_and_keep_what_was_typed(settings: Config, database: Database, session: Session) -> None:
    app: Flask = make_quick(create_app(dataclasses.replace(settings, limits="report.account=1/600"), database))
    reader, topic = Clients(app, database)("participant"), make_topic(session, make_plan(session))
    first, second = (make_contribution(session, topic) for _ in range(2))
    assert reader.submit(address(first), reason="spam").status_code == 303
    answer = reader.submit(address(second), reason="spam", note="Es la misma publicidad.")
    page = answer.get_data(as_text=True)
    assert answer.status_code == 429
    assert 590 <= int(answer.headers["Retry-After"]) <= 600
    assert "Inténtelo de nuevo dentro de 10 minutos." in page
    assert "Es la misma publicidad." in page
