"""How a liaison answers or gives back: looked at before it is sent, corrected, and told to nobody before results."""

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from consulta import clock
from consulta.database import writing
from consulta.people.models import Institution
from consulta.plans.models import Plan, PlanState
from consulta.proposals.models import Proposal
from consulta.referrals.models import ReferralState, Response, ResponseOutcome
from tests.clients import Client
from tests.factories.people import make_institution
from tests.factories.plans import make_plan
from tests.factories.referrals import make_response
from tests.web.institution.test_pages import WORDS, liaison, place, plan, read_again, sent, text_of

__all__ = ("liaison", "place", "plan")  # fixtures


def answer(**changes: object) -> dict[str, object]:
    fields: dict[str, object] = {
        "outcome": "include_partial",
        "reasons": ["no_budget", "no_time"],
        "reason_detail": "",
        "justification": WORDS,
        "form_key": "clave-de-prueba",
        "version": "1",
    }
    return {**fields, **changes}


def test_an_answer_is_looked_at_before_it_is_sent(
    session: Session, plan: Plan, place: Institution, liaison: Client
) -> None:
    referral = sent(session, plan, place)
    path = f"/institucion/remisiones/{referral.id}/responder"
    assert liaison.get(path).status_code == 200
    check = liaison.submit(path, **answer())
    assert check.status_code == 200
    assert "Así se verá su respuesta" in check.text
    assert "<strong>cada mes</strong>" in check.text
    assert "Sin presupuesto · No cabe en el plazo del plan" in text_of(check.text)
    assert session.scalar(sa.select(sa.func.count(Response.id))) == 0
    changed = liaison.submit(path, **answer(change="1"))
    assert changed.status_code == 200
    assert "Publicaremos los datos **cada mes**" in changed.text
    done = liaison.submit(path, **answer(confirm="1"))
    assert done.status_code == 303
    twice = liaison.submit(path, **answer(confirm="1"))
    assert twice.status_code == 303
    read_again(session)
    assert session.scalar(sa.select(sa.func.count(Response.id))) == 1
    assert "Incorporar en parte" in liaison.get(done.location).text


@pytest.mark.parametrize(
    ("changes", "field", "sentence"),
    [
        ({"justification": "Corta."}, "justification", "El texto debe tener al menos 40 caracteres. Ahora tiene 6."),
        ({"justification": ""}, "justification", "Falta la justificación pública."),
        ({"reasons": []}, "reasons-0", "Elija al menos un motivo."),
        ({"reasons": ["other"]}, "reason_detail", "Diga dónde existe o cuál es el otro motivo."),
        ({"outcome": ""}, "outcome-0", "Diga si su institución incorpora la propuesta."),
        ({"outcome": "", "justification": "Corta"}, "justification", "debe tener al menos 40 caracteres"),
        ({"outcome": "not_include", "reasons": "no_answer"}, "reasons-0", "Elija"),
        ({"outcome": "inventado"}, "outcome-0", ""),
        ({"reasons": ["inventado"]}, "reasons-0", ""),
    ],
)
@pytest.mark.parametrize("step", [{}, {"confirm": "1"}])
def test_a_bad_answer_comes_back_with_its_text(
    session: Session,
    plan: Plan,
    place: Institution,
    liaison: Client,
    changes: dict[str, object],
    field: str,
    sentence: str,
    step: dict[str, str],
) -> None:
    referral = sent(session, plan, place)
    page = liaison.submit(f"/institucion/remisiones/{referral.id}/responder", **answer(**changes, **step))
    assert page.status_code == 422
    assert f'<a href="#{field}">' in page.text
    assert sentence in page.text
    assert "<title>Error:" in page.text
    if "justification" not in changes:
        assert "Publicaremos los datos **cada mes**" in page.text
    read_again(session)
    assert referral.state is ReferralState.SENT


def test_a_stale_answer_shows_both_versions(session: Session, plan: Plan, place: Institution, liaison: Client) -> None:
    referral = sent(session, plan, place, state=ReferralState.ANSWERED)
    make_response(session, referral, justification="La otra persona de enlace ya respondió esto antes.")
    with writing(session):
        referral.version = 5
    page = liaison.submit(f"/institucion/remisiones/{referral.id}/responder", **answer(confirm="1"))
    assert page.status_code == 409
    assert "Alguien modificó este registro" in page.text
    assert "La otra persona de enlace ya respondió esto antes." in page.text
    assert "Publicaremos los datos **cada mes**" in page.text


def test_correcting_an_answer_keeps_the_old_version_in_sight(
    session: Session, plan: Plan, place: Institution, liaison: Client
) -> None:
    referral = sent(session, plan, place, state=ReferralState.ANSWERED)
    make_response(session, referral, justification="La primera respuesta, que después fue corregida.")
    path = f"/institucion/remisiones/{referral.id}"
    assert "La primera respuesta, que después fue corregida." in liaison.get(f"{path}/responder").text
    assert liaison.submit(f"{path}/responder", **answer(confirm="1")).status_code == 303
    html = liaison.get(path).text
    assert "Versión 2" in html
    assert "La primera respuesta, que después fue corregida." in html


def test_the_same_form_with_other_words_keeps_them(
    session: Session, plan: Plan, place: Institution, liaison: Client
) -> None:
    path = f"/institucion/remisiones/{sent(session, plan, place).id}/responder"
    liaison.submit(path, **answer(confirm="1"))
    page = liaison.submit(path, **answer(confirm="1", justification=WORDS + " Otro texto."))
    assert page.status_code == 409
    assert "Otro texto." in page.text


def test_a_return_names_who_may_answer(session: Session, plan: Plan, place: Institution, liaison: Client) -> None:
    referral, other = sent(session, plan, place), make_institution(session, code="COMPETE")
    path = f"/institucion/remisiones/{referral.id}/devolver"
    assert "COMPETE" in liaison.get(path).text
    bad = liaison.submit(path, reason=" ", suggested_institution="", version="1")
    assert bad.status_code == 422
    assert "Escriba el motivo." in bad.text
    done = liaison.submit(path, reason="Le toca a COMPETE.", suggested_institution=str(other.id), version="1")
    assert done.status_code == 303
    read_again(session)
    assert (referral.state, referral.suggested_institution_id) == (ReferralState.RETURNED, other.id)
    assert "Le toca a COMPETE." in liaison.get(done.location).text


def test_what_has_ended_offers_no_act(session: Session, plan: Plan, place: Institution, liaison: Client) -> None:
    referral = sent(session, plan, place, state=ReferralState.RETURNED, return_reason="No nos compete")
    path = f"/institucion/remisiones/{referral.id}"
    html = liaison.get(path).text
    assert "/responder" not in html
    assert "/devolver" not in html
    for act in ("responder", "devolver"):
        assert liaison.get(f"{path}/{act}").status_code == 303
    assert liaison.submit(f"{path}/responder", **answer(confirm="1")).status_code == 409


def test_public_results_close_the_answer(session: Session, place: Institution, liaison: Client) -> None:
    plan = make_plan(session, state=PlanState.DRAFTING, results_published_at=clock.now())
    referral = sent(session, plan, place, state=ReferralState.ANSWERED)
    make_response(session, referral)
    path = f"/institucion/remisiones/{referral.id}"
    assert "Los resultados ya son públicos" in liaison.get(path).text
    assert liaison.submit(f"{path}/responder", **answer(confirm="1")).status_code == 409


def test_fields_that_no_form_has_are_ignored(session: Session, plan: Plan, place: Institution, liaison: Client) -> None:
    referral, other = sent(session, plan, place), make_institution(session)
    path = f"/institucion/remisiones/{referral.id}/responder"
    extra = {"institution_id": other.id, "state": "cancelled", "number": 9, "answered_by_id": 1}
    liaison.submit(path, **answer(confirm="1", **extra))
    read_again(session)
    assert (referral.institution_id, referral.state) == (place.id, ReferralState.ANSWERED)
    assert referral.responses[0].number == 1


def test_posting_without_the_token_changes_nothing(
    session: Session, plan: Plan, place: Institution, liaison: Client
) -> None:
    referral = sent(session, plan, place)
    page = liaison.post(f"/institucion/remisiones/{referral.id}/responder", data=answer(confirm="1"))
    assert page.status_code in (400, 422)
    read_again(session)
    assert referral.state is ReferralState.SENT


CANARY = "canario-respuesta-9f27"


def public_paths(proposal: Proposal) -> list[str]:
    plan, topic = proposal.plan.code, proposal.topic_final.code if proposal.topic_final else ""
    return [
        "/",
        f"/planes/{plan}",
        f"/planes/{plan}/temas/{topic}",
        f"/planes/{plan}/propuestas",
        f"/propuestas/{proposal.folio}",
        f"/planes/{plan}/resultados",
        f"/planes/{plan}/compromisos",
        f"/planes/{plan}/cifras",
        f"/buscar?q={CANARY}+incorporar",
        f"/api/v1/plans/{plan}/figures",
        f"/api/v1/plans/{plan}/referrals",
        f"/api/v1/plans/{plan}/decisions",
        f"/api/v1/proposals/{proposal.folio}",
    ]


def test_no_public_page_tells_an_answer_before_results(
    session: Session, plan: Plan, place: Institution, liaison: Client, client: Client
) -> None:
    referral = sent(session, plan, place)
    path = f"/institucion/remisiones/{referral.id}/responder"
    liaison.submit(path, **answer(confirm="1", justification=f"{CANARY} " + WORDS, reason_detail=CANARY))
    read_again(session)
    assert session.scalars(sa.select(Response.outcome)).one() is ResponseOutcome.INCLUDE_PARTIAL
    opened = 0
    for public in public_paths(referral.proposal):
        page = client.get(public)
        opened += page.status_code == 200
        shown = page.text.replace(f"q={CANARY}", "").replace(f'value="{CANARY} incorporar"', "")
        assert "Publicaremos los datos" not in shown, public
        assert "Incorporar en parte" not in shown, public
        assert "Sin presupuesto" not in shown, public
        assert CANARY not in shown or public.startswith("/buscar"), public
    assert opened > 0
