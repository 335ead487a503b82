"""The pages of commitments for the team: list, form with its rows and check, links, acts."""

import re
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from consulta.commitments.models import Commitment, CommitmentState
from consulta.decisions.models import Outcome
from consulta.people.models import InstitutionKind
from consulta.plans.models import Plan
from consulta.proposals.models import ProposalState
from tests.clients import Client, Clients
from tests.factories import SCRIPT
from tests.factories.commitments import make_commitment
from tests.factories.decisions import make_decision
from tests.factories.people import make_institution
from tests.factories.plans import make_plan, make_topic
from tests.factories.proposals import make_proposal
from tests.web.payloads import GROUPS

LONG = "La ciudadanía no encuentra en un solo lugar los datos del gasto de cada ministerio. " * 2


@pytest.fixture
def plan(session: Session) -> Plan:
    return make_plan(session)


@pytest.fixture
def team(client_as: Clients) -> Client:
    return client_as("coordinator")


def address(plan: Plan, commitment: Commitment | None = None, act: str = "") -> str:
    path = f"/coordinacion/planes/{plan.code}/compromisos"
    return path + (f"/{commitment.number}" if commitment else "") + (f"/{act}" if act else "")


def stored(session: Session) -> list[Commitment]:
    session.rollback()
    session.expire_all()
    return list(session.scalars(sa.select(Commitment).order_by(Commitment.id)))


def typed(commitment: Commitment, **changes: Any) -> dict[str, Any]:
    """What a browser sends of the form of a stored commitment."""
    fields: dict[str, Any] = {
        "version": commitment.version,
        "name": commitment.name,
        "lead_institution_id": commitment.lead_institution_id,
        "source": commitment.source.value,
        "origin": commitment.origin.value,
        "start_on": commitment.start_on.isoformat() if commitment.start_on else "",
        "end_on": commitment.end_on.isoformat() if commitment.end_on else "",
        "values": commitment.values,
        "proposal_ids": [link.proposal_id for link in commitment.proposal_links],
    }
    for name in ("problem", "description", "contribution", "relevance", "contact_post", "contact_email"):
        fields[name] = getattr(commitment, name)
    for n, row in enumerate(commitment.milestones):
        for column in ("activity", "deliverable", "verification", "start_on", "end_on"):
            fields[f"milestones-{n}-{column}"] = str(getattr(row, column))
    return {**fields, **changes}


def text_of(html: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


def test_the_empty_list_says_what_to_do(team: Client, plan: Plan) -> None:
    page = team.get(address(plan))
    assert page.status_code == 200
    assert "Todavía no hay compromisos" in page.text
    assert f"{address(plan)}/nuevo" in page.text


def test_the_list_shows_state_lead_letters_and_dropped_ones(team: Client, session: Session, plan: Plan) -> None:
    make_commitment(session, plan, name="Abrir los datos del gasto", problem="")
    make_commitment(session, plan, name="Mesas de consulta", state=CommitmentState.DROPPED)
    words = text_of(team.get(address(plan)).text)
    assert "Abrir los datos del gasto" in words
    assert "Específico: en parte" in words
    assert "Descartados" in words


def test_every_role_reads_and_only_the_coordinator_writes(client_as: Clients, session: Session, plan: Plan) -> None:
    commitment = make_commitment(session, plan)
    for identity in ("moderator", "observer", "approver"):
        client = client_as(identity)
        page = client.get(address(plan, commitment))
        assert page.status_code == 200
        assert 'name="problem"' not in page.text
        assert client.get(f"{address(plan)}/nuevo").status_code == 403
        assert client.submit(address(plan, commitment), **typed(commitment)).status_code == 403
        assert client.submit(address(plan, commitment, "enviar"), version=1).status_code == 403
    assert client_as("participant").get(address(plan)).status_code == 403
    assert client_as("visitor").get(address(plan)).status_code == 303
    assert stored(session)[0].version == 1


def test_a_new_commitment_keeps_its_rows(team: Client, session: Session, plan: Plan) -> None:
    lead = make_institution(session)
    fields = {
        "name": "Publicar el gasto de cada mes",
        "lead_institution_id": lead.id,
        "source": "institutional",
        "origin": "new",
        "form_key": "clave-de-prueba",
        "milestones-0-activity": "Preparar los datos",
        "milestones-0-deliverable": "Catálogo",
        # a row left empty in the middle is no row
        "milestones-1-activity": "  ",
        "milestones-2-activity": "Publicar",
        "indicators-0-name": "Conjuntos publicados",
        "indicators-0-no_baseline": "y",
    }
    answer = team.submit(f"{address(plan)}/nuevo", **fields)
    assert answer.status_code == 303
    assert team.submit(f"{address(plan)}/nuevo", **fields).status_code == 303
    (commitment,) = stored(session)
    assert [row.activity for row in commitment.milestones] == ["Preparar los datos", "Publicar"]
    assert [(row.position, row.no_baseline) for row in commitment.indicators] == [(1, True)]


def test_saving_with_one_more_row_returns_to_the_rows(team: Client, session: Session, plan: Plan) -> None:
    commitment = make_commitment(session, plan)
    answer = team.submit(address(plan, commitment), **typed(commitment, accion="fila"))
    assert answer.headers["Location"].endswith("#hitos")
    page = team.get(address(plan, commitment)).text
    assert 'name="milestones-3-activity"' in page
    assert 'name="milestones-4-activity"' not in page


def test_emptied_rows_leave(team: Client, session: Session, plan: Plan) -> None:
    commitment = make_commitment(session, plan)
    empty = {f"milestones-0-{c}": "" for c in ("activity", "deliverable", "verification", "start_on", "end_on")}
    assert team.submit(address(plan, commitment), **typed(commitment, **empty)).status_code == 303
    assert len(stored(session)[0].milestones) == 1


def test_bad_fields_and_rows_come_back_with_their_text(team: Client, session: Session, plan: Plan) -> None:
    commitment = make_commitment(session, plan)
    bad = {
        "name": "Corto",
        "problem": "Un texto que no debe perderse",
        "milestones-1-activity": "",
        "milestones-1-deliverable": "Producto sin actividad",
        "values": ["technology"],
    }
    page = team.submit(address(plan, commitment), **typed(commitment, **bad))
    assert page.status_code == 422
    assert "Un texto que no debe perderse" in page.text
    assert "Producto sin actividad" in page.text
    assert 'href="#milestones-1-activity"' in page.text
    assert "Escriba la actividad del hito" in page.text
    assert "Tecnología e innovación acompaña a otro valor" in page.text
    assert stored(session)[0].version == 1


@pytest.mark.parametrize(
    "field",
    [
        {"start_on": "31/02/2018"},
        {"milestones-0-start_on": "ayer"},
        {"budget_usd": "NaN"},
        {"budget_usd": "1e400"},
        {"budget_usd": "9" * 15},
        {"lead_institution_id": "999999"},
        {"lead_institution_id": "x"},
        {"proposal_ids": ["9" * 40]},
        {"proposal_ids": ["424242"]},
        {"state_actor_ids": ["²"]},
        {"contact_email": "sin arroba"},
        {"origin": "continued"},
        {"milestones-0-activity": "a" * 501},
        {f"milestones-{n}-activity": "una más" for n in range(40)},
    ],
)
def test_what_no_browser_sends_is_a_422(team: Client, session: Session, plan: Plan, field: dict[str, Any]) -> None:
    commitment = make_commitment(session, plan)
    page = team.submit(address(plan, commitment), **typed(commitment, **field))
    assert page.status_code == 422
    assert "Hay algo que corregir" in page.text
    assert stored(session)[0].version == 1


def test_strange_row_numbers_are_ignored(team: Client, session: Session, plan: Plan) -> None:
    commitment = make_commitment(session, plan)
    strange = {"milestones-²-activity": "x", f"milestones-{'9' * 5000}-activity": "x"}
    assert team.submit(address(plan, commitment), **typed(commitment, **strange)).status_code == 303
    assert len(stored(session)[0].milestones) == 2


def test_checking_saves_nothing(team: Client, session: Session, plan: Plan) -> None:
    commitment = make_commitment(session, plan)
    changed = typed(commitment, problem="", name="Otro nombre para revisar")
    page = team.submit(address(plan, commitment), **changed, accion="revisar")
    piece = team.submit(address(plan, commitment, "revision"), **changed)
    assert page.status_code == piece.status_code == 200
    assert "Otro nombre para revisar" in page.text
    for html in (page.text, piece.text):
        assert "Describa la problemática con al menos 80 caracteres." in html
    assert "<html" not in piece.text
    assert stored(session)[0].version == 1


def test_a_stale_form_shows_both_versions(team: Client, session: Session, plan: Plan) -> None:
    commitment = make_commitment(session, plan)
    first = typed(commitment, problem="La versión de la primera persona. " * 4)
    second = typed(commitment, problem="La versión de la segunda persona. " * 4)
    second["milestones-0-activity"] = "Otra actividad"
    assert team.submit(address(plan, commitment), **first).status_code == 303
    page = team.submit(address(plan, commitment), **second)
    words = text_of(page.text)
    assert page.status_code == 409
    assert "La versión de la primera persona" in words
    assert "La versión de la segunda persona" in words
    assert "Otra actividad" in words
    assert "Lo que está guardado" in words


def test_proposals_are_found_by_folio_and_by_word_and_linked(team: Client, session: Session, plan: Plan) -> None:
    topic = make_topic(session, plan)
    decided = make_proposal(session, topic, state=ProposalState.DECIDED, summary="Más árboles en la ciudad")
    make_decision(session, decided, outcome=Outcome.INCLUDED)
    make_proposal(session, topic, state=ProposalState.RECEIVED, summary="Árboles sin ordenar")
    commitment = make_commitment(session, plan)
    for words in (decided.folio.lower(), "arboles ciudad"):
        page = team.submit(address(plan, commitment), **typed(commitment, buscar=words), accion="buscar").text
        assert decided.folio in page
        assert "Incorporada" in page
        assert "Árboles sin ordenar" not in page
    assert team.submit(address(plan, commitment), **typed(commitment, proposal_ids=[decided.id])).status_code == 303
    assert [p.id for p in stored(session)[0].proposals] == [decided.id]
    nothing = team.submit(address(plan, commitment), **typed(commitment, buscar="zzz"), accion="buscar").text
    assert "Ninguna otra propuesta del plan tiene «zzz»" in nothing


def test_a_proposal_out_of_the_process_is_not_linked(team: Client, session: Session, plan: Plan) -> None:
    merged = make_proposal(session, make_topic(session, plan), state=ProposalState.MERGED)
    commitment = make_commitment(session, plan)
    page = team.submit(address(plan, commitment), **typed(commitment, proposal_ids=[merged.id]))
    assert page.status_code == 422
    assert f"No se puede vincular {merged.folio}" in page.text


def test_it_is_sent_and_then_only_read(team: Client, session: Session, plan: Plan) -> None:
    commitment = make_commitment(session, plan)
    assert team.submit(address(plan, commitment, "enviar"), version=1).status_code == 303
    page = team.get(address(plan, commitment)).text
    assert 'name="problem"' not in page
    assert "lo envió a la institución" in page
    late = team.submit(address(plan, commitment), **typed(commitment))
    assert late.status_code == 409
    assert team.submit(address(plan, commitment, "enviar"), version=1).status_code == 409


def test_dropping_needs_a_reason(team: Client, session: Session, plan: Plan) -> None:
    commitment = make_commitment(session, plan)
    page = team.submit(address(plan, commitment, "descartar"), version=1, reason="  ")
    assert page.status_code == 422
    assert "Escriba el motivo." in page.text
    done = team.submit(address(plan, commitment, "descartar"), version=1, reason="La institución ya no existe.")
    assert done.status_code == 303
    assert "La institución ya no existe." in team.get(address(plan, commitment)).text


@pytest.mark.parametrize("payloads", GROUPS)
def test_markup_in_any_field_comes_out_as_text(
    team: Client, session: Session, plan: Plan, payloads: tuple[str, ...]
) -> None:
    lead = make_institution(session, kind=InstitutionKind.MINISTRY)
    for payload in payloads:
        commitment = make_commitment(session, plan, lead_institution=lead)
        texts = ("problem", "description", "contribution", "relevance", "contact_post", "additional")
        texts += ("contact_unit", "contact_phone", "previous_commitment")
        rows = [f"milestones-0-{c}" for c in ("activity", "deliverable", "verification", "responsible")]
        rows += [f"indicators-0-{c}" for c in ("name", "baseline", "target", "unit")]
        fields = dict.fromkeys((*texts, *rows), payload) | {"name": f"Compromiso {payload}"}
        assert team.submit(address(plan, commitment), **typed(commitment, **fields)).status_code == 303
        assert team.submit(address(plan, commitment, "enviar"), version=2).status_code == 303
        page = team.get(address(plan, commitment)).text
        assert not re.search(r"<script(?! src=\"/static/)|<img|<iframe|onerror=alert\(1\)>|<svg/", page)
        assert "<object" not in page
        assert "<math" not in page
        assert "<base" not in page


def test_the_default_script_of_the_factories_is_text(team: Client, session: Session, plan: Plan) -> None:
    commitment = make_commitment(session, plan)
    for path in (address(plan), address(plan, commitment)):
        assert SCRIPT not in team.get(path).text


def test_unknown_numbers_are_not_found(team: Client, plan: Plan) -> None:
    for path in (f"{address(plan)}/77", f"{address(plan)}/{'9' * 30}", "/coordinacion/planes/otro/compromisos"):
        assert team.get(path).status_code == 404
