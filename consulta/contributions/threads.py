"""The conversation as anybody may read it: a topic's contributions with their first replies, and the words of any.

Every read asks by an index and says how many rows it takes, so that a page costs the same with ten contributions
and with ten thousand. The statements are made once: a page under load is read far more often than it is written.
"""

import enum
import functools
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from consulta.contributions.models import Channel, Contribution, ContributionState
from consulta.contributions.queries import in_thread
from consulta.database import read_rows
from consulta.people.models import Institution, Person
from consulta.plans.models import Topic

TOPIC_PAGE = 50
FIRST_REPLIES = 3
TITLE_SOURCE = 200
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

Row = Any  # a result row with the columns its statement names
# Where a page ends: what it is sorted by (microseconds since 1970, or supports), and the row's id.
Position = tuple[int, int]


class Order(enum.Enum):
    """How a topic's conversation is sorted."""

    NEWEST = "recientes"
    OLDEST = "antiguas"
    SUPPORTED = "apoyadas"


@dataclass(frozen=True, slots=True)
class TopicPage:
    """Contributions of a topic, and where the next page begins (None at the end)."""

    rows: Sequence[Row]
    following: Position | None


_parent, _parent_author = aliased(Contribution), aliased(Person)
# What is shown of a contribution; the start of the text stands in for a title.
_COLUMNS = (
    Contribution.id,
    Contribution.root_id,
    Contribution.parent_id,
    Contribution.depth,
    Contribution.state,
    Contribution.received_at,
    Contribution.published_at,
    Contribution.public_title,
    Contribution.public_html,
    Contribution.redaction_note,
    Contribution.edited_at,
    Contribution.support_count,
    Contribution.reply_count,
    Contribution.reason,
    Contribution.reason_text,
    Contribution.provenance_note,
    Contribution.channel,
    Person.public_name.label("author"),
    Institution.name.label("organization"),
    sa.func.substr(Contribution.public_body, 1, TITLE_SOURCE).label("opening"),
)
_REPLY_COLUMNS = (*_COLUMNS, _parent_author.public_name.label("parent_author"), _parent.state.label("parent_state"))
# What comes after a position, and in which order.
AFTER: dict[Order, sa.ColumnElement[bool]] = {
    Order.NEWEST: sa.and_(
        Contribution.received_at <= sa.bindparam("edge"),
        sa.or_(Contribution.received_at < sa.bindparam("edge"), Contribution.id < sa.bindparam("last_id")),
    ),
    Order.OLDEST: sa.and_(
        Contribution.received_at >= sa.bindparam("edge"),
        sa.or_(Contribution.received_at > sa.bindparam("edge"), Contribution.id > sa.bindparam("last_id")),
    ),
    Order.SUPPORTED: sa.and_(
        Contribution.support_count <= sa.bindparam("edge"),
        sa.or_(Contribution.support_count < sa.bindparam("edge"), Contribution.id < sa.bindparam("last_id")),
    ),
}
SORT: dict[Order, tuple[sa.UnaryExpression[Any], ...]] = {
    Order.NEWEST: (Contribution.received_at.desc(), Contribution.id.desc()),
    Order.OLDEST: (Contribution.received_at.asc(), Contribution.id.asc()),
    Order.SUPPORTED: (Contribution.support_count.desc(), Contribution.id.desc()),
}


_first, _replier = aliased(Contribution), aliased(Person)


def _first_replies(root: Any, *columns: Any) -> sa.Select[*tuple[Any, ...]]:
    """Something of the first replies anywhere below a root, found by index one root at a time."""
    return (
        sa.select(*columns)
        .where(_first.root_id == root.id, in_thread(_first))
        .order_by(_first.id)
        .limit(FIRST_REPLIES)
        .correlate(root)
    )


def _first_replies_mark() -> sa.ScalarSelect[Any]:
    """Which replies come first below a root, and each as it is, in one text (None without any).

    Whom they answer is the root, or another of them: nothing is shown below what is not.
    """
    parts: tuple[Any, ...] = (_first.id, _first.version, _replier.version)
    texts: list[sa.ColumnElement[str]] = [sa.cast(part, sa.Text) for part in parts]
    mark = functools.reduce(lambda left, right: left + "." + right, texts)
    replies = _first_replies(Contribution, mark.label("mark")).join(_replier, _replier.id == _first.person_id)
    first = replies.subquery("first_three")
    return sa.select(sa.func.aggregate_strings(first.c.mark, " ")).scalar_subquery()


# What tells whether an item looks as it did: every edit raises a version, every support and reply a counter. An
# organisation that is named otherwise makes the frame stale.
_MARKS: tuple[Any, ...] = (
    Contribution.id,
    Contribution.version,
    Contribution.received_at,
    Contribution.support_count,
    Contribution.reply_count,
    Person.version.label("author_version"),
    _first_replies_mark().label("first_replies"),
)


def _topic_statement(order: Order, continued: bool) -> sa.Select[Any]:
    statement = (
        sa.select(*_MARKS)
        .join(Person, Person.id == Contribution.person_id)
        .where(
            Contribution.topic_id == sa.bindparam("topic_id"),
            Contribution.parent_id.is_(None),
            Contribution.channel == Channel.WEB,
            in_thread(),
        )
        .order_by(*SORT[order])
        .limit(TOPIC_PAGE + 1)
    )
    return statement.where(AFTER[order]) if continued else statement


TOPIC_STATEMENTS = {
    (order, continued): _topic_statement(order, continued) for order in Order for continued in (False, True)
}


def _replies(*conditions: sa.ColumnElement[bool]) -> sa.Select[Any]:
    return (
        sa.select(*_REPLY_COLUMNS)
        .join(Person, Person.id == Contribution.person_id)
        .outerjoin(Institution, Institution.id == Contribution.organization_id)
        .join(_parent, _parent.id == Contribution.parent_id)
        .join(_parent_author, _parent_author.id == _parent.person_id)
        .where(*conditions)
    )


_root = aliased(Contribution)
FIRST_REPLIES_STATEMENT = (
    _replies(Contribution.id.in_(_first_replies(_root, _first.id)))
    .join(_root, _root.id.in_(sa.bindparam("roots", expanding=True)))
    .order_by(Contribution.id)
)

WORDS_STATEMENT = (
    sa.select(*_COLUMNS)
    .join(Person, Person.id == Contribution.person_id)
    .outerjoin(Institution, Institution.id == Contribution.organization_id)
    .where(Contribution.id.in_(sa.bindparam("ids", expanding=True)))
)
REPLY_WORDS_STATEMENT = _replies(Contribution.id.in_(sa.bindparam("ids", expanding=True)))


def topic_page(session: Session, topic_id: int, order: Order, after: Position | None) -> TopicPage:
    """The marks of one page of what was posted under a topic; `after` is where the page before ended."""
    parameters = {"topic_id": topic_id, **bounds_of(order, after)}
    rows = read_rows(session, TOPIC_STATEMENTS[order, after is not None], parameters)
    following = position_of(rows[TOPIC_PAGE - 1], order) if len(rows) > TOPIC_PAGE else None
    return TopicPage(rows[:TOPIC_PAGE], following)


def bounds_of(order: Order, after: Position | None) -> dict[str, Any]:
    """The parameters of `AFTER` for the page after a position."""
    if after is None:
        return {}
    edge = after[0] if order is Order.SUPPORTED else _EPOCH + timedelta(microseconds=after[0])
    return {"edge": edge, "last_id": after[1]}


def position_of(row: Row, order: Order) -> Position:
    """Where a page that ends with this row ends."""
    if order is Order.SUPPORTED:
        return row.support_count, row.id
    return (row.received_at - _EPOCH) // timedelta(microseconds=1), row.id


def first_replies(session: Session, root_ids: Sequence[int]) -> dict[int, list[Row]]:
    """The words of the first replies anywhere below each root, by root."""
    found: dict[int, list[Row]] = {}
    for row in read_rows(session, FIRST_REPLIES_STATEMENT, {"roots": root_ids}) if root_ids else ():
        found.setdefault(row.root_id, []).append(row)
    return found


_COUNTS = sa.select(Topic.proposal_count, Topic.reply_count).where(Topic.id == sa.bindparam("topic_id"))


def topic_counts(session: Session, topic_id: int) -> Row:
    """How many proposals and replies a topic shows, as `proposal_count` and `reply_count`."""
    return read_rows(session, _COUNTS, {"topic_id": topic_id})[0]


def words_of(session: Session, ids: Sequence[int], *, are_replies: bool = False) -> dict[int, Row]:
    """What is shown of some contributions, by id."""
    statement = REPLY_WORDS_STATEMENT if are_replies else WORDS_STATEMENT
    return {row.id: row for row in read_rows(session, statement, {"ids": ids})} if ids else {}


def is_shown(row: Row) -> bool:
    """Whether its words are shown, and not a tombstone."""
    return bool(row.state is ContributionState.PUBLISHED)


def contributors_of(session: Session, plan_id: int) -> int:
    """How many different persons have words in the conversation of a plan."""
    statement = sa.select(sa.func.count(sa.distinct(Contribution.person_id))).where(
        Contribution.plan_id == plan_id,
        Contribution.state.in_((ContributionState.PUBLISHED, ContributionState.HIDDEN)),
        Contribution.channel != Channel.INSTITUTION,
    )
    return session.execute(statement).scalar_one()
