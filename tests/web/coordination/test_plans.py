"""The pages that manage a plan: empty, full and with errors; who may act; files that are not what they say."""

import io
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from consulta import clock
from consulta.plans.models import Document, Plan, PlanState, Topic, TopicCompetence
from tests.clients import Clients
from tests.factories.people import make_institution
from tests.factories.plans import make_document, make_phase, make_plan, make_topic

ROOT = "/coordinacion/planes"
PARTS = ("", "/plazo", "/calendario", "/temas", "/temas/instituciones", "/documentos", "/aprobacion")
WRITING = ("/datos", "/plazo/ampliar", "/plazo/cerrar", "/calendario/nueva", "/temas/nuevo", "/documentos/nuevo")


@pytest.fixture
def plan(session: Session) -> Plan:
    return make_plan(session, title="Plan abierto")


def pdf(name: str = "metodo.pdf", content: bytes = b"%PDF-1.7 x") -> tuple[io.BytesIO, str]:
    return io.BytesIO(content), name


def document_fields(**changes: Any) -> dict[str, Any]:
    fields = {"title": "Método", "kind": "method", "issued_on": clock.today().isoformat(), "edition": "1"}
    return {**fields, "upload": pdf(), **changes}


def test_the_next_step_leads_to_the_trays_of_this_plan(client_as: Clients, session: Session) -> None:
    plan = make_plan(session, state=PlanState.DRAFTING)
    assert f'href="/coordinacion/decidir?plan={plan.code}"' in client_as("coordinator").get(f"{ROOT}/{plan.code}").text


def let_go(answer: TestResponse) -> None:
    """The test client keeps a large body in a file of its own and leaves it open."""
    answer.request.environ["wsgi.input"].close()


@pytest.mark.parametrize("identity", ["coordinator", "moderator", "observer", "approver"])
def test_the_team_reads_every_part_empty_and_full(client_as: Clients, session: Session, identity: str) -> None:
    client = client_as(identity)
    assert "Todavía no hay planes" in client.get(ROOT).text
    empty = make_plan(session, state=PlanState.PREPARATION, opens_on=None, closes_on=None)
    full = make_plan(session)
    topic = make_topic(session, full)
    make_phase(session, full, actual_start_on=clock.today())
    make_document(session, full)
    make_document(session, full, withdrawn_at=clock.now())
    assert full.title[:6] in client.get(ROOT).text
    for plan in (empty, full):
        for part in PARTS:
            page = client.get(f"{ROOT}/{plan.code}{part}")
            assert page.status_code == 200, part
            assert "<script>alert" not in page.text, part
    assert topic.code in client.get(f"{ROOT}/{full.code}/temas").text or identity != "coordinator"


@pytest.mark.parametrize("identity", ["moderator", "observer", "approver"])
def test_others_of_the_team_read_only(client_as: Clients, plan: Plan, identity: str) -> None:
    client = client_as(identity)
    for part in WRITING:
        assert client.get(f"{ROOT}/{plan.code}{part}").status_code == 403, part
    answer = client.submit(f"{ROOT}/{plan.code}/estado", to="systematization", version=plan.version)
    assert answer.status_code == 403
    assert "Pasar a" not in client.get(f"{ROOT}/{plan.code}").text


@pytest.mark.parametrize("identity", ["participant", "liaison1", "admin"])
def test_other_audiences_do_not_enter(client_as: Clients, plan: Plan, identity: str) -> None:
    assert client_as(identity).get(f"{ROOT}/{plan.code}").status_code == 403


def test_coordinator_reads_every_writing_page(client_as: Clients, plan: Plan) -> None:
    for part in WRITING:
        assert client_as("coordinator").get(f"{ROOT}/{plan.code}{part}").status_code == 200, part


def test_creating_a_plan_and_what_is_missing(client_as: Clients, session: Session) -> None:
    client, institution = client_as("coordinator"), make_institution(session)
    wrong = client.submit(f"{ROOT}/nuevo", code="Mal Código", title="Plan nuevo", period_start_on="ayer")
    assert wrong.status_code == 422
    assert "Escriba una fecha completa" in wrong.text
    assert 'href="#objective"' in wrong.text
    assert "Plan nuevo" in wrong.text
    fields = {
        "code": "nuevo",
        "title": "Plan nuevo",
        "objective": "Lograr algo",
        "period_start_on": "2026-01-01",
        "period_end_on": "2028-01-01",
        "coordinator_institution_id": institution.id,
        "response_days": "15",
        "form_key": "k" * 20,
    }
    assert client.submit(f"{ROOT}/nuevo", **{**fields, "code": "Mal Código"}).status_code == 422
    answer = client.submit(f"{ROOT}/nuevo", **fields)
    assert (answer.status_code, answer.location) == (303, f"{ROOT}/nuevo")


def test_extra_fields_are_ignored(client_as: Clients, session: Session, plan: Plan) -> None:
    client_as("coordinator").submit(
        f"{ROOT}/{plan.code}/plazo/cerrar", reason="Se acordó", version=plan.version, state="approved", id="999"
    )
    session.expire_all()
    assert plan.state is PlanState.OPEN
    assert plan.window_closed_at is not None


def test_the_plan_says_what_blocks_its_next_step(client_as: Clients, plan: Plan) -> None:
    client = client_as("coordinator")
    page = client.get(f"{ROOT}/{plan.code}").text
    assert "El plazo para recibir propuestas sigue abierto." in page
    answer = client.submit(f"{ROOT}/{plan.code}/estado", to="systematization", version=plan.version)
    assert answer.status_code == 409
    assert "El plazo para recibir propuestas sigue abierto." in answer.text
    assert client.submit(f"{ROOT}/{plan.code}/estado", to="approved", version=plan.version).status_code in (403, 409)
    assert client.submit(f"{ROOT}/{plan.code}/estado", to="nada", version=plan.version).status_code == 409


def test_a_step_back_asks_why(client_as: Clients, session: Session, plan: Plan) -> None:
    client = client_as("coordinator")
    fields = {"to": "preparation", "version": plan.version}
    assert client.submit(f"{ROOT}/{plan.code}/estado", **fields).status_code == 422
    assert client.submit(f"{ROOT}/{plan.code}/estado", **fields, reason="Faltó un tema").status_code == 303


def test_a_stale_edit_shows_both_versions(client_as: Clients, session: Session, plan: Plan) -> None:
    client = client_as("coordinator")
    fields = {
        "objective": "Lograr algo",
        "period_start_on": "2026-01-01",
        "period_end_on": "2028-01-01",
        "coordinator_institution_id": plan.coordinator_institution_id,
        "response_days": "15",
        "version": plan.version,
    }
    assert client.submit(f"{ROOT}/{plan.code}/datos", title="Título de una", **fields).status_code == 303
    second = client.submit(f"{ROOT}/{plan.code}/datos", title="Título de otra", **fields)
    assert second.status_code == 409
    assert "Título de una" in second.text
    assert "Título de otra" in second.text


def test_extending_shows_the_old_date(client_as: Clients, plan: Plan) -> None:
    client = client_as("coordinator")
    assert plan.closes_on is not None
    old = {"closes_on": plan.closes_on.isoformat(), "reason": "Hubo feriado", "version": plan.version}
    assert client.submit(f"{ROOT}/{plan.code}/plazo/ampliar", **old).status_code == 422
    later = (plan.closes_on + timedelta(days=1)).isoformat()
    assert client.submit(f"{ROOT}/{plan.code}/plazo/ampliar", **{**old, "closes_on": later}).status_code == 303
    assert "Hubo feriado" in client.get(f"{ROOT}/{plan.code}/plazo").text


def test_topics_are_written_published_and_ordered(client_as: Clients, session: Session, plan: Plan) -> None:
    client = client_as("coordinator")
    path = f"{ROOT}/{plan.code}/temas"
    assert client.submit(f"{path}/nuevo", name="Salud", one_line="", moderation="before").status_code == 422
    fields = {"name": "Salud", "one_line": "Todo sobre salud", "moderation": "before", "intro": ""}
    assert client.submit(f"{path}/nuevo", **fields).status_code == 303
    topic = session.scalars(sa.select(Topic)).one()
    refused = client.submit(f"{path}/salud/estado", to="published", version=topic.version)
    assert refused.status_code == 409
    assert "Escriba la introducción del tema." in refused.text
    written = client.submit(f"{path}/salud", **{**fields, "intro": "Se pregunta esto."}, version=topic.version)
    assert written.status_code == 303
    assert client.submit(f"{path}/salud/estado", to="published", version=topic.version + 1).status_code == 303
    assert client.submit(f"{path}/salud/orden", direction="up").status_code == 303
    assert client.submit(f"{path}/salud/eliminar", version=topic.version).status_code == 409


def test_institutions_of_a_topic_are_chosen(client_as: Clients, session: Session, plan: Plan) -> None:
    client, topic, body = client_as("coordinator"), make_topic(session, plan), make_institution(session)
    path = f"{ROOT}/{plan.code}/temas/{topic.code}/instituciones"
    assert client.get(path).status_code == 200
    assert client.submit(path, institution_ids=[body.id]).status_code == 303
    session.rollback()
    assert session.scalars(sa.select(TopicCompetence.institution_id)).all() == [body.id]
    assert body.name.split(" <")[0] in client.get(f"{ROOT}/{plan.code}/temas/instituciones").text


def test_phases_are_planned_in_preparation_and_recorded_later(client_as: Clients, session: Session) -> None:
    plan, client = make_plan(session, state=PlanState.PREPARATION), client_as("coordinator")
    path = f"{ROOT}/{plan.code}/calendario"
    fields = {"kind": "consultation", "label": "Consulta", "planned_start_on": "2018-06-16"}
    assert client.submit(f"{path}/nueva", **fields, planned_end_on="2018-06-01").status_code == 422
    assert client.submit(f"{path}/nueva", **{**fields, "kind": "nada"}, planned_end_on="2018-07-15").status_code == 422
    assert client.submit(f"{path}/nueva", **fields, planned_end_on="2018-07-15").status_code == 303
    phase = plan.phases[0]
    assert client.submit(f"{path}/{phase.id}/real", actual_start_on="2018-06-18", version=1).status_code == 303
    assert "Desde el 18 de junio de 2018" in client.get(path).text
    assert client.submit(f"{path}/{phase.id}/quitar", version=phase.version).status_code == 409
    session.rollback()
    session.expire_all()
    assert client.submit(f"{path}/{phase.id}/quitar", version=phase.version).status_code == 303


def test_a_document_is_downloaded_and_never_shown_inside(client_as: Clients, session: Session, plan: Plan) -> None:
    client = client_as("coordinator")
    path = f"{ROOT}/{plan.code}/documentos"
    assert client.submit(f"{path}/nuevo", **document_fields(upload=pdf("../../m\u202ela.pdf"))).status_code == 303
    document = session.scalars(sa.select(Document)).one()
    assert document.file_name == "mla.pdf"
    answer = client.get(f"{path}/{document.id}")
    assert answer.data == b"%PDF-1.7 x"
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    assert client.submit(f"{path}/{document.id}/retirar", reason="").status_code == 422
    assert client.submit(f"{path}/{document.id}/retirar", reason="Otra versión").status_code == 303
    assert "Retirado" in client.get(path).text


@pytest.mark.parametrize(
    ("upload", "says"),
    [
        (pdf("plan.pdf", b"<html><script>alert(1)</script>"), "no corresponde a su extensión"),
        (pdf("plan.html", b"<html>"), "No se admite ese tipo de archivo"),
        (pdf("plan.svg", b"<svg onload=alert(1)>"), "No se admite ese tipo de archivo"),
        (pdf("plan.pdf", b""), "El archivo está vacío."),
        (None, "Elija un archivo."),
        (pdf("plan.pdf", b"%PDF-" + b"0" * 10 * 1024 * 1024), "El archivo puede pesar hasta 10 MB."),
    ],
)
def test_a_bad_file_is_refused_beside_its_field(
    client_as: Clients, session: Session, plan: Plan, upload: Any, says: str
) -> None:
    fields = document_fields()
    del fields["upload"]
    if upload is not None:
        fields["upload"] = (io.BytesIO(upload[0].getvalue()), upload[1])
    answer = client_as("coordinator").submit(f"{ROOT}/{plan.code}/documentos/nuevo", **fields)
    let_go(answer)
    assert answer.status_code == 422
    assert says in answer.text
    assert 'value="Método"' in answer.text
    assert session.scalar(sa.select(sa.func.count()).select_from(Document)) == 0


def test_what_exceeds_every_limit_is_refused_unread(client_as: Clients, plan: Plan) -> None:
    client = client_as("coordinator")
    huge = document_fields(upload=pdf(content=b"%PDF-" + b"0" * 12 * 1024 * 1024))
    for answer in (
        client.submit(f"{ROOT}/{plan.code}/documentos/nuevo", **huge),
        client.submit(f"{ROOT}/{plan.code}/datos", title="x" * 2 * 1024 * 1024),
    ):
        let_go(answer)
        assert answer.status_code == 413


def test_only_the_approver_approves(client_as: Clients, session: Session) -> None:
    plan = make_plan(session, state=PlanState.IN_APPROVAL)
    path = f"{ROOT}/{plan.code}/aprobacion"
    fields = {"approved_on": clock.today().isoformat(), "version": plan.version}
    assert client_as("coordinator").submit(path, **fields, document=pdf()).status_code == 403
    approver = client_as("approver")
    missing = approver.submit(path, **fields)
    assert missing.status_code == 422
    assert "Elija un archivo." in missing.text
    assert approver.submit(path, **fields, document=pdf("firmado.pdf")).status_code == 303
    assert "Descargar el documento firmado" in approver.get(path).text
    assert approver.submit(path, **fields, document=pdf("firmado.pdf")).status_code == 409


def test_thresholds_of_a_topic_are_set_and_an_empty_one_is_the_usual(
    client_as: Clients, session: Session, plan: Plan
) -> None:
    client, topic = client_as("coordinator"), make_topic(session, plan, thresholds={"host_links": 9})
    path = f"{ROOT}/{plan.code}/temas/{topic.code}"
    fields = {"name": "Salud", "one_line": "Todo sobre salud", "moderation": "after", "intro": "Se pregunta esto."}
    assert 'value="9"' in client.get(path).text
    refused = client.submit(path, **fields, version=topic.version, approvals="-1", form_seconds="mil")
    assert refused.status_code == 422
    assert "Escriba un número entre 0 y 50." in client.submit(path, **fields, version=1, approvals="-1").text
    assert "Escriba un número entero." in refused.text
    sent = {"approvals": "0", "form_seconds": "10", "host_links": "", "text_points": "4"}
    assert client.submit(path, **fields, version=topic.version, **sent).status_code == 303
    session.rollback()
    assert topic.thresholds == {"approvals": 0, "form_seconds": 10}
    assert (topic.holding.host_links, topic.holding.text_points) == (2, 4)
