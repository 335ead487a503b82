"""Whatever people do, in whatever order, the counters stay what counting gives."""

import random
from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from consulta.contributions.counters import find_drift
from consulta.contributions.models import Contribution
from consulta.contributions.moderation import (
    hide_contribution,
    observe_contribution,
    publish_contribution,
    reject_contribution,
    unhide_contribution,
)
from consulta.contributions.services import appeal, complete, reply, support, unsupport, withdraw
from consulta.errors import Refusal
from consulta.moderation.models import ModerationAct
from consulta.moderation.undoing import undo_acts
from consulta.people.actors import Actor
from consulta.plans.models import Moderation
from tests.factories.people import make_actor
from tests.factories.plans import make_plan, make_topic
from tests.services.contributions.test_moderation import EMPTY, WHY, moderator
from tests.services.contributions.test_writing import BODY, submit


def random_acts(
    session: Session, author: Actor, staff: Actor, topic_id: int, key: int, form_key: str
) -> list[Callable[[], object]]:
    """Everything that can be tried on one contribution."""
    explained: Any = {"reason": EMPTY, "public_text": WHY, "contribution_id": key}
    return [
        lambda: submit(session, author, topic_id, form_key=form_key),
        lambda: submit(session, author, topic_id, form_key=form_key),
        lambda: reply(session, actor=author, parent_id=key, body="De acuerdo.", form_key=form_key),
        lambda: support(session, actor=author, contribution_id=key),
        lambda: unsupport(session, actor=author, contribution_id=key),
        lambda: publish_contribution(session, actor=staff, contribution_id=key),
        lambda: publish_contribution(session, actor=staff, contribution_id=key),
        lambda: observe_contribution(session, actor=staff, contribution_id=key, missing=WHY),
        lambda: reject_contribution(session, actor=staff, **explained),
        lambda: hide_contribution(session, actor=staff, **explained),
        lambda: unhide_contribution(session, actor=staff, contribution_id=key, reason="Fue un error."),
        lambda: undo_latest(session, staff, key),
        lambda: undo_latest(session, staff, key),
        lambda: withdraw(session, actor=author, contribution_id=key),
        lambda: complete(session, actor=author, contribution_id=key, version=None, title="", body=BODY),
        lambda: appeal(session, actor=author, contribution_id=key, version=None, text=WHY),
    ]


def undo_latest(session: Session, staff: Actor, key: int) -> object:
    """Take back what was done last with a contribution."""
    latest = sa.select(ModerationAct.batch).where(ModerationAct.contribution_id == key)
    batch = session.scalar(latest.order_by(ModerationAct.id.desc()).limit(1))
    return undo_acts(session, actor=staff, batch=batch or "")


@pytest.mark.parametrize("seed", range(3))
def test_counters_equal_counting_after_any_history(session: Session, seed: int) -> None:
    chance = random.Random(seed)
    plan = make_plan(session)
    topics = [make_topic(session, plan, moderation=moderation).id for moderation in Moderation]
    people, staff = [make_actor(session) for _ in range(3)], moderator(session)
    for step in range(100):
        known = list(session.scalars(sa.select(Contribution.id).order_by(Contribution.id)))
        session.rollback()
        acts = random_acts(
            session,
            chance.choice(people),
            staff,
            chance.choice(topics),
            chance.choice(known) if known else 0,
            f"{seed}-{step}",
        )
        try:
            chance.choice(acts)()
        except Refusal:
            session.rollback()
    assert list(find_drift(session)) == []
    assert len(session.scalars(sa.select(Contribution)).all()) > 5
    undone = sa.select(sa.func.count()).where(ModerationAct.undone_at.is_not(None))
    assert session.scalar(undone)
