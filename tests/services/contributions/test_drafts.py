"""What people are writing is kept for them alone, once for each place, until it is sent or old."""

from datetime import timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from consulta import clock
from consulta.audit.models import AuditEntry
from consulta.contributions import drafts
from consulta.contributions.drafts import (
    drop_draft,
    end_draft,
    find_draft,
    find_own_draft,
    forget_old_drafts,
    list_drafts,
    place_of,
    save_draft,
    stamp_of,
)
from consulta.contributions.models import Draft
from consulta.database import Database
from consulta.errors import NotAllowed, NotFound, StaleVersion
from consulta.outbox.due import do_what_is_due
from consulta.people.actors import VISITOR, Actor
from tests.factories.people import make_actor
from tests.factories.plans import make_plan, make_topic
from tests.parallel import in_parallel


def save(session: Session, actor: Actor, topic_id: int, body: str = "Propongo…", seen: int | None = None) -> int:
    return keep(session, actor, topic_id, body, seen).id


def keep(session: Session, actor: Actor, topic_id: int, body: str, seen: int | None = None) -> Draft:
    return save_draft(session, actor=actor, topic_id=topic_id, parent_id=None, fields={"body": body}, seen=seen)


def count(session: Session) -> int:
    session.rollback()
    return session.execute(sa.select(sa.func.count()).select_from(Draft)).scalar_one()


def test_a_place_has_one_draft_of_each_person(session: Session) -> None:
    topic, me, other = make_topic(session, make_plan(session)), make_actor(session), make_actor(session)
    begun = keep(session, me, topic.id, "Uno")
    first = begun.id
    assert save(session, me, topic.id, "Dos", stamp_of(begun)) == first
    save(session, other, topic.id, "De otra persona")
    session.expire_all()
    place = place_of(topic.id, None)
    kept = find_draft(session, me.person_id, place)
    assert kept is not None
    assert (kept.fields, kept.topic) == ({"body": "Dos"}, topic)
    with pytest.raises(NotFound):
        find_own_draft(session, other.person_id, first)
    drop_draft(session, actor=other, place=place)
    assert [draft.id for draft in list_drafts(session, me.person_id)] == [first]
    drop_draft(session, actor=me, place=place)
    drop_draft(session, actor=me, place=place)
    assert count(session) == 0
    assert session.scalars(sa.select(AuditEntry)).all() == []


def test_the_newer_text_stays_and_the_older_window_is_told(session: Session) -> None:
    topic, me, start = make_topic(session, make_plan(session)), make_actor(session), clock.now()
    begun = stamp_of(keep(session, me, topic.id, "Uno"))
    with clock.set_to(start + timedelta(seconds=9)):
        newer = stamp_of(keep(session, me, topic.id, "Uno y dos", begun))
        assert stamp_of(keep(session, me, topic.id, "Uno y dos", begun)) == newer  # says the same
    place = place_of(topic.id, None)
    for seen in (begun, None):
        with pytest.raises(StaleVersion) as refused:
            keep(session, me, topic.id, "Uno y tres", seen)
        assert refused.value.present == newer
        assert end_draft(session, actor=me, place=place, seen=seen) is not None
    kept = find_draft(session, me.person_id, place)
    assert kept is not None
    assert kept.fields == {"body": "Uno y dos"}
    assert end_draft(session, actor=me, place=place, seen=begun, fields={"body": "Uno y dos"}) is None
    assert count(session) == 0


def test_a_visitor_keeps_nothing_here(session: Session) -> None:
    topic = make_topic(session, make_plan(session))
    with pytest.raises(NotAllowed):
        save(session, VISITOR, topic.id)


def test_the_latest_are_kept(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(drafts, "DRAFTS_MAX", 2)
    plan, me = make_plan(session), make_actor(session)
    keys = []
    for n in range(3):
        with clock.set_to(clock.now() + timedelta(minutes=n)):
            keys.append(save(session, me, make_topic(session, plan).id))
    assert [draft.id for draft in list_drafts(session, me.person_id)] == [keys[2], keys[1]]


def test_the_clock_forgets_old_ones(session: Session, database: Database) -> None:
    plan, me = make_plan(session), make_actor(session)
    with clock.set_to(clock.now() - timedelta(days=91)):
        save(session, me, make_topic(session, plan).id)
    with clock.set_to(clock.now() - timedelta(days=89)):
        kept = save(session, me, make_topic(session, plan).id)
    do_what_is_due(database)
    assert [draft.id for draft in list_drafts(session, me.person_id)] == [kept]
    assert forget_old_drafts(session) == 0


def test_saving_in_parallel_is_one_draft(database: Database) -> None:
    with database.session() as session:
        topic, me = make_topic(session, make_plan(session)).id, make_actor(session)
    answers = in_parallel(database, [lambda s: save(s, me, topic) for _ in range(10)])
    assert len(set(answers)) == 1
    with database.session() as session:
        assert count(session) == 1
