"""What the coordinator does with a referral that was sent: until when it is awaited, and how that ends."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy.orm import Session

from consulta import clock
from consulta.errors import GuardRefused, Invalid, NotAllowed, NotInThisState, StaleVersion
from consulta.people.actors import Actor
from consulta.people.models import Role
from consulta.proposals.models import ProposalState
from consulta.referrals.following import cancel_referral, extend_referral, mark_no_answer
from consulta.referrals.models import Referral, ReferralState
from consulta.referrals.rules import is_overdue
from tests.factories.people import make_actor
from tests.factories.referrals import make_referral
from tests.services.test_dispatching import MONDAY, Scene, scene, send

__all__ = ("scene",)  # fixtures


def test_a_referral_is_late_from_midnight_in_el_salvador(session: Session, scene: Scene) -> None:
    referral = make_referral(session, scene.proposals[0], due_on=date(2026, 3, 20))
    last_second = datetime(2026, 3, 21, 5, 59, 59, tzinfo=UTC)
    for moment, late in ((last_second, False), (last_second + timedelta(seconds=1), True)):
        with clock.set_to(moment):
            assert is_overdue(referral, clock.today()) is late


def test_an_extension_is_given_once_with_a_reason(session: Session, scene: Scene) -> None:
    with clock.set_to(MONDAY):
        referral = make_referral(session, scene.proposals[0], due_on=date(2026, 3, 10))
        extend_referral(
            session,
            actor=scene.coordinator,
            referral_id=referral.id,
            version=referral.version,
            due_on=date(2026, 3, 17),
            reason="La institución pidió una semana.",
        )
        assert (referral.due_on, referral.extended_from) == (date(2026, 3, 17), date(2026, 3, 10))
        with pytest.raises(GuardRefused) as refused:
            extend_referral(
                session,
                actor=scene.coordinator,
                referral_id=referral.id,
                version=referral.version,
                due_on=date(2026, 3, 24),
                reason="Otra semana.",
            )
    assert refused.value.code == "extended_already"


@pytest.mark.parametrize(
    ("due_on", "reason", "code"),
    [
        (date(2026, 3, 17), "", "reason_missing"),
        (date(2026, 3, 10), "Motivo", "due_not_later"),
        (date(2026, 3, 2), "Motivo", "due_not_future"),
        (date(2026, 3, 14), "Motivo", "due_not_working_day"),
    ],
)
def test_an_extension_needs_a_later_working_day(
    session: Session, scene: Scene, due_on: date, reason: str, code: str
) -> None:
    referral = make_referral(session, scene.proposals[0], due_on=date(2026, 3, 10))
    with clock.set_to(MONDAY), pytest.raises(Invalid) as refused:
        extend_referral(
            session, actor=scene.coordinator, referral_id=referral.id, version=1, due_on=due_on, reason=reason
        )
    assert [problem.code for problem in refused.value.problems] == [code]


@pytest.mark.parametrize("state", [ReferralState.ANSWERED, ReferralState.NO_ANSWER, ReferralState.RETURNED])
def test_only_an_awaited_referral_is_extended(session: Session, scene: Scene, state: ReferralState) -> None:
    referral = make_referral(session, scene.proposals[0], state=state)
    with clock.set_to(MONDAY), pytest.raises(GuardRefused):
        extend_referral(
            session,
            actor=scene.coordinator,
            referral_id=referral.id,
            version=1,
            due_on=date(2026, 5, 5),
            reason="Motivo",
        )


def test_cancelling_the_only_referral_frees_the_proposal(session: Session, scene: Scene) -> None:
    dispatch = send(session, scene, institution_ids=[scene.institutions[0].id])[0]
    referral = dispatch.referrals[0]
    cancel_referral(
        session,
        actor=scene.coordinator,
        referral_id=referral.id,
        version=referral.version,
        reason="Por error.",
    )
    session.expire_all()
    assert (referral.state, referral.proposal.state) == (ReferralState.CANCELLED, ProposalState.SYSTEMATIZED)
    again = send(
        session,
        scene,
        institution_ids=[scene.institutions[0].id],
        form_key="again",
        proposal_ids=[referral.proposal_id],
    )
    assert again[0].referrals[0].proposal.state is ProposalState.FORWARDED


def test_cancelling_one_of_two_leaves_the_proposal_forwarded(session: Session, scene: Scene) -> None:
    referral = send(session, scene)[0].referrals[0]
    cancel_referral(session, actor=scene.coordinator, referral_id=referral.id, version=None, reason="Por error.")
    session.expire_all()
    assert referral.proposal.state is ProposalState.FORWARDED


def test_an_answered_referral_is_not_cancelled(session: Session, scene: Scene) -> None:
    referral = make_referral(session, scene.proposals[0], state=ReferralState.ANSWERED)
    with pytest.raises(NotInThisState):
        cancel_referral(session, actor=scene.coordinator, referral_id=referral.id, version=None, reason="Motivo")


def test_no_answer_is_marked_only_after_the_term(session: Session, scene: Scene) -> None:
    referral = make_referral(session, scene.proposals[0], due_on=date(2026, 3, 2))
    with clock.set_to(MONDAY), pytest.raises(GuardRefused) as refused:
        mark_no_answer(session, actor=scene.coordinator, referral_id=referral.id, version=None)
    assert refused.value.code == "not_past_due"
    with clock.set_to(MONDAY + timedelta(days=1)):
        mark_no_answer(session, actor=scene.coordinator, referral_id=referral.id, version=None)
    assert referral.state is ReferralState.NO_ANSWER


Act = Callable[[Session, Actor, Referral, int | None], object]
ACTS: dict[str, Act] = {
    "extend": lambda session, actor, referral, version: extend_referral(
        session,
        actor=actor,
        referral_id=referral.id,
        version=version,
        due_on=date(2100, 3, 1),
        reason="Motivo",
    ),
    "cancel": lambda session, actor, referral, version: cancel_referral(
        session, actor=actor, referral_id=referral.id, version=version, reason="Motivo"
    ),
    "no answer": lambda session, actor, referral, version: mark_no_answer(
        session, actor=actor, referral_id=referral.id, version=version
    ),
}


@pytest.mark.parametrize("name", ACTS)
def test_a_stale_form_and_other_roles_are_refused(session: Session, scene: Scene, name: str) -> None:
    referral = make_referral(session, scene.proposals[0], due_on=clock.today() - timedelta(days=1))
    liaison = make_actor(session, (Role.LIAISON, referral.institution))
    with pytest.raises(StaleVersion):
        ACTS[name](session, scene.coordinator, referral, 7)
    with pytest.raises(NotAllowed):
        ACTS[name](session, liaison, referral, 1)
    assert referral.state is ReferralState.SENT
