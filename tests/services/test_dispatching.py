"""Sending proposals to institutions: each gets one letter, once, in time and complete."""

import threading
from dataclasses import dataclass
from datetime import UTC, date, datetime

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from consulta import clock
from consulta.audit.models import AuditEntry
from consulta.cache_versions import read_versions
from consulta.database import Database
from consulta.errors import GuardRefused, Invalid, KeyReused, NotAllowed, NotFound, NotNow
from consulta.outbox.models import OutboxKind, OutboxRow
from consulta.people.actors import Actor
from consulta.people.models import Institution, InstitutionKind, Role
from consulta.plans.models import Plan, PlanState, Topic
from consulta.proposals.models import Proposal, ProposalState
from consulta.referrals.dispatching import dispatch_proposals
from consulta.referrals.models import Dispatch, Referral, ReferralState
from tests.factories.people import make_actor, make_coordinator, make_institution
from tests.factories.plans import make_holiday, make_plan, make_topic
from tests.factories.proposals import make_proposal

COVER = "Les remitimos estas propuestas para su respuesta. <script>alert('marca')</script>"
MONDAY = datetime(2026, 3, 2, 15, tzinfo=UTC)


@dataclass
class Scene:
    coordinator: Actor
    plan: Plan
    topic: Topic
    proposals: list[Proposal]
    institutions: list[Institution]


@pytest.fixture
def scene(session: Session) -> Scene:
    plan = make_plan(session)
    topic = make_topic(session, plan)
    proposals = [make_proposal(session, topic) for _ in range(3)]
    institutions = [make_institution(session) for _ in range(2)]
    return Scene(make_coordinator(session), plan, topic, proposals, institutions)


def send(session: Session, scene: Scene, **changes: object) -> list[Dispatch]:
    fields: dict[str, object] = {
        "actor": scene.coordinator,
        "plan_id": scene.plan.id,
        "proposal_ids": [proposal.id for proposal in scene.proposals],
        "institution_ids": [institution.id for institution in scene.institutions],
        "cover_text": COVER,
        "form_key": "one-form",
    }
    return dispatch_proposals(session, **{**fields, **changes})  # type: ignore[arg-type]


def count(session: Session, model: type) -> int:
    return session.scalar(sa.select(sa.func.count()).select_from(model)) or 0


def test_each_institution_gets_one_letter_with_every_proposal(session: Session, scene: Scene) -> None:
    with clock.set_to(MONDAY):
        dispatches = send(session, scene)
    assert [dispatch.folio for dispatch in dispatches] == ["REM-2026-0001", "REM-2026-0002"]
    for dispatch in dispatches:
        assert [referral.proposal_id for referral in dispatch.referrals] == [p.id for p in scene.proposals]
        assert {referral.state for referral in dispatch.referrals} == {ReferralState.SENT}
        assert {referral.sent_at for referral in dispatch.referrals} == {MONDAY}
    assert {proposal.state for proposal in scene.proposals} == {ProposalState.FORWARDED}


def test_every_step_leaves_an_entry_in_the_log(session: Session, scene: Scene) -> None:
    send(session, scene, proposal_ids=[scene.proposals[0].id], institution_ids=[scene.institutions[0].id])
    entries = session.scalars(sa.select(AuditEntry).order_by(AuditEntry.id)).all()
    assert [(entry.act, entry.from_state, entry.to_state) for entry in entries] == [
        ("dispatch.sent", None, None),
        ("referral.created", None, "pending_send"),
        ("referral.sent", "pending_send", "sent"),
        ("proposal.forwarded", "systematized", "forwarded"),
    ]
    assert {entry.role for entry in entries} == {"coordinator"}


def test_liaisons_and_authors_are_told_and_pages_become_stale(session: Session, scene: Scene) -> None:
    dispatches = send(session, scene)
    rows = session.scalars(sa.select(OutboxRow).order_by(OutboxRow.id)).all()
    mails = [(row.name, row.payload) for row in rows if row.kind is OutboxKind.MAIL]
    assert mails[:2] == [("referral_dispatched", {"dispatch_id": dispatch.id}) for dispatch in dispatches]
    assert mails[2:] == [("proposal_forwarded", {"proposal_id": proposal.id}) for proposal in scene.proposals]
    scopes = ("site", f"plan:{scene.plan.code}", f"topic:{scene.plan.code}/{scene.topic.code}")
    assert read_versions(session, scopes) == (1, 1, 1)


def test_the_term_counts_working_days_of_the_plan(session: Session, scene: Scene) -> None:
    make_holiday(session, on=date(2026, 3, 4))
    with clock.set_to(MONDAY):
        dispatches = send(session, scene)
    # Fifteen working days after Monday 2 March, without Wednesday 4.
    assert {dispatch.due_on for dispatch in dispatches} == {date(2026, 3, 24)}


@pytest.mark.parametrize(
    ("due_on", "code"),
    [
        (date(2026, 3, 2), "due_not_future"),  # today
        (date(2026, 2, 27), "due_not_future"),
        (date(2026, 3, 7), "due_not_working_day"),  # Saturday
        (date(2026, 3, 4), "due_not_working_day"),  # a holiday
    ],
)
def test_a_due_date_is_a_working_day_to_come(session: Session, scene: Scene, due_on: date, code: str) -> None:
    make_holiday(session, on=date(2026, 3, 4))
    with clock.set_to(MONDAY), pytest.raises(Invalid) as refused:
        send(session, scene, due_on=due_on)
    assert [problem.code for problem in refused.value.problems] == [code]
    assert count(session, Dispatch) == 0


def test_the_same_form_sent_twice_is_one_dispatch(session: Session, scene: Scene) -> None:
    first = send(session, scene)
    again = send(session, scene)
    assert [dispatch.id for dispatch in again] == [dispatch.id for dispatch in first]
    assert count(session, Referral) == 6
    with pytest.raises(KeyReused):
        send(session, scene, cover_text=COVER + " Otro texto.")


def test_a_proposal_is_not_at_one_institution_twice(session: Session, scene: Scene) -> None:
    first, second = scene.institutions
    send(session, scene, institution_ids=[first.id])
    with pytest.raises(GuardRefused) as refused:
        send(session, scene, institution_ids=[first.id, second.id], form_key="other-form")
    assert refused.value.code == "already_referred"
    assert scene.proposals[0].folio in refused.value.facts["pairs"]
    assert count(session, Dispatch) == 1


def test_a_forwarded_proposal_may_go_to_further_institutions(session: Session, scene: Scene) -> None:
    first, second = scene.institutions
    send(session, scene, institution_ids=[first.id])
    send(session, scene, institution_ids=[second.id], form_key="other-form")
    session.expire_all()
    assert [referral.institution_id for referral in scene.proposals[0].referrals] == [first.id, second.id]
    assert scene.proposals[0].state is ProposalState.FORWARDED


@pytest.mark.parametrize(
    "state", [s for s in ProposalState if s not in (ProposalState.SYSTEMATIZED, ProposalState.FORWARDED)]
)
def test_one_proposal_that_cannot_be_sent_stops_the_whole_dispatch(
    session: Session, scene: Scene, state: ProposalState
) -> None:
    other = make_proposal(session, scene.topic, state=state)
    with pytest.raises(GuardRefused) as refused:
        send(session, scene, proposal_ids=[scene.proposals[0].id, other.id])
    assert (refused.value.code, refused.value.facts["folios"]) == ("not_sendable", other.folio)
    session.expire_all()
    assert (count(session, Dispatch), scene.proposals[0].state) == (0, ProposalState.SYSTEMATIZED)


@pytest.mark.parametrize(
    "changes",
    [
        {"kind": InstitutionKind.CIVIL_SOCIETY},
        {"valid_to": date(2019, 6, 1)},
        {"valid_from": date(2100, 1, 1)},
    ],
)
def test_only_public_bodies_of_the_day_receive(session: Session, scene: Scene, changes: dict[str, object]) -> None:
    place = make_institution(session, **changes)
    with pytest.raises(Invalid) as refused:
        send(session, scene, institution_ids=[place.id])
    assert [problem.code for problem in refused.value.problems] == ["institution_unavailable"]


def test_a_body_that_has_ended_received_while_it_existed(session: Session, scene: Scene) -> None:
    ended = make_institution(session, valid_to=date(2026, 3, 2))
    with clock.set_to(MONDAY):
        assert len(send(session, scene, institution_ids=[ended.id])) == 1


@pytest.mark.parametrize(
    ("changes", "codes"),
    [
        ({"proposal_ids": []}, ["proposals_missing"]),
        ({"institution_ids": []}, ["institutions_missing"]),
        ({"cover_text": " \u200b "}, ["cover_missing"]),
        ({"cover_text": "Muy corto"}, ["text_too_short"]),
        ({"cover_text": "x" * 5001}, ["text_too_long"]),
        ({"proposal_ids": [], "institution_ids": []}, ["proposals_missing", "institutions_missing"]),
    ],
)
def test_an_incomplete_letter_is_refused(
    session: Session, scene: Scene, changes: dict[str, object], codes: list[str]
) -> None:
    with pytest.raises(Invalid) as refused:
        send(session, scene, **changes)
    assert [problem.code for problem in refused.value.problems] == codes


def test_proposals_of_another_plan_are_not_found(session: Session, scene: Scene) -> None:
    other = make_proposal(session, make_topic(session, make_plan(session)))
    with pytest.raises(NotFound):
        send(session, scene, proposal_ids=[scene.proposals[0].id, other.id])


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.COORDINATOR])
def test_only_the_coordinator_sends(session: Session, scene: Scene, role: Role) -> None:
    with pytest.raises(NotAllowed):
        send(session, scene, actor=make_actor(session, role))
    assert count(session, Dispatch) == 0


@pytest.mark.parametrize("state", [PlanState.PREPARATION, PlanState.IN_APPROVAL, PlanState.APPROVED])
def test_nothing_is_sent_outside_the_analysis(session: Session, state: PlanState) -> None:
    plan = make_plan(session, state=state)
    proposal = make_proposal(session, make_topic(session, plan))
    with pytest.raises(NotNow):
        dispatch_proposals(
            session,
            actor=make_coordinator(session),
            plan_id=plan.id,
            proposal_ids=[proposal.id],
            institution_ids=[make_institution(session).id],
            cover_text=COVER,
        )


def test_nothing_is_sent_after_results(session: Session, scene: Scene) -> None:
    plan = make_plan(session, state=PlanState.DRAFTING, results_published_at=clock.now())
    proposal = make_proposal(session, make_topic(session, plan))
    with pytest.raises(NotNow):
        send(session, scene, plan_id=plan.id, proposal_ids=[proposal.id])


def test_rows_of_a_file_carry_its_reference(session: Session, scene: Scene) -> None:
    dispatch = send(session, scene, institution_ids=[scene.institutions[0].id], external_ref="demo:1", form_key=None)[0]
    assert dispatch.external_ref == f"demo:1/{scene.institutions[0].code}"
    assert {referral.external_ref for referral in dispatch.referrals} == {
        f"{dispatch.external_ref}/{proposal.folio}" for proposal in scene.proposals
    }


def test_of_two_coordinators_at_once_one_sends(database: Database, session: Session, scene: Scene) -> None:
    fields = {
        "plan_id": scene.plan.id,
        "proposal_ids": [proposal.id for proposal in scene.proposals],
        "institution_ids": [scene.institutions[0].id],
    }
    barrier = threading.Barrier(2)
    outcomes: list[str] = []

    def attempt(key: str) -> None:
        with database.session() as own:
            barrier.wait()
            try:
                dispatch_proposals(own, actor=scene.coordinator, cover_text=COVER, form_key=key, **fields)
                outcomes.append("sent")
            except GuardRefused as refusal:
                outcomes.append(refusal.code)

    session.rollback()
    threads = [threading.Thread(target=attempt, args=(key,)) for key in ("first", "second")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["already_referred", "sent"]
    assert count(session, Referral) == 3
