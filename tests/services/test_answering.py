"""What a liaison does with a referral."""

import threading
from dataclasses import dataclass
from datetime import timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from consulta import clock
from consulta.audit.models import AuditEntry
from consulta.cache_versions import read_versions
from consulta.database import Database
from consulta.errors import GuardRefused, Invalid, KeyReused, NotAllowed, NotInThisState, NotNow, StaleVersion
from consulta.outbox.models import OutboxRow
from consulta.people.actors import Actor
from consulta.people.models import InstitutionKind, Role
from consulta.plans.models import Plan, PlanState
from consulta.proposals.models import Proposal, ProposalState
from consulta.referrals.answering import acknowledge_referral, respond_to_referral, return_referral
from consulta.referrals.models import Reason, Referral, ReferralState, Response, ResponseOutcome
from tests.factories.people import make_actor, make_coordinator, make_institution
from tests.factories.plans import make_plan, make_topic
from tests.factories.proposals import make_proposal
from tests.factories.referrals import make_referral

WORDS = "Publicaremos los datos **cada mes** desde enero. <script>alert('marca')</script>"
ANSWERABLE = (ReferralState.SENT, ReferralState.ACKNOWLEDGED, ReferralState.NO_ANSWER)


@dataclass
class Scene:
    plan: Plan
    proposal: Proposal
    referral: Referral
    liaison: Actor


@pytest.fixture
def scene(session: Session) -> Scene:
    plan = make_plan(session)
    proposal = make_proposal(session, make_topic(session, plan), state=ProposalState.FORWARDED)
    referral = make_referral(session, proposal)
    return Scene(plan, proposal, referral, make_actor(session, (Role.LIAISON, referral.institution)))


def respond(session: Session, scene: Scene, **changes: object) -> Response:
    fields: dict[str, object] = {
        "actor": scene.liaison,
        "referral_id": scene.referral.id,
        "version": None,
        "outcome": ResponseOutcome.INCLUDE_PARTIAL,
        "reasons": [Reason.NO_BUDGET],
        "justification": WORDS,
    }
    return respond_to_referral(session, **{**fields, **changes})  # type: ignore[arg-type]


def set_state(session: Session, scene: Scene, state: ReferralState) -> None:
    scene.referral = make_referral(session, make_proposal(session, scene.proposal.topic_final), state=state)
    scene.liaison = make_actor(session, (Role.LIAISON, scene.referral.institution))


def test_an_acknowledged_referral_says_when(session: Session, scene: Scene) -> None:
    acknowledge_referral(session, actor=scene.liaison, referral_id=scene.referral.id, version=1)
    assert scene.referral.state is ReferralState.ACKNOWLEDGED
    assert scene.referral.acknowledged_at is not None
    with pytest.raises(NotInThisState):
        acknowledge_referral(session, actor=scene.liaison, referral_id=scene.referral.id, version=None)


@pytest.mark.parametrize("state", ANSWERABLE)
def test_an_answer_is_kept_with_its_reasons_and_safe_markup(
    session: Session, scene: Scene, state: ReferralState
) -> None:
    set_state(session, scene, state)
    response = respond(session, scene)
    assert (response.number, response.outcome) == (1, ResponseOutcome.INCLUDE_PARTIAL)
    assert response.reasons == ["no_budget"]
    assert "<strong>cada mes</strong>" in response.justification_html
    assert "<script" not in response.justification_html
    assert scene.referral.state is ReferralState.ANSWERED
    assert scene.referral.answered_at is not None
    assert scene.referral.ended_at is None


@pytest.mark.parametrize("state", [s for s in ReferralState if s not in (*ANSWERABLE, ReferralState.ANSWERED)])
def test_what_was_not_sent_or_has_ended_is_not_answered(session: Session, scene: Scene, state: ReferralState) -> None:
    set_state(session, scene, state)
    with pytest.raises(NotInThisState):
        respond(session, scene)
    assert session.scalar(sa.select(sa.func.count(Response.id))) == 0


def test_answering_again_adds_a_version_and_keeps_the_old_one(session: Session, scene: Scene) -> None:
    respond(session, scene)
    versions_before = read_versions(session, ("site", f"plan:{scene.plan.code}"))
    second = respond(session, scene, outcome=ResponseOutcome.INCLUDE, justification=WORDS + " Corregido.")
    session.expire_all()
    assert [response.number for response in scene.referral.responses] == [1, 2]
    assert scene.referral.response == second
    assert scene.referral.responses[0].outcome is ResponseOutcome.INCLUDE_PARTIAL
    # Nothing public changed, so no page becomes stale.
    assert read_versions(session, ("site", f"plan:{scene.plan.code}")) == versions_before


def test_a_full_inclusion_has_no_reasons(session: Session, scene: Scene) -> None:
    response = respond(session, scene, outcome=ResponseOutcome.INCLUDE, reason_detail="Nada")
    assert (response.reasons, response.reason_detail) == ([], None)


@pytest.mark.parametrize(
    ("changes", "problems"),
    [
        ({"justification": ""}, [("justification", "justification_missing")]),
        ({"justification": "Muy corta."}, [("justification", "text_too_short")]),
        ({"justification": "x" * 5001}, [("justification", "text_too_long")]),
        ({"reasons": []}, [("reasons", "reasons_missing")]),
        ({"reasons": [Reason.OTHER]}, [("reason_detail", "reason_detail_missing")]),
        ({"reasons": [Reason.ALREADY_DONE], "reason_detail": " "}, [("reason_detail", "reason_detail_missing")]),
        ({"reason_detail": "x" * 1001}, [("reason_detail", "text_too_long")]),
        (
            {"justification": "", "reasons": []},
            [("justification", "justification_missing"), ("reasons", "reasons_missing")],
        ),
    ],
)
def test_an_answer_without_its_words_is_refused(
    session: Session, scene: Scene, changes: dict[str, object], problems: list[tuple[str, str]]
) -> None:
    with pytest.raises(Invalid) as refused:
        respond(session, scene, **changes)
    assert [(problem.field, problem.code) for problem in refused.value.problems] == problems
    assert scene.referral.state is ReferralState.SENT


def test_a_form_sent_twice_is_one_answer(session: Session, scene: Scene) -> None:
    first = respond(session, scene, form_key="key", version=1)
    assert respond(session, scene, form_key="key", version=1).id == first.id
    with pytest.raises(KeyReused):
        respond(session, scene, form_key="key", version=1, justification=WORDS + " Otro.")
    assert session.scalar(sa.select(sa.func.count(Response.id))) == 1


def test_another_institution_can_do_nothing(session: Session, scene: Scene) -> None:
    stranger = make_actor(session, (Role.LIAISON, make_institution(session)))
    common = {"actor": stranger, "referral_id": scene.referral.id, "version": 1}
    with pytest.raises(NotAllowed):
        acknowledge_referral(session, **common)
    with pytest.raises(NotAllowed):
        respond(session, scene, actor=stranger)
    with pytest.raises(NotAllowed):
        return_referral(session, **common, reason="No es nuestra competencia.")
    assert session.scalar(sa.select(sa.func.count(AuditEntry.id))) == 0


def test_the_coordinator_does_not_answer_for_an_institution(session: Session, scene: Scene) -> None:
    with pytest.raises(NotAllowed):
        respond(session, scene, actor=make_coordinator(session))


@pytest.mark.parametrize(
    "changes",
    [
        {"state": PlanState.IN_APPROVAL},
        {"state": PlanState.DRAFTING, "results_published_at": clock.now()},
        {"state": PlanState.APPROVED},
    ],
)
def test_nothing_is_answered_once_results_are_public(session: Session, changes: dict[str, object]) -> None:
    plan = make_plan(session, **changes)
    referral = make_referral(session, make_proposal(session, make_topic(session, plan)))
    liaison = make_actor(session, (Role.LIAISON, referral.institution))
    with pytest.raises(NotNow):
        respond_to_referral(
            session,
            actor=liaison,
            referral_id=referral.id,
            version=1,
            outcome=ResponseOutcome.INCLUDE,
            justification=WORDS,
        )


def test_no_mail_and_no_search_entry_tells_of_an_answer(session: Session, scene: Scene) -> None:
    respond(session, scene)
    assert session.scalar(sa.select(sa.func.count(OutboxRow.id))) == 0


def test_a_return_frees_the_proposal_and_tells_the_coordinator(session: Session, scene: Scene) -> None:
    suggested = make_institution(session)
    return_referral(
        session,
        actor=scene.liaison,
        referral_id=scene.referral.id,
        version=1,
        reason="Le corresponde a otra institución.",
        suggested_institution_id=suggested.id,
    )
    session.expire_all()
    assert scene.referral.state is ReferralState.RETURNED
    assert scene.referral.suggested_institution == suggested
    assert scene.proposal.state is ProposalState.SYSTEMATIZED
    payloads = {row.name: row.payload for row in session.scalars(sa.select(OutboxRow))}
    assert payloads["referral_returned"] == {"referral_id": scene.referral.id}


@pytest.mark.parametrize("other", [ReferralState.SENT, ReferralState.ANSWERED, ReferralState.NO_ANSWER])
def test_a_return_leaves_the_proposal_where_others_still_have_it(
    session: Session, scene: Scene, other: ReferralState
) -> None:
    make_referral(session, scene.proposal, state=other)
    return_referral(session, actor=scene.liaison, referral_id=scene.referral.id, version=1, reason="No nos compete.")
    assert scene.proposal.state is ProposalState.FORWARDED


@pytest.mark.parametrize("ended", [ReferralState.RETURNED, ReferralState.CANCELLED])
def test_the_last_return_frees_the_proposal(session: Session, scene: Scene, ended: ReferralState) -> None:
    make_referral(session, scene.proposal, state=ended)
    return_referral(session, actor=scene.liaison, referral_id=scene.referral.id, version=1, reason="No nos compete.")
    assert scene.proposal.state is ProposalState.SYSTEMATIZED


def test_a_return_needs_a_reason_and_a_real_suggestion(session: Session, scene: Scene) -> None:
    common = {"actor": scene.liaison, "referral_id": scene.referral.id, "version": 1}
    society = make_institution(session, kind=InstitutionKind.CIVIL_SOCIETY)
    ended = make_institution(session, valid_to=clock.today() - timedelta(days=1))
    cases = [
        ({"reason": " "}, "reason_missing"),
        ({"reason": "x" * 1001}, "text_too_long"),
        ({"reason": "Motivo", "suggested_institution_id": society.id}, "institution_unavailable"),
        ({"reason": "Motivo", "suggested_institution_id": ended.id}, "institution_unavailable"),
        ({"reason": "Motivo", "suggested_institution_id": 999_999}, "institution_unavailable"),
        ({"reason": "Motivo", "suggested_institution_id": scene.referral.institution_id}, "suggested_itself"),
    ]
    for changes, code in cases:
        with pytest.raises(Invalid) as refused:
            return_referral(session, **common, **changes)
        assert [problem.code for problem in refused.value.problems] == [code]


def test_an_answered_referral_is_not_returned(session: Session, scene: Scene) -> None:
    respond(session, scene)
    with pytest.raises(NotInThisState):
        return_referral(session, actor=scene.liaison, referral_id=scene.referral.id, version=None, reason="Motivo")


def test_of_two_liaisons_at_once_one_answers(database: Database, session: Session, scene: Scene) -> None:
    referral_id, version = scene.referral.id, scene.referral.version
    second = make_actor(session, (Role.LIAISON, scene.referral.institution))
    session.rollback()
    barrier = threading.Barrier(2)
    outcomes: list[str] = []

    def attempt(actor: Actor, words: str) -> None:
        with database.session() as own:
            barrier.wait()
            try:
                respond_to_referral(
                    own,
                    actor=actor,
                    referral_id=referral_id,
                    version=version,
                    outcome=ResponseOutcome.INCLUDE,
                    justification=words,
                )
                outcomes.append("answered")
            except StaleVersion:
                outcomes.append("stale")

    threads = [threading.Thread(target=attempt, args=pair) for pair in ((scene.liaison, WORDS), (second, WORDS + "2"))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["answered", "stale"]
    assert session.scalar(sa.select(sa.func.count(Response.id))) == 1


def test_a_failure_leaves_nothing_half_done(session: Session, scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("the disk is full")

    monkeypatch.setattr("consulta.changes.raise_versions", fail)
    with pytest.raises(RuntimeError):
        return_referral(session, actor=scene.liaison, referral_id=scene.referral.id, version=1, reason="Motivo")
    session.expire_all()
    assert (scene.referral.state, scene.proposal.state) == (ReferralState.SENT, ProposalState.FORWARDED)
    assert session.scalar(sa.select(sa.func.count(AuditEntry.id))) == 0


def test_results_close_the_answer_even_where_the_plan_still_admits_it(session: Session, scene: Scene) -> None:
    make_referral(session, scene.proposal, state=ReferralState.NO_ANSWER)
    plan = make_plan(session, results_published_at=clock.now())
    referral = make_referral(session, make_proposal(session, make_topic(session, plan)))
    liaison = make_actor(session, (Role.LIAISON, referral.institution))
    with pytest.raises((NotNow, GuardRefused)):
        return_referral(session, actor=liaison, referral_id=referral.id, version=1, reason="Motivo")
