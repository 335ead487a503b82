"""Deciding proposals, and reopening decisions."""

import threading
from dataclasses import dataclass

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from consulta import clock
from consulta.audit.models import AuditEntry
from consulta.cache_versions import read_versions
from consulta.database import Database
from consulta.decisions.models import Decision, Outcome
from consulta.decisions.services import decide_proposal, reopen_decision
from consulta.errors import GuardRefused, Invalid, KeyReused, NotAllowed, NotInThisState, NotNow, StaleVersion
from consulta.outbox.models import OutboxRow
from consulta.people.actors import Actor
from consulta.people.models import Role
from consulta.plans.models import Plan, PlanState, Topic
from consulta.proposals.models import Proposal, ProposalState
from consulta.referrals.models import Reason, Referral, ReferralState, ResponseOutcome
from tests.factories.people import make_actor, make_coordinator, make_institution
from tests.factories.plans import make_plan, make_topic
from tests.factories.proposals import make_proposal
from tests.factories.referrals import make_referral, make_response

WORDS = "La propuesta entra al plan porque hay presupuesto y equipo. <script>alert('marca')</script>"


@dataclass
class Scene:
    coordinator: Actor
    plan: Plan
    topic: Topic
    proposal: Proposal


@pytest.fixture
def scene(session: Session) -> Scene:
    plan = make_plan(session)
    topic = make_topic(session, plan)
    proposal = make_proposal(session, topic, state=ProposalState.FORWARDED)
    return Scene(make_coordinator(session), plan, topic, proposal)


def answered(session: Session, proposal: Proposal, outcome: ResponseOutcome, code: str) -> Referral:
    referral = make_referral(session, proposal, make_institution(session, code=code), state=ReferralState.ANSWERED)
    make_response(session, referral, outcome=outcome)
    return referral


def decide(session: Session, scene: Scene, **changes: object) -> Decision:
    fields: dict[str, object] = {
        "actor": scene.coordinator,
        "proposal_id": scene.proposal.id,
        "version": None,
        "outcome": Outcome.INCLUDED,
        "justification": WORDS,
    }
    return decide_proposal(session, **{**fields, **changes})  # type: ignore[arg-type]


def test_an_answered_proposal_is_decided(session: Session, scene: Scene) -> None:
    answered(session, scene.proposal, ResponseOutcome.INCLUDE, "MH")
    decision = decide(session, scene, reasons=[Reason.OTHER], reason_detail="No aplica")
    assert (decision.number, decision.outcome, decision.reasons) == (1, Outcome.INCLUDED, [])
    assert decision.decided_by_id == scene.coordinator.person_id
    assert "<script" not in decision.justification_html
    assert scene.proposal.state is ProposalState.DECIDED


@pytest.mark.parametrize("state", [ReferralState.PENDING_SEND, ReferralState.SENT, ReferralState.ACKNOWLEDGED])
def test_an_awaited_answer_holds_the_decision(session: Session, scene: Scene, state: ReferralState) -> None:
    answered(session, scene.proposal, ResponseOutcome.INCLUDE, "MH")
    make_referral(session, scene.proposal, state=state)
    with pytest.raises(GuardRefused) as refused:
        decide(session, scene)
    assert refused.value.code == "referrals_pending"
    assert session.scalar(sa.select(sa.func.count(Decision.id))) == 0


@pytest.mark.parametrize("state", [ReferralState.NO_ANSWER, ReferralState.RETURNED, ReferralState.CANCELLED])
def test_what_nobody_will_answer_does_not_hold_it(session: Session, scene: Scene, state: ReferralState) -> None:
    make_referral(session, scene.proposal, state=ReferralState.NO_ANSWER)
    make_referral(session, scene.proposal, state=state)
    assert decide(session, scene, outcome=Outcome.NOT_INCLUDED, reasons=[Reason.NO_ANSWER]).number == 1


def test_a_decision_shows_nowhere_and_tells_nobody(session: Session, scene: Scene) -> None:
    make_referral(session, scene.proposal, state=ReferralState.NO_ANSWER)
    scopes = ("site", f"plan:{scene.plan.code}", f"topic:{scene.plan.code}/{scene.topic.code}", "search")
    before = read_versions(session, scopes)
    decide(session, scene)
    reopen_decision(session, actor=scene.coordinator, proposal_id=scene.proposal.id, version=None, reason="Un error.")
    assert read_versions(session, scopes) == before
    assert session.scalar(sa.select(sa.func.count(OutboxRow.id))) == 0


def test_differing_answers_must_be_named(session: Session, scene: Scene) -> None:
    answered(session, scene.proposal, ResponseOutcome.INCLUDE, "MAG")
    answered(session, scene.proposal, ResponseOutcome.NOT_INCLUDE, "MARN")
    choice = {"outcome": Outcome.PARTIALLY_INCLUDED, "reasons": [Reason.NO_BUDGET]}
    with pytest.raises(Invalid) as refused:
        # «imagen» holds the letters of MAG, which is not naming it.
        decide(session, scene, **choice, justification="MARN pidió mejorar la imagen del sitio y publicar sus datos.")
    assert dict(refused.value.problems[0].facts) == {"institutions": "MAG"}
    assert scene.proposal.state is ProposalState.FORWARDED
    decide(session, scene, **choice, justification="El MAG la acepta y MARN no tiene presupuesto este año.")
    assert scene.proposal.state is ProposalState.DECIDED


@pytest.mark.parametrize(
    ("outcome", "reasons", "allowed"),
    [
        (Outcome.NOT_INCLUDED, [Reason.OUT_OF_SCOPE], True),
        (Outcome.NOT_INCLUDED, [Reason.NO_COMPETENT_INSTITUTION], True),
        (Outcome.NOT_INCLUDED, [Reason.OUT_OF_SCOPE, Reason.NO_BUDGET], False),
        (Outcome.NOT_INCLUDED, [Reason.NO_BUDGET], False),
        (Outcome.PARTIALLY_INCLUDED, [Reason.OUT_OF_SCOPE], False),
        (Outcome.INCLUDED, [], False),
    ],
)
def test_without_an_institution_it_is_only_left_out(
    session: Session, scene: Scene, outcome: Outcome, reasons: list[Reason], allowed: bool
) -> None:
    scene.proposal = make_proposal(session, scene.topic)
    if allowed:
        assert decide(session, scene, outcome=outcome, reasons=reasons).outcome is outcome
        return
    with pytest.raises(GuardRefused) as refused:
        decide(session, scene, outcome=outcome, reasons=reasons)
    assert refused.value.code == "needs_institution"


@pytest.mark.parametrize(
    ("changes", "problems"),
    [
        ({"justification": "Corta."}, [("justification", "text_too_short")]),
        ({"justification": "\u202e"}, [("justification", "justification_missing")]),
        ({"outcome": Outcome.NOT_INCLUDED}, [("reasons", "reasons_missing")]),
        (
            {"outcome": Outcome.NOT_INCLUDED, "reasons": [Reason.ALREADY_DONE]},
            [("reason_detail", "reason_detail_missing")],
        ),
    ],
)
def test_a_decision_without_its_words_is_refused(
    session: Session, scene: Scene, changes: dict[str, object], problems: list[tuple[str, str]]
) -> None:
    with pytest.raises(Invalid) as refused:
        decide(session, scene, **changes)
    assert [(problem.field, problem.code) for problem in refused.value.problems] == problems


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.COORDINATOR])
def test_only_the_coordinator_decides(session: Session, scene: Scene, role: Role) -> None:
    actor = make_actor(session, role)
    with pytest.raises(NotAllowed):
        decide(session, scene, actor=actor)
    with pytest.raises(NotAllowed):
        reopen_decision(session, actor=actor, proposal_id=scene.proposal.id, version=None, reason="Motivo")
    assert session.scalar(sa.select(sa.func.count(AuditEntry.id))) == 0


@pytest.mark.parametrize(
    "changes", [{"state": PlanState.IN_APPROVAL}, {"state": PlanState.DRAFTING, "results_published_at": clock.now()}]
)
def test_nothing_is_decided_once_results_are_public(session: Session, scene: Scene, changes: dict[str, object]) -> None:
    scene.plan = make_plan(session, **changes)
    scene.proposal = make_proposal(session, make_topic(session, scene.plan), state=ProposalState.FORWARDED)
    with pytest.raises(NotNow):
        decide(session, scene)


def test_a_published_decision_is_not_reopened(session: Session, scene: Scene) -> None:
    plan = make_plan(session, state=PlanState.DRAFTING, results_published_at=clock.now())
    proposal = make_proposal(session, make_topic(session, plan), state=ProposalState.DECIDED)
    with pytest.raises(GuardRefused) as refused:
        reopen_decision(session, actor=scene.coordinator, proposal_id=proposal.id, version=None, reason="Motivo")
    assert refused.value.code == "results_are_public"


def test_reopening_keeps_the_old_decision(session: Session, scene: Scene) -> None:
    answered(session, scene.proposal, ResponseOutcome.INCLUDE, "MH")
    first = decide(session, scene)
    reopen_decision(
        session, actor=scene.coordinator, proposal_id=scene.proposal.id, version=None, reason="Llegó otra respuesta."
    )
    assert scene.proposal.state is ProposalState.FORWARDED
    second = decide(session, scene, outcome=Outcome.PARTIALLY_INCLUDED, reasons=[Reason.NO_TIME])
    session.expire_all()
    assert [decision.number for decision in scene.proposal.decisions] == [1, 2]
    assert first.superseded_at is not None
    assert second.superseded_at is None
    reopened = session.scalars(sa.select(AuditEntry).where(AuditEntry.act == "proposal.reopened")).one()
    assert reopened.reason == "Llegó otra respuesta."


def test_what_no_institution_has_reopens_as_systematized(session: Session, scene: Scene) -> None:
    scene.proposal = make_proposal(session, scene.topic)
    make_referral(session, scene.proposal, state=ReferralState.RETURNED)
    decide(session, scene, outcome=Outcome.NOT_INCLUDED, reasons=[Reason.OUT_OF_SCOPE])
    reopen_decision(session, actor=scene.coordinator, proposal_id=scene.proposal.id, version=None, reason="Un error.")
    assert scene.proposal.state is ProposalState.SYSTEMATIZED


def test_reopening_needs_a_decision_and_a_reason(session: Session, scene: Scene) -> None:
    common = {"actor": scene.coordinator, "proposal_id": scene.proposal.id, "version": None}
    with pytest.raises(Invalid):
        reopen_decision(session, **common, reason="  ")
    with pytest.raises(NotInThisState):
        reopen_decision(session, **common, reason="Motivo")


def test_a_form_sent_twice_is_one_decision(session: Session, scene: Scene) -> None:
    make_referral(session, scene.proposal, state=ReferralState.NO_ANSWER)
    first = decide(session, scene, form_key="key", version=1)
    assert decide(session, scene, form_key="key", version=1).id == first.id
    with pytest.raises(KeyReused):
        decide(session, scene, form_key="key", version=1, justification=WORDS + " Otro.")


def test_of_two_coordinators_at_once_one_decides(database: Database, session: Session, scene: Scene) -> None:
    proposal_id, version = scene.proposal.id, scene.proposal.version
    actors = [scene.coordinator, make_coordinator(session)]
    session.rollback()
    barrier = threading.Barrier(2)
    outcomes: list[str] = []

    def attempt(actor: Actor) -> None:
        with database.session() as own:
            barrier.wait()
            try:
                decide_proposal(
                    own,
                    actor=actor,
                    proposal_id=proposal_id,
                    version=version,
                    outcome=Outcome.INCLUDED,
                    justification=WORDS,
                )
                outcomes.append("decided")
            except StaleVersion:
                outcomes.append("stale")

    threads = [threading.Thread(target=attempt, args=(actor,)) for actor in actors]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["decided", "stale"]
    assert session.scalar(sa.select(sa.func.count(Decision.id))) == 1
