"""The replies to one proposal, as a tree that stays readable and a page that stays light.

An overview lists the direct replies with what follows each, and folds what is long; a branch, once opened, is read
whole, in the order in which people answered each other. Every statement says how many rows it takes.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from consulta.contributions.models import Contribution
from consulta.contributions.queries import in_thread
from consulta.contributions.threads import AFTER, SORT, Order, Position, Row, bounds_of, position_of, words_of
from consulta.database import read_rows

REPLY_PAGE = 100
# Above these a branch is folded to its first replies, with a link to its own page.
WHOLE_REPLIES, WHOLE_ANSWERS = 6, 4
FIRST_REPLIES = 3
# Below the first level of a page; what is deeper stands at the last one and says whom it answers.
NESTED_LEVELS = 3
# A longer branch is read as an overview too, so that no page reads more rows than this to put them in order.
BRANCH_MOST = 2000
# Bytes of people's words on one page, so that the longest texts make shorter pages and not heavier ones.
PAGE_BYTES = 90_000


@dataclass(frozen=True)
class Branch:
    """A reply with those shown below it; `folded` is how many it has in all when they are not all here."""

    row: Row
    replies: "list[Branch]" = field(default_factory=list)
    folded: int | None = None


@dataclass(frozen=True)
class RepliesPage:
    """Some replies as a tree, which ids it holds, and where the next page begins (None at the end)."""

    branches: Sequence[Branch]
    ids: frozenset[int]
    following: Position | None


_MARKS: tuple[Any, ...] = (
    Contribution.id,
    Contribution.parent_id,
    Contribution.received_at,
    Contribution.support_count,
    Contribution.reply_count,
)


def _direct(order: Order, continued: bool) -> sa.Select[Any]:
    statement = (
        sa.select(*_MARKS)
        .where(
            Contribution.topic_id == sa.bindparam("topic_id"),
            Contribution.parent_id.in_(sa.bindparam("parents", expanding=True)),
            in_thread(),
        )
        .order_by(*SORT[order])
        .limit(REPLY_PAGE + 1)
    )
    return statement.where(AFTER[order]) if continued else statement


DIRECT_STATEMENTS = {(order, continued): _direct(order, continued) for order in Order for continued in (False, True)}


def _below(first: sa.ColumnElement[bool], most: int) -> sa.Select[Any]:
    """Ids below something, level by level."""
    below = sa.select(Contribution.id, Contribution.parent_id).where(first, in_thread()).cte("below", recursive=True)
    below = below.union_all(
        sa.select(Contribution.id, Contribution.parent_id)
        .join(below, Contribution.parent_id == below.c.id)
        .where(in_thread())
    )
    return sa.select(below.c.id, below.c.parent_id).limit(most)


_SHORT_MOST = REPLY_PAGE * (WHOLE_REPLIES + 1)
SHORT_STATEMENT = _below(Contribution.parent_id.in_(sa.bindparam("short", expanding=True)), _SHORT_MOST)
BRANCH_STATEMENT = _below(Contribution.parent_id == sa.bindparam("branch"), BRANCH_MOST + 1)

_upper, _answer = aliased(Contribution), aliased(Contribution)
FIRST_STATEMENT = (
    sa.select(Contribution.id, Contribution.parent_id)
    .join(_upper, _upper.id.in_(sa.bindparam("long", expanding=True)))
    .where(
        Contribution.id.in_(
            sa.select(_answer.id)
            .where(_answer.parent_id == _upper.id, in_thread(_answer))
            .order_by(_answer.id)
            .limit(FIRST_REPLIES)
            .correlate(_upper)
        )
    )
    .order_by(Contribution.id)
)


def overview(
    session: Session, topic_id: int, parents: Sequence[int], order: Order, after: Position | None
) -> RepliesPage:
    """One page of the direct replies to something, each with what follows it, long branches folded."""
    parameters = {"topic_id": topic_id, "parents": parents, **bounds_of(order, after)}
    direct = read_rows(session, DIRECT_STATEMENTS[order, after is not None], parameters)
    listed, followers = direct[:REPLY_PAGE], _followers(session, direct[:REPLY_PAGE])
    kept, ids = _first_page(listed, followers)
    words = words_of(session, ids, are_replies=True)
    kept = _light_page(kept, followers, words)
    branches = [_as_branch(row, followers.get(row.id), words) for row in kept]
    is_last = len(kept) == len(direct)
    shown = frozenset(key for row in kept for key in (row.id, *_ids(followers.get(row.id))))
    return RepliesPage(branches, shown, None if is_last else position_of(kept[-1], order))


@dataclass(frozen=True)
class _Followers:
    """What is shown below one direct reply, in reading order."""

    rows: Sequence[Row]
    is_folded: bool


def _followers(session: Session, direct: Sequence[Row]) -> dict[int, _Followers]:
    """What is shown below each direct reply: all of it, or the first answers where that would be long."""
    short = [row.id for row in direct if row.reply_count <= WHOLE_REPLIES]
    rows = read_rows(session, SHORT_STATEMENT, {"short": short})
    children = _by_parent(rows)
    found, long = {}, [row.id for row in direct if row.reply_count > WHOLE_REPLIES]
    for key in short:
        below = _in_reading_order(key, children)
        # With the most rows read some may be missing: tombstones, which no counter counts.
        is_whole = len(rows) < _SHORT_MOST
        if is_whole and len(below) <= WHOLE_REPLIES and len(children.get(key, ())) <= WHOLE_ANSWERS:
            found[key] = _Followers(below, is_folded=False)
        else:
            long.append(key)
    first = _by_parent(read_rows(session, FIRST_STATEMENT, {"long": long}))
    return found | {key: _Followers(first.get(key, ()), is_folded=key in first) for key in long}


def _ids(followers: _Followers | None) -> list[int]:
    return [row.id for row in followers.rows] if followers else []


def _first_page(direct: Sequence[Row], followers: Mapping[int, _Followers]) -> tuple[Sequence[Row], list[int]]:
    """As many direct replies as fill a page together with what is shown below them."""
    ids: list[int] = []
    for number, row in enumerate(direct):
        if len(ids) >= REPLY_PAGE:
            return direct[:number], ids
        ids += [row.id, *_ids(followers.get(row.id))]
    return direct, ids


def _light_page(direct: Sequence[Row], followers: Mapping[int, _Followers], words: Mapping[int, Row]) -> Sequence[Row]:
    """Those of them whose words are not too heavy together; the first in any case."""
    weight = 0
    for number, row in enumerate(direct):
        weight += sum(_weight(words, key) for key in (row.id, *_ids(followers.get(row.id))))
        if weight > PAGE_BYTES and number:
            return direct[:number]
    return direct


def _weight(words: Mapping[int, Row], key: int) -> int:
    return len(words[key].public_html.encode()) if key in words else 0


def _as_branch(row: Row, followers: _Followers | None, words: Mapping[int, Row]) -> Branch:
    below = as_tree([words[key] for key in _ids(followers)], NESTED_LEVELS - 1)
    is_folded = followers is not None and followers.is_folded
    return Branch(words[row.id], below, folded=row.reply_count if is_folded else None)


def branch_page(session: Session, branch: Row, after: Position | None) -> RepliesPage | None:
    """One page of everything below a reply, in reading order; None for a place that is not in it.

    A branch too long to be put in order is an overview of its direct replies.
    """
    rows = read_rows(session, BRANCH_STATEMENT, {"branch": branch.id})
    if len(rows) > BRANCH_MOST:
        return overview(session, branch.topic_id, [branch.id], Order.OLDEST, after)
    order = [row.id for row in _in_reading_order(branch.id, _by_parent(rows))]
    if after is not None and after[1] not in order:
        return None
    begin = 0 if after is None else order.index(after[1]) + 1
    words = words_of(session, order[begin : begin + REPLY_PAGE], are_replies=True)
    page: list[Row] = []
    weight = 0
    for key in order[begin : begin + REPLY_PAGE]:
        weight += _weight(words, key)
        if weight > PAGE_BYTES and page:
            break
        page.append(words[key])
    following = position_of(page[-1], Order.OLDEST) if begin + len(page) < len(order) else None
    return RepliesPage(as_tree(page, NESTED_LEVELS), frozenset(row.id for row in page), following)


def _by_parent(rows: Iterable[Row]) -> dict[int, list[Row]]:
    children: dict[int, list[Row]] = {}
    for row in rows:
        children.setdefault(row.parent_id, []).append(row)
    return children


def _in_reading_order(start: int, children: Mapping[int, Sequence[Row]]) -> list[Row]:
    """Everything below a contribution, each answer right after what it answers. No recursion: a thread may be deep."""
    found: list[Row] = []
    waiting = sorted(children.get(start, ()), key=lambda row: -row.id)
    while waiting:
        row = waiting.pop()
        found.append(row)
        waiting += sorted(children.get(row.id, ()), key=lambda one: -one.id)
    return found


def as_tree(rows: Iterable[Row], levels: int) -> list[Branch]:
    """Nest rows in reading order, at most `levels` lists deep below the first.

    What is deeper stands in the last list; what answers something that is not among the rows, in the first.
    """
    top: list[Branch] = []
    # Of each reply: the list it stands in, and at which level that is.
    places: dict[int, tuple[Branch, list[Branch], int]] = {}
    for row in rows:
        above = places.get(row.parent_id)
        branch = Branch(row)
        if above is None:
            home, level = top, 0
        elif above[2] < levels:
            home, level = above[0].replies, above[2] + 1
        else:
            _, home, level = above
        home.append(branch)
        places[row.id] = (branch, home, level)
    return top
