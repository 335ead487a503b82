"""Managing a plan: nothing half done, old dates kept, and the right people only."""

import hashlib
from datetime import date, timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from consulta import clock
from consulta.audit.models import AuditEntry
from consulta.cache_versions import frame_scope, read_versions
from consulta.commitments.models import CommitmentState
from consulta.contributions.models import ContributionState
from consulta.errors import GuardRefused, Invalid, NotAllowed, NotInThisState, StaleVersion
from consulta.people.models import InstitutionKind, Role
from consulta.plans.calendar import PhasePlan, add_phase, edit_phase, record_phase, remove_phase
from consulta.plans.documents import add_document, withdraw_document
from consulta.plans.files import UploadedFile
from consulta.plans.models import Document, DocumentKind, PhaseKind, Plan, PlanState, Topic, TopicCompetence, TopicState
from consulta.plans.services import PlanText, approve_plan, create_plan, edit_plan, move_plan
from consulta.plans.topics import (
    TopicText,
    create_topic,
    delete_topic,
    edit_topic,
    move_topic,
    place_topic,
    set_competences,
)
from consulta.plans.window import close_window, extend_window, set_window
from tests.factories import SCRIPT
from tests.factories.commitments import make_commitment
from tests.factories.contributions import make_contribution
from tests.factories.decisions import make_decision
from tests.factories.people import actor_of, make_actor, make_coordinator, make_institution, make_person
from tests.factories.plans import make_phase, make_plan, make_topic
from tests.factories.proposals import make_proposal

PDF = UploadedFile("plan firmado.pdf", b"%PDF-1.7 signed")
TODAY = clock.today()


def text_for(session: Session, **changes: object) -> PlanText:
    fields = {
        "title": "Plan de prueba",
        "objective": "Probar",
        "period_start_on": TODAY,
        "period_end_on": TODAY + timedelta(days=700),
        "coordinator_institution_id": make_institution(session).id,
    }
    return PlanText(**{**fields, **changes})  # type: ignore[arg-type]


def test_a_form_sent_twice_makes_one_plan(session: Session) -> None:
    actor, text = make_coordinator(session), text_for(session)
    made = [create_plan(session, actor=actor, code="prueba", text=text, form_key="k" * 20).id for _ in range(2)]
    assert made[0] == made[1]
    assert session.scalar(sa.select(sa.func.count()).select_from(Plan)) == 1


def test_a_code_is_given_once_and_has_a_shape(session: Session) -> None:
    actor, text = make_coordinator(session), text_for(session)
    create_plan(session, actor=actor, code="prueba", text=text)
    for code, problem in (("prueba", "code_taken"), ("Con Espacio", "code_shape"), ("", "missing")):
        with pytest.raises(Invalid) as refusal:
            create_plan(session, actor=actor, code=code, text=text)
        assert [p.code for p in refusal.value.problems] == [problem]


def test_of_two_edits_the_second_is_told(session: Session) -> None:
    plan, actor = make_plan(session), make_coordinator(session)
    text, seen = text_for(session), plan.version
    edit_plan(session, actor=actor, plan_id=plan.id, version=seen, text=text)
    with pytest.raises(StaleVersion):
        edit_plan(session, actor=actor, plan_id=plan.id, version=seen, text=text_for(session, title="Otro"))
    session.rollback()
    assert session.get_one(Plan, plan.id).title == "Plan de prueba"


@pytest.mark.parametrize("role", [Role.MODERATOR, Role.OBSERVER, Role.APPROVER, Role.LIAISON, Role.ADMIN])
def test_only_a_coordinator_manages_a_plan(session: Session, role: Role) -> None:
    plan, actor = make_plan(session), make_actor(session, role)
    with pytest.raises(NotAllowed):
        close_window(session, actor=actor, plan_id=plan.id, version=None, reason="Porque sí")
    assert session.get_one(Plan, plan.id).window_closed_at is None


def test_extending_keeps_the_old_date_and_refreshes_the_frame(session: Session) -> None:
    plan, actor = make_plan(session), make_coordinator(session)
    old, before = plan.closes_on, read_versions(session, (frame_scope(plan.code),))
    assert old is not None
    new = old + timedelta(days=1)
    extend_window(session, actor=actor, plan_id=plan.id, version=plan.version, closes_on=new, reason="Hubo feriado")
    row = plan.extensions[0]
    assert (row.old_closes_on, row.new_closes_on, row.reason) == (old, new, "Hubo feriado")
    assert read_versions(session, (frame_scope(plan.code),)) == (before[0] + 1,)


def test_closing_now_and_extending_opens_again(session: Session) -> None:
    plan, actor = make_plan(session), make_coordinator(session)
    assert plan.closes_on is not None
    close_window(session, actor=actor, plan_id=plan.id, version=None, reason="Se acordó con el foro")
    with pytest.raises(GuardRefused):
        close_window(session, actor=actor, plan_id=plan.id, version=None, reason="Otra vez")
    extend_window(session, actor=actor, plan_id=plan.id, version=None, closes_on=plan.closes_on, reason="Fue un error")
    assert session.get_one(Plan, plan.id).window_closed_at is None


def test_dates_are_set_only_in_preparation(session: Session) -> None:
    plan, actor = make_plan(session), make_coordinator(session)
    with pytest.raises(GuardRefused) as refusal:
        set_window(session, actor=actor, plan_id=plan.id, version=None, opens_on=TODAY, closes_on=TODAY)
    assert refusal.value.code == "only_in_preparation"
    other = make_plan(session, state=PlanState.PREPARATION, opens_on=None, closes_on=None)
    with pytest.raises(Invalid):
        set_window(
            session,
            actor=actor,
            plan_id=other.id,
            version=None,
            opens_on=TODAY,
            closes_on=TODAY - timedelta(days=1),
        )
    set_window(session, actor=actor, plan_id=other.id, version=None, opens_on=TODAY, closes_on=TODAY)
    assert session.get_one(Plan, other.id).closes_on == TODAY


def test_a_plan_advances_by_its_table_and_steps_back_with_a_reason(session: Session) -> None:
    plan, actor = make_plan(session, state=PlanState.PREPARATION), make_coordinator(session)
    with pytest.raises(GuardRefused) as refusal:
        move_plan(session, actor=actor, plan_id=plan.id, version=None, to=PlanState.OPEN)
    assert refusal.value.code == "no_published_topic"
    make_topic(session, plan)
    move_plan(session, actor=actor, plan_id=plan.id, version=None, to=PlanState.OPEN)
    with pytest.raises(NotInThisState):
        move_plan(session, actor=actor, plan_id=plan.id, version=None, to=PlanState.DRAFTING)
    with pytest.raises(Invalid):
        move_plan(session, actor=actor, plan_id=plan.id, version=None, to=PlanState.PREPARATION)
    move_plan(session, actor=actor, plan_id=plan.id, version=None, to=PlanState.PREPARATION, reason="Faltó un tema")
    entry = session.scalars(sa.select(AuditEntry).order_by(AuditEntry.id.desc())).first()
    assert entry is not None
    assert (entry.from_state, entry.to_state, entry.reason) == ("open", "preparation", "Faltó un tema")


def test_a_pending_contribution_holds_the_analysis_back(session: Session) -> None:
    plan, actor = make_plan(session, state=PlanState.SYSTEMATIZATION), make_coordinator(session)
    make_contribution(session, make_topic(session, plan), state=ContributionState.OBSERVED)
    with pytest.raises(GuardRefused) as refusal:
        move_plan(session, actor=actor, plan_id=plan.id, version=None, to=PlanState.INSTITUTIONAL_ANALYSIS)
    assert refusal.value.code == "unmoderated_left"
    assert refusal.value.facts["unmoderated_count"] == 1


def test_approving_approves_the_validated_commitments_with_the_plan(session: Session) -> None:
    plan = make_plan(session, state=PlanState.IN_APPROVAL)
    validated = make_commitment(session, plan, state=CommitmentState.VALIDATED)
    dropped = make_commitment(session, plan, state=CommitmentState.DROPPED)
    actor = make_actor(session, Role.APPROVER)
    approve_plan(session, actor=actor, plan_id=plan.id, version=plan.version, approved_on=TODAY, document=PDF)
    session.rollback()
    session.expire_all()
    assert (plan.state, validated.state, dropped.state) == (
        PlanState.APPROVED,
        CommitmentState.APPROVED,
        CommitmentState.DROPPED,
    )
    document = session.get_one(Document, plan.approval_document_id)
    assert document.sha256 == hashlib.sha256(PDF.content).hexdigest()


def test_who_decided_does_not_approve(session: Session) -> None:
    plan = make_plan(session, state=PlanState.IN_APPROVAL)
    person = make_person(session)
    make_decision(session, make_proposal(session, make_topic(session, plan)), decided_by_id=person.id)
    actor = actor_of(person, Role.APPROVER)
    with pytest.raises(GuardRefused) as refusal:
        approve_plan(session, actor=actor, plan_id=plan.id, version=None, approved_on=TODAY, document=PDF)
    assert refusal.value.code == "approver_decided"
    assert session.scalar(sa.select(sa.func.count()).select_from(Document)) == 0


def test_a_coordinator_does_not_approve(session: Session) -> None:
    plan = make_plan(session, state=PlanState.IN_APPROVAL)
    with pytest.raises(NotAllowed):
        approve_plan(
            session, actor=make_coordinator(session), plan_id=plan.id, version=None, approved_on=TODAY, document=PDF
        )


def test_the_calendar_keeps_plan_and_fact_apart(session: Session) -> None:
    plan, actor = make_plan(session, state=PlanState.PREPARATION), make_coordinator(session)
    planned = PhasePlan(PhaseKind.CONSULTATION, "Consulta", date(2018, 6, 16), date(2018, 7, 15))
    phase = add_phase(session, actor=actor, plan_id=plan.id, planned=planned)
    move_to_open(session, plan)
    with pytest.raises(GuardRefused):
        edit_phase(session, actor=actor, phase_id=phase.id, version=None, planned=planned)
    with pytest.raises(GuardRefused):
        remove_phase(session, actor=actor, phase_id=phase.id, version=None)
    first, last = date(2018, 6, 18), date(2018, 7, 16)
    record_phase(session, actor=actor, phase_id=phase.id, version=None, actual_start_on=first, actual_end_on=last)
    assert (phase.planned_start_on, phase.actual_start_on, phase.actual_end_on) == (date(2018, 6, 16), first, last)


def move_to_open(session: Session, plan: Plan) -> None:
    make_topic(session, plan)
    move_plan(session, actor=make_coordinator(session), plan_id=plan.id, version=None, to=PlanState.OPEN)


def test_what_happened_is_not_in_the_future(session: Session) -> None:
    phase, actor = make_phase(session, make_plan(session)), make_coordinator(session)
    late = clock.today() + timedelta(days=1)
    with pytest.raises(Invalid):
        record_phase(session, actor=actor, phase_id=phase.id, version=None, actual_start_on=late, actual_end_on=None)
    with pytest.raises(Invalid):
        record_phase(session, actor=actor, phase_id=phase.id, version=None, actual_start_on=None, actual_end_on=TODAY)


def test_a_topic_goes_from_draft_to_published_with_its_introduction(session: Session) -> None:
    plan, actor = make_plan(session), make_coordinator(session)
    topic = create_topic(session, actor=actor, plan_id=plan.id, text=TopicText("Obra pública", "En una línea", ""))
    assert (topic.code, topic.state) == ("obra-publica", TopicState.DRAFT)
    with pytest.raises(GuardRefused) as refusal:
        move_topic(session, actor=actor, topic_id=topic.id, version=None, to=TopicState.PUBLISHED)
    assert refusal.value.code == "intro_missing"
    written = TopicText("Obra pública", "En una línea", f"Se pregunta **esto**. {SCRIPT}")
    edit_topic(session, actor=actor, topic_id=topic.id, version=topic.version, text=written)
    move_topic(session, actor=actor, topic_id=topic.id, version=topic.version, to=TopicState.PUBLISHED)
    assert "<strong>esto</strong>" in topic.intro_html
    assert "<script" not in topic.intro_html
    with pytest.raises(Invalid):
        edit_topic(session, actor=actor, topic_id=topic.id, version=None, text=TopicText("Obra", "Una línea", ""))


def test_a_topic_that_is_used_is_neither_deleted_nor_drafted(session: Session) -> None:
    topic, actor = make_topic(session, make_plan(session)), make_coordinator(session)
    make_proposal(session, topic)
    with pytest.raises(GuardRefused):
        delete_topic(session, actor=actor, topic_id=topic.id, version=None)
    with pytest.raises(GuardRefused):
        move_topic(session, actor=actor, topic_id=topic.id, version=None, to=TopicState.DRAFT)
    empty = make_topic(session, topic.plan)
    delete_topic(session, actor=actor, topic_id=empty.id, version=None)
    assert session.scalars(sa.select(Topic.id)).all() == [topic.id]


def test_topics_change_places(session: Session) -> None:
    plan, actor = make_plan(session), make_coordinator(session)
    first, second = make_topic(session, plan), make_topic(session, plan)
    place_topic(session, actor=actor, topic_id=second.id, earlier=True)
    place_topic(session, actor=actor, topic_id=second.id, earlier=True)  # already first
    session.expire_all()
    assert (second.position, first.position) == (1, 2)


def test_competences_are_of_public_bodies_only(session: Session) -> None:
    plan, actor = make_plan(session), make_coordinator(session)
    body = make_institution(session)
    from_society = make_institution(session, kind=InstitutionKind.CIVIL_SOCIETY)
    set_competences(session, actor=actor, plan_id=plan.id, topic_code="salud", institution_ids=[body.id])
    with pytest.raises(Invalid):
        set_competences(session, actor=actor, plan_id=plan.id, topic_code="salud", institution_ids=[from_society.id])
    assert session.scalars(sa.select(TopicCompetence.institution_id)).all() == [body.id]
    set_competences(session, actor=actor, plan_id=plan.id, topic_code="salud", institution_ids=[])
    assert session.scalars(sa.select(TopicCompetence.institution_id)).all() == []


def test_a_withdrawn_document_keeps_its_row(session: Session) -> None:
    plan, actor = make_plan(session), make_coordinator(session)
    upload = UploadedFile("../metodo.pdf", b"%PDF-1.4")
    fields = {"title": "Método", "kind": DocumentKind.METHOD, "issued_on": TODAY, "edition": "1"}
    document = add_document(session, actor=actor, plan_id=plan.id, upload=upload, **fields)  # type: ignore[arg-type]
    assert document.file_name == "metodo.pdf"
    withdraw_document(session, actor=actor, document_id=document.id, reason="Se publicó otra versión")
    session.expire_all()
    assert document.withdrawn_at is not None
    assert document.content == b"%PDF-1.4"
    with pytest.raises(GuardRefused):
        withdraw_document(session, actor=actor, document_id=document.id, reason="Otra vez")
