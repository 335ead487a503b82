"""A failure after any statement of an act leaves nothing of it: no row, no counter, no mail, no version."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.orm import Session

from consulta.contributions.services import submit_contribution
from consulta.database import Database
from consulta.decisions.models import Outcome
from consulta.decisions.services import decide_proposal
from consulta.people.actors import Actor
from consulta.plans.models import Plan, PlanState, Topic
from consulta.proposals.merging import merge_proposals
from consulta.proposals.models import ProposalState
from consulta.referrals.models import Reason
from consulta.results.services import publish_results
from tests.factories.decisions import make_decision
from tests.factories.people import make_actor, make_coordinator
from tests.factories.plans import make_plan, make_topic
from tests.factories.proposals import make_proposal
from tests.policy.world import fingerprint

Act = Callable[[Session], Any]
WORDS = "Propongo publicar los datos de gasto de cada escuela del país."
STATEMENTS_MAX = 200


class PowerCut(Exception):
    """What the test breaks the act with."""


@contextmanager
def failing_after(database: Database, statement: int) -> Iterator[list[str]]:
    """The engine fails after so many statements; answers those that were run."""
    run: list[str] = []

    def count(connection: sa.Connection, cursor: Any, text: str, *_: Any) -> None:
        run.append(text)
        if len(run) == statement:
            raise PowerCut(text)

    event.listen(database.engine, "after_cursor_execute", count)
    try:
        yield run
    finally:
        event.remove(database.engine, "after_cursor_execute", count)


@pytest.fixture
def plan(session: Session) -> Plan:
    return make_plan(session)


@pytest.fixture
def topic(session: Session, plan: Plan) -> Topic:
    return make_topic(session, plan)


@pytest.fixture
def coordinator(session: Session) -> Actor:
    return make_coordinator(session)


def submitting(session: Session, plan: Plan, topic: Topic, coordinator: Actor) -> Act:
    actor, topic_id = make_actor(session), topic.id
    return lambda s: submit_contribution(s, actor=actor, topic_id=topic_id, title="", body=WORDS, form_key="clave")


def merging(session: Session, plan: Plan, topic: Topic, coordinator: Actor) -> Act:
    main, other = make_proposal(session, topic).id, make_proposal(session, topic).id
    return lambda s: merge_proposals(s, actor=coordinator, main_id=main, main_version=1, versions={other: 1})


def deciding(session: Session, plan: Plan, topic: Topic, coordinator: Actor) -> Act:
    key = make_proposal(session, topic).id
    return lambda s: decide_proposal(
        s,
        actor=coordinator,
        proposal_id=key,
        version=1,
        outcome=Outcome.NOT_INCLUDED,
        reasons=[Reason.OUT_OF_SCOPE],
        justification="Queda fuera del alcance de gobierno abierto por su materia.",
    )


def publishing(session: Session, plan: Plan, topic: Topic, coordinator: Actor) -> Act:
    drafting = make_plan(session, state=PlanState.DRAFTING)
    theme = make_topic(session, drafting)
    for _ in range(2):
        make_decision(session, make_proposal(session, theme, state=ProposalState.DECIDED), reasons=["out_of_scope"])
    plan_id = drafting.id
    return lambda s: publish_results(s, actor=coordinator, plan_id=plan_id, version=1)


@pytest.mark.parametrize("prepare", [submitting, merging, deciding, publishing])
def test_a_failure_after_any_statement_leaves_nothing(
    database: Database, session: Session, plan: Plan, topic: Topic, coordinator: Actor, prepare: Callable[..., Act]
) -> None:
    act = prepare(session, plan, topic, coordinator)
    before = fingerprint(database.engine)
    for statement in range(1, STATEMENTS_MAX):
        with failing_after(database, statement) as run, database.session() as broken:
            try:
                act(broken)
            except PowerCut:
                assert len(run) == statement
            else:
                break
        assert fingerprint(database.engine) == before, run[-1]
    assert 5 < statement < STATEMENTS_MAX - 1
    assert fingerprint(database.engine) != before
