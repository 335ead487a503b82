"""Institutions and holidays, kept by administrators."""

from datetime import date

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from consulta.cache_versions import frame_scope, read_versions
from consulta.people.models import Institution
from consulta.plans.models import Holiday, TopicCompetence
from tests.clients import Client, Clients
from tests.factories.people import make_institution
from tests.factories.plans import make_plan, make_topic

GOOD = {"code": "MSAL", "name": "Ministerio de Prueba", "kind": "ministry", "email": "", "successor": ""}


@pytest.fixture
def admin(client_as: Clients) -> Client:
    return client_as("admin")


def test_an_institution_is_added_with_its_topics(admin: Client, session: Session) -> None:
    topic = make_topic(session, make_plan(session))
    answer = admin.submit(
        "/administracion/instituciones/nueva", **{**GOOD, "competences": [topic.code], "valid_from": "2009-06-01"}
    )
    assert answer.status_code == 303, answer.text
    made = session.scalars(sa.select(Institution).where(Institution.code == "MSAL")).one()
    assert made.valid_from == date(2009, 6, 1)
    codes = session.scalars(sa.select(TopicCompetence.topic_code).where(TopicCompetence.institution_id == made.id))
    assert codes.all() == [topic.code]
    assert "Ministerio de Prueba" in admin.get("/administracion/instituciones").text


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"code": "<b>"}, "letras, números y guiones"),
        ({"code": "ins1"}, "Ya existe una institución con esas siglas."),  # whatever the case
        ({"name": "x" * 201}, "hasta 200 caracteres"),
        ({"name": ""}, "Escriba el nombre completo."),
        ({"kind": "imperio"}, 'href="#kind"'),
        ({"email": "no"}, "Escriba un correo electrónico completo"),
        ({"valid_from": "31-31-2018"}, 'href="#valid_from"'),
        ({"valid_from": "2019-01-01", "valid_to": "2018-01-01"}, "no puede ser anterior"),
        ({"successor": "999"}, 'href="#successor"'),
    ],
)
def test_a_bad_institution_is_explained(admin: Client, session: Session, fields: dict[str, str], sentence: str) -> None:
    make_institution(session, code="INS1")
    answer = admin.submit("/administracion/instituciones/nueva", **{**GOOD, **fields})
    assert answer.status_code == 422
    assert sentence in answer.text
    session.rollback()
    assert session.scalars(sa.select(Institution.code)).all() == ["INS1"]


def test_an_edit_makes_public_pages_stale(admin: Client, session: Session) -> None:
    plan = make_plan(session)
    institution = make_institution(session)
    before = read_versions(session, (frame_scope(plan.code),))
    path = f"/administracion/instituciones/{institution.id}"
    fields = {**GOOD, "name": "Otro nombre", "version": str(institution.version)}
    assert admin.submit(path, **fields).status_code == 303
    session.rollback()
    assert session.get_one(Institution, institution.id).name == "Otro nombre"
    assert read_versions(session, (frame_scope(plan.code),)) > before


def test_a_stale_edit_shows_both_versions(admin: Client, session: Session) -> None:
    institution = make_institution(session, name="Nombre guardado", version=3)
    answer = admin.submit(
        f"/administracion/instituciones/{institution.id}", **{**GOOD, "name": "Nombre escrito", "version": "2"}
    )
    assert answer.status_code == 409
    assert "Nombre guardado" in answer.text
    assert "Nombre escrito" in answer.text
    session.rollback()
    assert session.get_one(Institution, institution.id).name == "Nombre guardado"


def test_successions_do_not_turn_in_circles(admin: Client, session: Session) -> None:
    new = make_institution(session)
    old = make_institution(session, successor_id=new.id)
    fields = {**GOOD, "successor": str(old.id), "valid_to": "2019-06-01", "version": "1"}
    answer = admin.submit(f"/administracion/instituciones/{new.id}", **fields)
    assert answer.status_code == 422
    assert "sustituirse a sí misma" in answer.text


def test_a_holiday_is_added_once_and_removed(admin: Client, session: Session) -> None:
    fields = {"on": "2018-08-06", "label": "Fiestas <i>agostinas</i>"}
    assert admin.submit("/administracion/asuetos", **fields).status_code == 303
    again = admin.submit("/administracion/asuetos", **fields)
    assert again.status_code == 422
    assert "Ese día ya está en la lista." in again.text
    assert "Fiestas &lt;i&gt;agostinas" in again.text
    holiday = session.scalars(sa.select(Holiday)).one()
    assert admin.submit(f"/administracion/asuetos/{holiday.id}/quitar").status_code == 303
    assert admin.submit(f"/administracion/asuetos/{holiday.id}/quitar").status_code == 404
    session.rollback()
    assert session.scalars(sa.select(Holiday)).all() == []


def test_a_day_that_does_not_exist_is_refused(admin: Client) -> None:
    answer = admin.submit("/administracion/asuetos", on="2018-02-30", label="Nada")
    assert answer.status_code == 422
    assert 'href="#on"' in answer.text
    assert 'value="Nada"' in answer.text
