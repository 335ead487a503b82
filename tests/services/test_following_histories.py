"""Whatever happens, however people follow and however often the worker dies: each follower is told once."""

from collections import defaultdict

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from consulta.contributions.models import Contribution, ContributionState
from consulta.database import Database
from consulta.follows.models import Event, Mode, Notice
from consulta.outbox.models import OutboxKind, OutboxRow, OutboxState
from consulta.people.models import Person
from tests.services.following import FOLLOWED_ACTS, MARK, FollowedHistory, told
from tests.services.history_ends import finish

STEPS = 170


@pytest.mark.parametrize("seed", [1])
def test_each_follower_is_told_of_each_event_once(session: Session, database: Database, seed: int) -> None:
    h = FollowedHistory(session, database, seed)
    for _ in range(STEPS):
        h.step(FOLLOWED_ACTS)
        h.look()
        if h.chance.random() < 0.4:
            h.work(h.chance.randint(1, 3))
    finish(h)
    h.look()
    h.work(6)
    h.drain()
    assert session.scalars(sa.select(OutboxRow.error).where(OutboxRow.state != OutboxState.DONE)).all() == []
    assert h.deaths > 3
    found = told(session)
    assert sum(map(len, found.values())) > 30
    for key, persons in found.items():
        assert len(persons) == len(set(persons))
        assert h.must[key] <= set(persons) <= h.may[key], (seed, session.get_one(OutboxRow, key).name)
    assert [key for key in h.must if h.must[key] and key not in found and _should_be_told(session, key)] == []
    assert h.postbox.leaks == []
    _check_mails(session, h)


def _should_be_told(session: Session, key: int) -> bool:
    """Whether an outbox row was for somebody: words that are shown, or a move of a proposal."""
    row = session.get_one(OutboxRow, key)
    said = row.payload.get("contribution_id")
    if said is None:
        return True
    never_told = session.scalar(sa.select(Event.id).where(Event.contribution_id == said)) is None
    return never_told and session.get_one(Contribution, said).state is ContributionState.PUBLISHED


def _check_mails(session: Session, h: FollowedHistory) -> None:
    """Each notice went out in the one mail that it points to, and no words reached anybody in two of them."""
    mails: dict[tuple[str, str], set[str]] = defaultdict(set)
    for key, letter in h.postbox.letters.items():
        if letter["List-Unsubscribe"] is not None:
            for mark in MARK.findall(letter.get_content()):
                mails[str(letter["To"]), mark].add(key)
    assert {len(keys) for keys in mails.values()} == {1}
    waiting = sa.select(Notice).where(Notice.mail_id.is_(None), Notice.mode != Mode.OFF)
    assert session.scalars(waiting).all() == []
    lanes = sa.select(OutboxRow.name).where(OutboxRow.kind == OutboxKind.NOTICE).distinct()
    assert set(session.scalars(lanes)) == {"follow_notice", "follow_digest"}
    told_of = 0
    for notice in session.scalars(sa.select(Notice).options(joinedload(Notice.event), joinedload(Notice.follow))):
        said = session.get(Contribution, notice.event.contribution_id) if notice.event.contribution_id else None
        kept = notice.follow is not None and notice.follow.mode is not Mode.OFF
        if said is None or notice.mail_id is None or not kept or said.state is not ContributionState.PUBLISHED:
            continue
        reader = session.get_one(Person, notice.person_id)
        found = mails.get((str(reader.email), MARK.findall(said.body)[0]), set())
        # Words that were hidden just when their mail was due are told by no mail.
        told_of += found == {f"<outbox-{notice.mail_id}@example.org>"}
        assert found <= {f"<outbox-{notice.mail_id}@example.org>"}
    assert told_of > 8
