"""Registering what came through other channels."""

from datetime import timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from consulta import clock
from consulta.contributions.counters import find_drift
from consulta.contributions.models import Channel, Contribution, ContributionState, Submission
from consulta.contributions.registration import Contributor, register_contribution, register_submission
from consulta.errors import Invalid, KeyReused, NotAllowed, NotNow
from consulta.people.actors import Actor
from consulta.people.models import InstitutionKind, Person, PersonKind, Role
from consulta.plans.models import Plan
from consulta.proposals.models import Proposal
from tests.factories.people import make_actor, make_coordinator, make_institution
from tests.factories.plans import make_plan, make_topic
from tests.services.contributions.test_writing import BODY, rows

SOMEBODY = Contributor(public_name="Asociación de vecinos", kind=PersonKind.ORGANIZATION)


def deliver(session: Session, actor: Actor, plan: Plan, **changes: object) -> Submission:
    fields: dict[str, object] = {
        "channel": Channel.EMAIL,
        "contributor": SOMEBODY,
        "received_on": clock.today(),
        "received_by_role": "Punto de contacto",
    }
    return register_submission(session, actor=actor, plan_id=plan.id, **{**fields, **changes})  # type: ignore[arg-type]


def register(session: Session, actor: Actor, plan: Plan, **changes: object) -> Contribution:
    fields: dict[str, object] = {
        "channel": Channel.EMAIL,
        "title": "",
        "body": BODY,
        "received_on": clock.today(),
        "contributor": SOMEBODY,
    }
    return register_contribution(session, actor=actor, plan_id=plan.id, **{**fields, **changes})  # type: ignore[arg-type]


def test_a_submission_brings_proposals_of_its_contributor(session: Session) -> None:
    plan, actor = make_plan(session), make_coordinator(session)
    submission = deliver(session, actor, plan)
    first = register(session, actor, plan, submission_id=submission.id, contributor=None)
    register(session, actor, plan, submission_id=submission.id, contributor=None, in_template=True)
    assert submission.folio == f"ENT-{clock.today().year}-0001"
    assert {c.person_id for c in session.scalars(sa.select(Contribution))} == {submission.person_id}
    assert first.state is ContributionState.PUBLISHED
    proposals = session.scalars(sa.select(Proposal).order_by(Proposal.id)).all()
    assert [(p.channel, p.in_template, p.topic_received_id) for p in proposals] == [
        (Channel.EMAIL, False, None),
        (Channel.EMAIL, True, None),
    ]
    assert list(find_drift(session)) == []


def test_other_channels_do_not_count_among_the_posts_of_a_topic(session: Session) -> None:
    plan = make_plan(session)
    topic = make_topic(session, plan)
    register(session, make_coordinator(session), plan, topic_id=topic.id)
    session.expire_all()
    assert topic.proposal_count == 0
    assert list(find_drift(session)) == []


def test_what_may_hold_personal_data_waits_for_moderation(session: Session) -> None:
    contribution = register(session, make_coordinator(session), make_plan(session), is_publishable=False)
    assert contribution.state is ContributionState.PENDING


def test_after_closing_it_is_late_and_says_why(session: Session) -> None:
    today = clock.today()
    plan = make_plan(session, opens_on=today - timedelta(days=30), closes_on=today - timedelta(days=9))
    actor = make_coordinator(session)
    with pytest.raises(Invalid) as refusal:
        register(session, actor, plan)
    assert [p.code for p in refusal.value.problems] == ["late_reason_missing"]
    late = register(session, actor, plan, late_reason="El correo llegó tarde por un error del servidor.")
    in_time = register(session, actor, plan, received_on=today - timedelta(days=9), late_reason="Sobra")
    assert (late.late, in_time.late, in_time.late_reason) == (True, False, None)
    assert clock.local_date(in_time.received_at) == today - timedelta(days=9)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"channel": Channel.WEB}, "channel_not_registered"),
        ({"channel": Channel.INSTITUTION}, "channel_of_institutions"),
        ({"received_on": clock.today() + timedelta(days=2)}, "date_in_future"),
        ({"contributor": Contributor(public_name="  ")}, "contributor_missing"),
        ({"contributor": Contributor(institution_id=9999)}, "institution_unknown"),
        ({"topic_id": 9999}, "topic_unknown"),
        ({"body": "corto"}, "text_too_short"),
    ],
)
def test_what_is_wrong_is_named_and_nothing_is_written(session: Session, changes: dict[str, object], code: str) -> None:
    plan, actor = make_plan(session), make_coordinator(session)
    before = rows(session)
    with pytest.raises(Invalid) as refusal:
        register(session, actor, plan, **changes)
    assert code in [p.code for p in refusal.value.problems]
    session.rollback()
    assert rows(session) == before


@pytest.mark.parametrize("role", [None, Role.MODERATOR, Role.OBSERVER, Role.ADMIN])
def test_only_the_coordinator_registers(session: Session, role: Role | None) -> None:
    plan, actor = make_plan(session), make_actor(session, *([role] if role else []))
    with pytest.raises(NotAllowed):
        deliver(session, actor, plan)
    with pytest.raises(NotAllowed):
        register(session, actor, plan)


def test_nothing_is_registered_after_results(session: Session) -> None:
    plan = make_plan(session, results_published_at=clock.now())
    with pytest.raises(NotNow):
        register(session, make_coordinator(session), plan)


def test_an_institution_is_one_contributor_however_often_it_sends(session: Session) -> None:
    plan, actor = make_plan(session), make_coordinator(session)
    society = Contributor(institution_id=make_institution(session, kind=InstitutionKind.CIVIL_SOCIETY).id)
    ministry = Contributor(institution_id=make_institution(session).id)
    for sender in (society, society, ministry):
        register(session, actor, plan, contributor=sender)
    own = register(session, actor, plan, contributor=ministry, channel=Channel.INSTITUTION)
    people = session.scalars(sa.select(Person).where(Person.institution_id.is_not(None)).order_by(Person.id)).all()
    assert [person.kind for person in people] == [PersonKind.ORGANIZATION, PersonKind.INSTITUTION]
    assert own.person_id == people[1].id


def test_the_same_form_twice_registers_once(session: Session) -> None:
    plan, actor = make_plan(session), make_coordinator(session)
    ids = {register(session, actor, plan, form_key="once").id for _ in range(2)}
    folios = {deliver(session, actor, plan, form_key="entrega").folio for _ in range(2)}
    assert (len(ids), len(folios)) == (1, 1)
    with pytest.raises(KeyReused):
        register(session, actor, plan, form_key="once", body=BODY + " Otra cosa.")
