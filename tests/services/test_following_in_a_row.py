"""Many things in a row: the first is told at once, what follows by one mail a minute, and all of it once."""

from datetime import timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from consulta import clock
from consulta.database import Database, writing
from consulta.errors import GuardRefused
from consulta.follows import services
from consulta.follows.models import Follow, Mode, Notice
from consulta.follows.rules import QUIET_TIME
from consulta.follows.services import obey_stop
from consulta.follows.tokens import Stop, read_stop
from consulta.outbox.models import OutboxKind, OutboxRow
from consulta.plans.models import Topic
from tests.factories.people import make_actor
from tests.services.following import SITE, Postbox
from tests.services.test_following import START, follow, postbox, published, topic, work

__all__ = ("postbox", "topic")  # fixtures
MANY = 50


def test_fifty_in_a_row_are_two_mails_and_each_is_told_once(
    session: Session, database: Database, topic: Topic, postbox: Postbox
) -> None:
    reader = follow(session, topic=topic)
    folios = {published(session, topic).folio for _ in range(MANY)}
    now = START + timedelta(minutes=1)
    assert len(work(database, postbox, now)) == 1
    assert work(database, postbox, now + QUIET_TIME - timedelta(seconds=1)) == []

    session.rollback()
    ((to, subject),) = work(database, postbox, now + QUIET_TIME)
    assert (to, subject.startswith("Novedades: PROP-")) == (reader.email, True)
    texts = [letter.get_content() for letter in postbox.letters.values()]
    assert [sum(f"{folio} " in text for text in texts) for folio in folios] == [1] * MANY
    address = str(list(postbox.letters.values())[1]["List-Unsubscribe"])
    stop = read_stop(SITE.secret_key, address.strip("<>").rpartition("/")[2])
    assert stop is not None
    assert stop == Stop(reader.id, digest=Mode.AT_ONCE)
    obey_stop(session, stop=stop)
    assert session.scalars(sa.select(Follow.mode)).all() == [Mode.OFF]


def test_who_heard_nothing_lately_hears_at_once(
    session: Session, database: Database, topic: Topic, postbox: Postbox
) -> None:
    follow(session, topic=topic)
    for minutes in (1, 3, 5):
        published(session, topic)
        assert len(work(database, postbox, START + timedelta(minutes=minutes))) == 1


@pytest.mark.parametrize(("tried", "mails"), [(False, 1), (True, 2)])
def test_nothing_is_added_to_a_mail_that_may_have_arrived(
    session: Session, database: Database, topic: Topic, postbox: Postbox, tried: bool, mails: int
) -> None:
    follow(session, topic=topic)
    now = START + timedelta(minutes=1)
    for number in range(3):
        published(session, topic)
        if number == 1:
            work(database, postbox, now)
    with writing(session):  # the mail of the first two went; as if the next one had been tried
        waiting = sa.update(OutboxRow).where(OutboxRow.kind == OutboxKind.NOTICE, OutboxRow.done_at.is_(None))
        session.execute(waiting.values(attempts=int(tried)))
    work(database, postbox, now + timedelta(seconds=5))
    with writing(session):
        session.execute(waiting.values(attempts=int(tried)))
    published(session, topic)
    work(database, postbox, now + timedelta(seconds=10))
    waits = sa.select(sa.func.count()).where(OutboxRow.kind == OutboxKind.NOTICE, OutboxRow.done_at.is_(None))
    assert session.scalar(waits) == mails
    with clock.set_to(START + timedelta(days=1)):
        work(database, postbox, START + timedelta(days=1))
    session.rollback()
    assert session.scalar(sa.select(sa.func.count(sa.distinct(Notice.mail_id)))) == 1 + mails
    assert session.scalar(sa.select(sa.func.count()).select_from(Notice)) == 4


def test_nobody_follows_without_end(session: Session, topic: Topic, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(services, "FOLLOWS_MAX", 2)
    actor = make_actor(session)
    for proposal in (published(session, topic) for _ in range(2)):
        services.follow(session, actor=actor, mode=Mode.DAILY, proposal_id=proposal.id)
    with pytest.raises(GuardRefused, match="follows_too_many"):
        services.follow(session, actor=actor, mode=Mode.DAILY, topic_id=topic.id)
    services.follow(session, actor=actor, mode=Mode.WEEKLY, proposal_id=proposal.id)
    services.follow(session, actor=actor, mode=Mode.OFF)  # answers are no such row
