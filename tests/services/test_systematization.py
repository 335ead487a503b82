"""Systematising, merging, splitting and taking: sources stay, authors are told, one of two coordinators wins."""

import threading
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from consulta.cache_versions import read_versions, topic_scope
from consulta.contributions.models import Channel, ContributionState
from consulta.database import Database
from consulta.errors import GuardRefused, Invalid, NotAllowed, NotInThisState, NotNow, Refusal, StaleVersion
from consulta.outbox.models import OutboxKind, OutboxRow
from consulta.people.actors import Actor
from consulta.people.models import Role
from consulta.plans.models import PlanState, Topic
from consulta.proposals.merging import merge_proposals, unmerge_proposal
from consulta.proposals.models import Proposal, ProposalSource, ProposalState
from consulta.proposals.services import correct_proposal, move_to_topic, systematize_proposal
from consulta.proposals.splitting import split_contribution, take_reply, void_proposal
from tests.factories.contributions import make_contribution, make_reply
from tests.factories.people import make_actor, make_coordinator
from tests.factories.plans import make_plan, make_topic
from tests.factories.proposals import make_proposal

SUMMARY = "Publicar los contratos de obra en un solo sitio"


@pytest.fixture
def topic(session: Session) -> Topic:
    return make_topic(session, make_plan(session))


@pytest.fixture
def actor(session: Session) -> Actor:
    return make_coordinator(session)


def received(session: Session, topic: Topic, **changes: Any) -> Proposal:
    return make_proposal(session, topic, state=ProposalState.RECEIVED, **changes)


def mails(session: Session) -> list[tuple[str, int]]:
    rows = session.scalars(sa.select(OutboxRow).where(OutboxRow.kind == OutboxKind.MAIL).order_by(OutboxRow.id))
    return [(row.name, row.payload["proposal_id"]) for row in rows]


def test_systematising_moves_the_topic_and_keeps_where_it_was_received(
    session: Session, topic: Topic, actor: Actor
) -> None:
    proposal, other = received(session, topic), make_topic(session, topic.plan)
    scopes = (topic_scope(topic.plan.code, topic.code), topic_scope(topic.plan.code, other.code))
    before = read_versions(session, scopes)
    systematize_proposal(
        session,
        actor=actor,
        proposal_id=proposal.id,
        version=proposal.version,
        topic_id=other.id,
        summary=f"  {SUMMARY}\n",
    )
    assert (proposal.state, proposal.summary) == (ProposalState.SYSTEMATIZED, SUMMARY)
    assert (proposal.topic_received_id, proposal.topic_final_id) == (topic.id, other.id)
    assert read_versions(session, scopes) == (before[0] + 1, before[1] + 1)


@pytest.mark.parametrize("state", [PlanState.PREPARATION, PlanState.IN_APPROVAL, PlanState.APPROVED])
def test_systematising_waits_for_its_time(session: Session, actor: Actor, state: PlanState) -> None:
    topic = make_topic(session, make_plan(session, state=state))
    proposal = received(session, topic)
    with pytest.raises(NotNow):
        systematize_proposal(
            session, actor=actor, proposal_id=proposal.id, version=None, topic_id=topic.id, summary=SUMMARY
        )


@pytest.mark.parametrize("role", [Role.MODERATOR, Role.OBSERVER, Role.APPROVER, Role.LIAISON])
def test_only_a_coordinator_systematises(session: Session, topic: Topic, role: Role) -> None:
    proposal = received(session, topic)
    with pytest.raises(NotAllowed):
        systematize_proposal(
            session,
            actor=make_actor(session, role),
            proposal_id=proposal.id,
            version=None,
            topic_id=topic.id,
            summary=SUMMARY,
        )


def test_a_topic_of_another_plan_is_refused_and_nothing_changes(session: Session, topic: Topic, actor: Actor) -> None:
    proposal, foreign = received(session, topic), make_topic(session, make_plan(session))
    with pytest.raises(Invalid):
        systematize_proposal(
            session, actor=actor, proposal_id=proposal.id, version=None, topic_id=foreign.id, summary=SUMMARY
        )
    session.rollback()
    session.expire_all()
    assert (proposal.state, proposal.summary) == (ProposalState.RECEIVED, None)


def test_a_correction_is_logged_and_refused_once_decided(session: Session, topic: Topic, actor: Actor) -> None:
    proposal = make_proposal(session, topic)
    fields = {"topic_id": topic.id, "summary": SUMMARY, "version": None}
    correct_proposal(session, actor=actor, proposal_id=proposal.id, **fields)  # type: ignore[arg-type]
    assert proposal.summary == SUMMARY
    decided = make_proposal(session, topic, state=ProposalState.DECIDED)
    with pytest.raises(NotInThisState):
        correct_proposal(session, actor=actor, proposal_id=decided.id, **fields)  # type: ignore[arg-type]


def test_a_batch_moves_whole_or_not_at_all(session: Session, topic: Topic, actor: Actor) -> None:
    first, second, other = received(session, topic), make_proposal(session, topic), make_topic(session, topic.plan)
    with pytest.raises(StaleVersion):
        move_to_topic(session, actor=actor, versions={first.id: 1, second.id: 99}, topic_id=other.id)
    session.rollback()
    session.expire_all()
    assert first.topic_final_id is None
    move_to_topic(session, actor=actor, versions={first.id: 1, second.id: 1}, topic_id=other.id)
    assert {first.topic_final_id, second.topic_final_id} == {other.id}
    assert first.state is ProposalState.RECEIVED


def test_merging_keeps_every_source_and_tells_the_authors(session: Session, topic: Topic, actor: Actor) -> None:
    main, first, second = make_proposal(session, topic), received(session, topic), make_proposal(session, topic)
    words = [proposal.first_source.body for proposal in (main, first, second)]
    merge_proposals(
        session, actor=actor, main_id=main.id, main_version=1, versions={first.id: 1, second.id: second.version}
    )
    session.expire_all()
    assert {p.main_proposal_id for p in (first, second)} == {main.id}
    assert [p.first_source.body for p in (main, first, second)] == words
    assert all(len(p.source_links) == 1 for p in (main, first, second))
    assert mails(session) == [("proposal_merged", first.id), ("proposal_merged", second.id)]
    unmerge_proposal(
        session,
        actor=actor,
        proposal_id=first.id,
        version=None,
        reason="Piden cosas distintas",
        topic_id=topic.id,
        summary=SUMMARY,
    )
    assert (first.state, first.main_proposal_id) == (ProposalState.SYSTEMATIZED, None)
    assert mails(session)[-1] == ("proposal_unmerged", first.id)


def test_unmerging_asks_for_what_is_missing(session: Session, topic: Topic, actor: Actor) -> None:
    main, other = make_proposal(session, topic), received(session, topic)
    merge_proposals(session, actor=actor, main_id=main.id, main_version=None, versions={other.id: None})
    with pytest.raises(Invalid) as refusal:
        unmerge_proposal(session, actor=actor, proposal_id=other.id, version=None, reason="Piden cosas distintas")
    assert {p.field for p in refusal.value.problems} == {"topic_final_id", "summary"}
    with pytest.raises(Invalid):
        unmerge_proposal(session, actor=actor, proposal_id=other.id, version=None, reason=" ")


def test_merges_make_no_chains(session: Session, topic: Topic, actor: Actor) -> None:
    first, second, third = (make_proposal(session, topic) for _ in range(3))
    merge_proposals(session, actor=actor, main_id=second.id, main_version=None, versions={first.id: None})
    for main, merged in ((third, second), (first, third), (third, third)):
        with pytest.raises(GuardRefused):
            merge_proposals(session, actor=actor, main_id=main.id, main_version=None, versions={merged.id: None})


def test_a_merge_crosses_no_plans(session: Session, topic: Topic, actor: Actor) -> None:
    foreign = make_proposal(session, make_topic(session, make_plan(session)))
    with pytest.raises(GuardRefused) as refusal:
        merge_proposals(
            session,
            actor=actor,
            main_id=foreign.id,
            main_version=None,
            versions={make_proposal(session, topic).id: None},
        )
    assert refusal.value.code == "merge_across_plans"


def test_a_split_counts_apart_and_shares_its_source(session: Session, topic: Topic, actor: Actor) -> None:
    original = make_proposal(session, topic)
    source = original.first_source
    made = split_contribution(session, actor=actor, contribution_id=source.id, title="La segunda petición")
    session.expire_all()
    assert made.folio != original.folio
    assert (made.state, made.channel, made.topic_received_id) == (ProposalState.RECEIVED, Channel.WEB, topic.id)
    assert [link.contribution_id for link in made.source_links] == [source.id]
    with pytest.raises(GuardRefused):
        void_proposal(session, actor=actor, proposal_id=original.id, version=None, reason="No es una división")
    void_proposal(session, actor=actor, proposal_id=made.id, version=None, reason="Pedía lo mismo")
    assert made.state is ProposalState.VOIDED
    assert session.scalar(sa.select(sa.func.count()).select_from(ProposalSource)) == 2


def test_a_split_sent_twice_makes_one_proposal(session: Session, topic: Topic, actor: Actor) -> None:
    source = make_proposal(session, topic).first_source
    fields = {"contribution_id": source.id, "title": "La segunda petición", "form_key": "k" * 20}
    made = [split_contribution(session, actor=actor, **fields).id for _ in range(2)]  # type: ignore[arg-type]
    assert made[0] == made[1]


def test_a_reply_is_taken_once_in_its_own_channel(session: Session, topic: Topic, actor: Actor) -> None:
    root = make_proposal(session, topic).first_source
    reply = make_reply(session, root, channel=Channel.FACEBOOK)
    made = take_reply(session, actor=actor, contribution_id=reply.id, title="Lo que pide la respuesta")
    assert made.channel is Channel.FACEBOOK
    with pytest.raises(GuardRefused) as refusal:
        take_reply(session, actor=actor, contribution_id=reply.id, title="Otra vez")
    assert refusal.value.code == "reply_is_proposal"
    void_proposal(session, actor=actor, proposal_id=made.id, version=None, reason="Fue un error")
    again = take_reply(session, actor=actor, contribution_id=reply.id, title="Ahora sí")
    assert again.folio != made.folio


@pytest.mark.parametrize("state", [ContributionState.PENDING, ContributionState.HIDDEN, ContributionState.REJECTED])
def test_only_a_published_text_is_divided_or_taken(
    session: Session, topic: Topic, actor: Actor, state: ContributionState
) -> None:
    source = make_contribution(session, topic, state=state)
    make_proposal(session, source=source, state=ProposalState.RECEIVED)
    reply = make_reply(session, source, state=state)
    with pytest.raises(GuardRefused):
        split_contribution(session, actor=actor, contribution_id=source.id, title="Otra petición")
    with pytest.raises(GuardRefused):
        take_reply(session, actor=actor, contribution_id=reply.id, title="Otra petición")


def test_of_many_identical_merges_one_has_effect(
    session: Session, database: Database, topic: Topic, actor: Actor
) -> None:
    main_id, other_id = make_proposal(session, topic).id, make_proposal(session, topic).id
    session.rollback()
    outcomes: list[str] = []

    def merge() -> None:
        with database.session() as own:
            try:
                merge_proposals(own, actor=actor, main_id=main_id, main_version=None, versions={other_id: None})
                outcomes.append("merged")
            except Refusal:
                outcomes.append("refused")

    threads = [threading.Thread(target=merge) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["merged"] + ["refused"] * 7
    assert mails(session) == [("proposal_merged", other_id)]


def test_two_opposite_merges_leave_no_chain(session: Session, database: Database, topic: Topic, actor: Actor) -> None:
    first, second = make_proposal(session, topic), make_proposal(session, topic)
    pairs = ((first.id, second.id), (second.id, first.id))
    session.rollback()
    refused: list[str] = []

    def merge(main_id: int, other_id: int) -> None:
        with database.session() as own:
            try:
                merge_proposals(own, actor=actor, main_id=main_id, main_version=1, versions={other_id: 1})
            except Refusal as refusal:
                refused.append(type(refusal).__name__)

    threads = [threading.Thread(target=merge, args=pair) for pair in pairs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert refused == ["StaleVersion"]
    session.rollback()
    assert sorted(p.state.value for p in (first, second)) == ["merged", "systematized"]
