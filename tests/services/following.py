"""A random consultation that people follow, and a worker that dies again and again while it tells them."""

import re
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import Any, cast

import sqlalchemy as sa
from sqlalchemy.orm import Session

from consulta import clock
from consulta.contributions import services
from consulta.contributions.models import Contribution, ContributionState
from consulta.database import Database
from consulta.follows import services as following
from consulta.follows.models import Event, Follow, Mode, Notice
from consulta.messages.links import Site
from consulta.messages.mail import Mail
from consulta.messages.sending import compose
from consulta.outbox.models import OutboxKind, OutboxRow, OutboxState
from consulta.outbox.queue import CLAIM_LASTS
from consulta.outbox.worker import Worker
from consulta.people.actors import Actor
from consulta.privacy.ledger import ErasureList
from consulta.proposals.models import Proposal, ProposalSource
from consulta.search.index import SearchIndex
from tests.factories.people import make_actor
from tests.factories.plans import make_trusting_topic
from tests.services.histories import History
from tests.services.history_acts import ACTS

SITE = Site("https://consulta.example.org", "secret")
NOBODY_ERASED = ErasureList(Path("/nowhere/erasures.jsonl"))
MARK = re.compile(r"marca-\d+-fin")


class Killed(BaseException):
    """The worker is gone: nothing after it runs."""


class NoIndex:
    """What is searched is told elsewhere."""

    def is_usable(self) -> bool:
        return True

    def update(self, documents: Any, gone: Any) -> None:
        pass


class Postbox:
    """Keeps every mail by its Message-ID, with the marks in it that nobody could read on the site then."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self.letters: dict[str, EmailMessage] = {}
        self.leaks: list[str] = []
        self.dies = lambda: False

    def deliver(self, mail: Mail, key: str) -> None:
        if self.dies():
            raise Killed
        letter = compose(mail, key=key, sender="consulta@example.org", host="example.org")
        self.letters[str(letter["Message-ID"])] = letter
        if letter["List-Unsubscribe"] is not None:
            with self._database.reading() as session:
                shown = sa.select(Contribution.body).where(Contribution.state == ContributionState.PUBLISHED)
                readable = " ".join(session.scalars(shown))
            self.leaks += [mark for mark in MARK.findall(mail.body) if mark not in readable]
        if self.dies():
            raise Killed

    def close(self) -> None:
        pass


class FollowedHistory(History):
    """A history with readers; `may` and `must` are the persons who can, and have to, be told of each outbox row."""

    def __init__(self, session: Session, database: Database, seed: int) -> None:
        super().__init__(session, seed)
        self.readers = [*self.citizens, *(make_actor(session) for _ in range(4))]
        self.topics[0] = make_trusting_topic(session, self.plan)
        self.database, self.postbox = database, Postbox(database)
        self.postbox.dies = lambda: self.chance.random() < 0.02
        self.may: dict[int, set[int]] = {}
        self.must: dict[int, set[int]] = {}
        self.seconds = self.deaths = 0

    def moment(self) -> datetime:
        """Nothing happens at the same moment as anything else."""
        self.seconds += 7
        return super().moment() + timedelta(seconds=self.seconds)

    def look(self) -> None:
        """Note who follows what was just told."""
        rows = self.session.scalars(
            sa.select(OutboxRow).where(OutboxRow.kind == OutboxKind.EVENT, OutboxRow.id.not_in(self.may))
        ).all()
        for row in rows:
            self.may[row.id] = _audience(self.session, row)
            self.must[row.id] = set(self.may[row.id])

    def forgive(self, person_id: int) -> None:
        """Who stops need not be told of what was not told yet."""
        undone = sa.select(OutboxRow.id).where(OutboxRow.kind == OutboxKind.EVENT, OutboxRow.state != OutboxState.DONE)
        for key in self.session.scalars(undone):
            self.must[key].discard(person_id)

    def work(self, rounds: int) -> None:
        """Some rounds of a worker that may die at any statement; the next one waits until its claims are over."""
        worker = Worker(self.database, cast("SearchIndex", NoIndex()), self.postbox, SITE, NOBODY_ERASED)
        for _ in range(rounds):
            try:
                with clock.set_to(self.moment()), _dying(self.database, self.postbox.dies):
                    worker.work()
            except Killed:
                self.deaths += 1
                self.seconds += int(CLAIM_LASTS.total_seconds()) + 1
                worker = Worker(self.database, cast("SearchIndex", NoIndex()), self.postbox, SITE, NOBODY_ERASED)
        self.session.rollback()
        self.session.expire_all()

    def drain(self) -> None:
        """Work without dying until nothing is left, past every digest of what was told last."""
        self.postbox.dies = lambda: False
        for _ in range(2):
            self.days += 9
            with clock.set_to(self.moment()):
                Worker(self.database, cast("SearchIndex", NoIndex()), self.postbox, SITE, NOBODY_ERASED).run(once=True)
        self.session.rollback()
        self.session.expire_all()


@contextmanager
def _dying(database: Database, dies: Any) -> Iterator[None]:
    """Now and then a statement is the last."""

    def maybe(*_: Any) -> None:
        if dies():
            raise Killed

    sa.event.listen(database.engine, "before_cursor_execute", maybe)
    try:
        yield
    finally:
        sa.event.remove(database.engine, "before_cursor_execute", maybe)


def _audience(session: Session, row: OutboxRow) -> set[int]:
    """Everybody who follows what an outbox row is about, and did not do it."""
    follows = session.scalars(sa.select(Follow)).all()
    apart = {row.payload.get("actor_id")}
    if (plan_id := row.payload.get("plan_id")) is not None:
        proposals = set(session.scalars(sa.select(Proposal.id).where(Proposal.plan_id == plan_id)))
        return {f.person_id for f in follows if f.topic_id or f.proposal_id in proposals} - apart
    if (key := row.payload.get("proposal_id")) is not None:
        family = (Proposal.id == key) | (Proposal.main_proposal_id == key)
        proposals = set(session.scalars(sa.select(Proposal.id).where(family)))
        return {f.person_id for f in follows if f.proposal_id in proposals} - apart
    said = session.get_one(Contribution, row.payload["contribution_id"])
    apart.add(said.person_id)
    if said.parent_id is None:
        return {f.person_id for f in follows if f.topic_id == said.topic_id} - apart
    links = sa.select(ProposalSource.proposal_id).where(ProposalSource.contribution_id == said.root_id)
    proposals = set(session.scalars(links))
    answered = session.get_one(Contribution, said.parent_id).person_id
    return ({f.person_id for f in follows if f.proposal_id in proposals} | {answered}) - apart


def submit(h: Any, actor: Actor | None) -> Any:
    who, topic = actor or h.chance.choice(h.citizens), h.chance.choice(h.topics)
    title, body = "Gasto abierto", f"Propongo publicar el gasto de las escuelas, marca-{next(h.numbers)}-fin."
    return services.submit_contribution(
        h.session, actor=who, topic_id=topic.id, title=title, body=body, form_key=h.key()
    )


def reply(h: Any, actor: Actor | None) -> Any:
    if (parent := h.any(Contribution, Contribution.state == ContributionState.PUBLISHED)) is None:
        return None
    who, body = actor or h.chance.choice(h.citizens), f"Estoy de acuerdo, marca-{next(h.numbers)}-fin."
    return services.reply(h.session, actor=who, parent_id=parent.id, body=body, form_key=h.key())


def begin(h: Any, actor: Actor | None) -> Any:
    who, mode = h.chance.choice(h.readers), h.chance.choice(list(Mode))
    if h.chance.random() < 0.3:
        return following.follow(h.session, actor=who, mode=mode, topic_id=h.chance.choice(h.topics).id)
    proposal = h.any(Proposal)
    if proposal is None or h.chance.random() < 0.1:
        return following.follow(h.session, actor=who, mode=mode)
    return following.follow(h.session, actor=who, mode=mode, proposal_id=proposal.id)


def alter(h: Any, actor: Actor | None) -> Any:
    """Another mode, no more, or no more mails at all."""
    if (row := h.any(Follow)) is None:
        return None
    who = next(one for one in h.everybody + h.readers if one.person_id == row.person_id)
    dice = h.chance.random()
    if dice < 0.6:
        following.change_mode(h.session, actor=who, follow_id=row.id, mode=h.chance.choice(list(Mode)))
    elif dice < 0.9:
        h.forgive(row.person_id)
        following.stop_following(h.session, actor=who, follow_id=row.id)
    else:
        following.silence_everything(h.session, actor=who)
    return True


def pass_time(h: Any, actor: Actor | None) -> Any:
    h.seconds += h.chance.choice((3600, 6 * 3600))
    return True


OWN_ACTS = (("submit", submit), ("reply", reply), ("begin", begin), ("alter", alter), ("pass_time", pass_time))
FOLLOWED_ACTS = (
    *(pair for pair in ACTS if pair[0] not in ("submit", "reply", "support", "register", "advance")),
    *(OWN_ACTS[0],) * 8,
    *(OWN_ACTS[1],) * 12,
    *(OWN_ACTS[2],) * 14,
    *(OWN_ACTS[3],) * 4,
    *(OWN_ACTS[4],) * 3,
)


def told(session: Session) -> dict[int, list[int]]:
    """Whom each outbox row was told to."""
    rows = session.execute(sa.select(Event.outbox_id, Notice.person_id).join(Notice, Notice.event_id == Event.id))
    found: dict[int, list[int]] = defaultdict(list)
    for key, person_id in rows:
        found[key].append(person_id)
    return found
