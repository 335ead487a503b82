"""What somebody has read counts as read until its author changes it."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy.orm import Session

from consulta import clock
from consulta.contributions.editing import accept_edit
from consulta.contributions.models import Contribution, HeldFor
from consulta.contributions.moderation import moderate
from consulta.moderation.models import Act
from consulta.moderation.trays import Selection, Tray, count_trays, find_edited, list_tray
from consulta.people.actors import Actor
from consulta.people.models import Role
from tests.factories.people import make_actor
from tests.factories.plans import make_plan, make_trusting_topic
from tests.services.contributions.test_editing import NEW, edit
from tests.services.contributions.test_writing import submit

NOON = datetime(2030, 6, 3, 18, tzinfo=clock.now().tzinfo)
UNREVIEWED = Selection(Tray.UNREVIEWED)


@pytest.fixture
def author(session: Session) -> Actor:
    with clock.set_to(NOON):
        return make_actor(session)


@pytest.fixture
def reader(session: Session) -> Actor:
    return make_actor(session, Role.MODERATOR)


@pytest.fixture
def shown(session: Session, author: Actor) -> Contribution:
    """In a topic that shows at once what is posted; three links make new words wait."""
    plan = make_plan(session, opens_on=NOON.date(), closes_on=NOON.date())
    with clock.set_to(NOON):
        topic = make_trusting_topic(session, plan, thresholds={"approvals": 0, "form_seconds": 0})
        return submit(session, author, topic)


def test_what_was_changed_after_it_was_read_waits_for_a_reader_again(
    session: Session, author: Actor, reader: Actor, shown: Contribution
) -> None:
    for hour in (1, 2):
        with clock.set_to(NOON + timedelta(hours=hour)):
            assert count_trays(session)[Tray.UNREVIEWED] == 1
            moderate(session, actor=reader, contribution_id=shown.id, act=Act.REVIEW)
        assert count_trays(session)[Tray.UNREVIEWED] == 0
        for minute in (1, 2):
            with clock.set_to(NOON + timedelta(hours=hour, minutes=minute)):
                edit(session, author, shown, title=f"Gasto {hour}:{minute}")
        first_edit = NOON + timedelta(hours=hour, minutes=1)
        assert [(row.contribution.id, row.since) for row in list_tray(session, UNREVIEWED).rows] == [
            (shown.id, first_edit)
        ]
        assert find_edited(session, [shown.id]) == {shown.id: HeldFor.EDITED}


def test_what_nobody_has_read_waits_since_it_came(session: Session, author: Actor, shown: Contribution) -> None:
    with clock.set_to(NOON + timedelta(hours=1)):
        edit(session, author, shown)
    assert [row.since for row in list_tray(session, UNREVIEWED).rows] == [NOON]
    assert find_edited(session, [shown.id]) == {}


def test_new_words_that_somebody_published_are_read(
    session: Session, author: Actor, reader: Actor, shown: Contribution
) -> None:
    with clock.set_to(NOON + timedelta(hours=1)):
        edit(session, author, shown, body=f"{NEW} https://a.example https://b.example https://c.example")
    assert count_trays(session)[Tray.EDITED] == 1
    with clock.set_to(NOON + timedelta(hours=2)):
        accept_edit(session, actor=reader, contribution_id=shown.id)
    assert count_trays(session)[Tray.UNREVIEWED] == 0
