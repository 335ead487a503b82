"""What sends a text to a reader before it is shown. Each sign only makes it wait: nothing is discarded.

The signs are asked for before the transaction that records the text: an answer some milliseconds old is good enough,
and nobody waits for it.
"""

import hashlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any
from urllib.parse import urlsplit

import sqlalchemy as sa
from sqlalchemy.orm import Session

from consulta import clock
from consulta.contributions.models import Contribution, ContributionState, HeldFor
from consulta.contributions.suspicion import LINK, plain_words, points, suspicion
from consulta.database import read_rows, table_of, writing
from consulta.people.actors import Actor
from consulta.people.models import Person
from consulta.plans.models import Moderation, Thresholds, Topic
from consulta.plans.queries import thresholds_of

FIRST_DAY = timedelta(days=1)
BURST_TIME = timedelta(minutes=10)
# The latest of a prefix that are looked at; a busy network is no reason to read thousands of rows.
BURST_ROWS = 200
# Shorter texts («Estoy de acuerdo») are the same for honest reasons.
SHORTEST_COMPARED = 40
RECENT_LINKS = timedelta(days=30)
RECENT_ROWS = 20
ADDRESSES_KEPT = timedelta(days=30)
# They say something about the author, which a topic that reads everything first does not ask.
ABOUT_TRUST = frozenset({HeldFor.NEW_AUTHOR, HeldFor.FIRST_DAY, HeldFor.MANY_LINKS})


@dataclass(frozen=True)
class Sending:
    """What a form tells of how it was sent: seconds since it was shown, the field that people do not see, and where
    it came from, cut to a prefix.
    """

    seconds: float
    is_trapped: bool = False
    prefix: str | None = None


@dataclass(frozen=True)
class Standing:
    """What is known of an author, and of what others send at this moment."""

    since: datetime
    shown_count: int = 0
    sent_count: int = 0
    """As many proposals, or as many replies, as the author has sent before; no more than matter."""
    same_text_count: int = 0
    """Other accounts that sent the same text."""
    neighbour_count: int = 0
    """Other accounts that just wrote from the same prefix."""


@dataclass(frozen=True)
class Written:
    """A text as it is about to be recorded."""

    title: str
    body: str
    is_reply: bool

    @cached_property
    def digest(self) -> str | None:
        """Equal for texts that differ only in case, accents, marks and spaces; None for short ones."""
        words = plain_words(self.title, self.body)
        if len(words) < SHORTEST_COMPARED:
            return None
        return hashlib.sha256(words.encode()).hexdigest()[:32]

    @cached_property
    def hosts(self) -> list[str]:
        """The host of every link, in order."""
        return [host for link in LINK.findall(f"{self.title}\n{self.body}".lower()) if (host := host_of(link))]


def host_of(link: str) -> str:
    try:
        return (urlsplit(link if "://" in link else f"//{link}").hostname or "").removeprefix("www.")
    except ValueError:
        return ""


def judge(
    session: Session, *, actor: Actor, topic_id: int | None, written: Written, sending: Sending | None
) -> list[HeldFor]:
    """Every reason to read a text of the actor first, were its topic to show texts at once. At most three statements.

    `sending` is None for what does not come from a form.
    """
    limits, now = thresholds_of(session, topic_id), clock.now()
    standing = _standing(session, actor, written, sending, limits, now)
    hosts = Counter(written.hosts)
    earlier = _earlier_links(session, actor, hosts, now) if hosts else Counter()
    found = [*_how_sent(sending, limits), *_who_sends(actor, written, standing, limits, now)]
    if any(count + earlier[host] > limits.host_links for host, count in hosts.items()):
        found.append(HeldFor.SAME_HOST)
    if holds_words(written.title, written.body, limits):
        found.append(HeldFor.TEXT_RULES)
    return found


def reasons(found: list[HeldFor], topic: Topic | None) -> list[HeldFor]:
    """Why a text waits under its topic as it is now; nothing when it is shown at once."""
    if topic is not None and topic.moderation is Moderation.AFTER:
        return found
    return [HeldFor.TOPIC_REVIEWS, *(reason for reason in found if reason not in ABOUT_TRUST)]


def holds_words(title: str, body: str, limits: Thresholds) -> bool:
    """Whether the words alone are enough for somebody to read them first."""
    return points(suspicion(title, body)) >= limits.text_points


def _how_sent(sending: Sending | None, limits: Thresholds) -> Iterator[HeldFor]:
    if sending is None:
        return
    if sending.is_trapped:
        yield HeldFor.HONEYPOT
    if sending.seconds < limits.form_seconds:
        yield HeldFor.TOO_FAST


def _who_sends(
    actor: Actor, written: Written, standing: Standing, limits: Thresholds, now: datetime
) -> Iterator[HeldFor]:
    """What the author has not earned yet, and what looks arranged. Who works here is known."""
    age = now - standing.since
    is_new = standing.shown_count < limits.approvals
    if not actor.is_staff:
        if is_new:
            yield HeldFor.NEW_AUTHOR
        if (is_new or age < timedelta(hours=limits.trust_hours)) and len(written.hosts) > limits.new_author_links:
            yield HeldFor.MANY_LINKS
        if age < FIRST_DAY and standing.sent_count >= _first_day_limit(written, limits):
            yield HeldFor.FIRST_DAY
    if 1 + standing.same_text_count > limits.same_text_accounts:
        yield HeldFor.SAME_TEXT
    if 1 + standing.neighbour_count > limits.burst_accounts:
        yield HeldFor.BURST


def _first_day_limit(written: Written, limits: Thresholds) -> int:
    return limits.first_day_replies if written.is_reply else limits.first_day_proposals


def _count(rows: sa.Select[int]) -> sa.ScalarSelect[int]:
    return sa.select(sa.func.count()).select_from(rows.subquery()).scalar_subquery()


_C, _P = table_of(Contribution).c, table_of(Person).c


def _standing_statement(kind: sa.ColumnElement[bool]) -> Any:
    """Everything that is known, in one statement; each part stops counting where more would change nothing.

    A text or a prefix that is not given (null) equals none.
    """
    author = sa.bindparam("author_id", type_=sa.Integer)
    own, others = _C.person_id == author, _C.person_id != author
    shown = sa.select(_C.id).where(own, _C.state == ContributionState.PUBLISHED)
    sent = sa.select(_C.id).where(own, kind)
    same = sa.select(_C.person_id).where(_C.text_digest == sa.bindparam("digest"), others)
    near = (
        sa.select(_C.person_id)
        .where(_C.address_prefix == sa.bindparam("prefix"), _C.received_at > sa.bindparam("lately"))
        .order_by(_C.received_at.desc())
        .limit(BURST_ROWS)
        .subquery()
    )
    neighbours = sa.select(sa.func.count(sa.distinct(near.c.person_id))).where(near.c.person_id != author)
    return sa.select(
        _P.created_at,
        _count(shown.limit(sa.bindparam("approvals", type_=sa.Integer))),
        _count(sent.limit(sa.bindparam("first_day", type_=sa.Integer))),
        _count(same.distinct().limit(sa.bindparam("same_text", type_=sa.Integer))),
        neighbours.scalar_subquery(),
    ).where(_P.id == author)


# Made once: building them costs more than their answers.
_STANDING_OF_PROPOSAL = _standing_statement(_C.parent_id.is_(None))
_STANDING_OF_REPLY = _standing_statement(_C.parent_id.is_not(None))


def _standing(
    session: Session, actor: Actor, written: Written, sending: Sending | None, limits: Thresholds, now: datetime
) -> Standing:
    rows = read_rows(
        session,
        _STANDING_OF_REPLY if written.is_reply else _STANDING_OF_PROPOSAL,
        {
            "author_id": actor.person_id,
            "digest": written.digest,
            "prefix": sending.prefix if sending else None,
            "lately": now - BURST_TIME,
            "approvals": limits.approvals,
            "first_day": _first_day_limit(written, limits),
            "same_text": limits.same_text_accounts,
        },
    )
    return Standing(*rows[0]) if rows else Standing(now)


def _earlier_links(session: Session, actor: Actor, hosts: Counter[str], now: datetime) -> Counter[str]:
    """How often the author linked to these hosts lately."""
    statement = (
        sa.select(Contribution.body)
        .where(
            Contribution.person_id == actor.person_id,
            Contribution.received_at > now - RECENT_LINKS,
            sa.or_(*(Contribution.body.contains(host, autoescape=True) for host in hosts)),
        )
        .order_by(Contribution.id.desc())
        .limit(RECENT_ROWS)
    )
    bodies = session.scalars(statement).all()
    return Counter(host for body in bodies for host in Written("", body, is_reply=False).hosts)


def forget_addresses(session: Session) -> int:
    """Drop the address prefixes that were kept long enough; how many rows held one."""
    old = (Contribution.address_prefix.is_not(None), Contribution.received_at < clock.now() - ADDRESSES_KEPT)
    if session.scalar(sa.select(Contribution.id).where(*old).limit(1)) is None:
        return 0
    with writing(session):
        dropped = session.execute(
            sa.update(Contribution).where(*old).values(address_prefix=None).returning(Contribution.id),
            execution_options={"synchronize_session": False},
        ).all()
    return len(dropped)
