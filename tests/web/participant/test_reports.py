"""Reporting a contribution from its page, without scripts."""

import dataclasses

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from config import Config
from consulta import create_app
from consulta.contributions.models import Contribution, ContributionState, Report
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
