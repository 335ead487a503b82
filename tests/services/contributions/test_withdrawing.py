"""Withdrawing and completing: who may, and until when."""

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from consulta.contributions.branches import overview
from consulta.contributions.counters import find_drift
from consulta.contributions.models import Contribution, ContributionState
from consulta.contributions.moderation import moderate, publish_contribution
from consulta.contributions.rules import is_in_thread
from consulta.contributions.services import complete, reply, withdraw
from consulta.contributions.threads import Order, first_replies, topic_page
from consulta.database import Base, writing
from consulta.errors import GuardRefused, Invalid, NotAllowed, NotInThisState, WindowClosed
from consulta.moderation.models import Act
from consulta.moderation.undoing import undo_acts
from consulta.people.models import Role
from consulta.plans.models import Plan
from consulta.proposals.models import Proposal, ProposalSource, ProposalState
from tests.factories import store
from tests.factories.contributions import make_contribution
from tests.factories.people import make_actor, make_coordinator
from tests.factories.plans import make_plan, make_topic, make_trusting_topic
from tests.factories.proposals import make_proposal
from tests.services.contributions.test_writing import BODY, rows, submit


def test_withdrawing_takes_the_proposal_along(session: Session) -> None:
    topic = make_trusting_topic(session, make_plan(session))
    actor = make_actor(session)
    contribution = submit(session, actor, topic)
    withdraw(session, actor=actor, contribution_id=contribution.id)
    session.expire_all()
    assert contribution.state is ContributionState.WITHDRAWN
    assert session.scalars(sa.select(Proposal)).one().state is ProposalState.WITHDRAWN
    assert (topic.proposal_count, topic.last_activity_at) == (0, None)
    assert list(find_drift(session)) == []


def test_what_is_in_process_is_not_withdrawn(session: Session) -> None:
    topic, actor = make_topic(session, make_plan(session)), make_actor(session)
    contribution = make_contribution(session, topic)
    make_proposal(session, source=contribution, state=ProposalState.SYSTEMATIZED)
    with writing(session):
        contribution.person_id = actor.person_id or 0
    with pytest.raises(GuardRefused):
        withdraw(session, actor=actor, contribution_id=contribution.id)
    session.expire_all()
    assert contribution.state is ContributionState.PUBLISHED


def test_a_proposal_with_others_merged_into_it_is_not_withdrawn(session: Session) -> None:
    topic, actor = make_topic(session, make_plan(session)), make_actor(session)
    contribution = make_contribution(session, topic)
    main = make_proposal(session, source=contribution, state=ProposalState.RECEIVED)
    make_proposal(session, topic, state=ProposalState.MERGED, main_proposal_id=main.id)
    with writing(session):
        contribution.person_id = actor.person_id or 0
    with pytest.raises(GuardRefused):
        withdraw(session, actor=actor, contribution_id=contribution.id)


def test_a_proposal_stays_while_another_source_does(session: Session) -> None:
    topic, actor = make_trusting_topic(session, make_plan(session)), make_actor(session)
    contribution = submit(session, actor, topic)
    proposal = session.scalars(sa.select(Proposal)).one()
    store(session, _source(proposal, make_contribution(session, topic)))
    withdraw(session, actor=actor, contribution_id=contribution.id)
    session.expire_all()
    assert proposal.state is ProposalState.RECEIVED


def test_others_do_not_withdraw_and_the_coordinator_says_why(session: Session) -> None:
    topic, author = make_topic(session, make_plan(session)), make_actor(session)
    contribution = submit(session, author, topic)
    for other in (make_actor(session), make_actor(session, Role.MODERATOR)):
        with pytest.raises(NotAllowed):
            withdraw(session, actor=other, contribution_id=contribution.id)
    coordinator = make_coordinator(session)
    with pytest.raises(Invalid):
        withdraw(session, actor=coordinator, contribution_id=contribution.id)
    withdraw(session, actor=coordinator, contribution_id=contribution.id, reason="Lo pidió por escrito.")
    session.expire_all()
    assert contribution.state is ContributionState.WITHDRAWN


def test_completing_needs_a_request(session: Session) -> None:
    topic, author = make_topic(session, make_plan(session)), make_actor(session)
    contribution = submit(session, author, topic)
    before = rows(session)
    with pytest.raises(NotInThisState):
        complete(session, actor=author, contribution_id=contribution.id, version=None, title="", body=BODY)
    assert rows(session) == before


def _source(proposal: Proposal, contribution: Contribution) -> Base:
    return ProposalSource(proposal_id=proposal.id, contribution_id=contribution.id, position=2)


def test_a_plan_without_web_window_takes_nothing(session: Session) -> None:
    plan: Plan = make_plan(session, opens_on=None, closes_on=None)
    topic, actor = make_topic(session, plan), make_actor(session)
    with pytest.raises(WindowClosed):
        submit(session, actor, topic)


@pytest.mark.parametrize("was_shown", [True, False])
def test_only_what_was_public_leaves_a_note_in_its_place(session: Session, *, was_shown: bool) -> None:
    topic, author = make_topic(session, make_plan(session)), make_actor(session)
    root, moderator = make_contribution(session, topic), make_actor(session, Role.MODERATOR)
    sent = (
        submit(session, author, topic),
        reply(session, actor=author, parent_id=root.id, body="Estoy de acuerdo.", form_key="r"),
    )
    for one in sent:
        if was_shown:
            publish_contribution(session, actor=moderator, contribution_id=one.id)
        withdraw(session, actor=author, contribution_id=one.id)
    session.expire_all()
    listed, rows = {row.id for row in topic_page(session, topic.id, Order.NEWEST, None).rows}, [root.id]
    first = {row.id for found in first_replies(session, rows).values() for row in found}
    below = overview(session, topic.id, rows, Order.OLDEST, None).ids
    assert (sent[0].id in listed, sent[1].id in first, sent[1].id in below) == (was_shown,) * 3


def test_what_was_published_for_some_seconds_leaves_none(session: Session) -> None:
    author, moderator = make_actor(session), make_actor(session, Role.MODERATOR)
    sent = submit(session, author, make_topic(session, make_plan(session)))
    moderate(session, actor=moderator, contribution_id=sent.id, act=Act.PUBLISH, batch="b")
    undo_acts(session, actor=moderator, batch="b")
    withdraw(session, actor=author, contribution_id=sent.id)
    assert not is_in_thread(sent)
