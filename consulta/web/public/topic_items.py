"""The proposals of a conversation as markup, each made once for what it shows.

A change of one proposal makes its topic's page anew, but the other forty-nine look as before: each is kept under
the versions and counters of everything it shows, so nothing can be shown that has since changed.
"""

from collections.abc import Hashable, Mapping, Sequence
from types import SimpleNamespace
from typing import Any, cast

from flask import current_app, request
from markupsafe import Markup
from sqlalchemy.orm import Session

from consulta import clock
from consulta.contributions.threads import Row, first_replies, is_shown, words_of
from consulta.proposals.paths import Trace, standing_of
from consulta.text import excerpt
from consulta.web.kept import Kept
from consulta.web.public.topic_frames import TopicFrame
from consulta.web.public.words import small_path, state_tag, tombstone, written_date


def _day(row: Any) -> str:
    """The civil day a contribution came, written out."""
    return written_date(clock.local_date(row.received_at))


# Markup repeats itself and compresses well; this much stays far below what a telephone should wait for.
MOST_CHARACTERS = 300_000
WORDS = SimpleNamespace(
    is_shown=is_shown, day=_day, opening=excerpt, tombstone=tombstone, state_tag=state_tag, small_path=small_path
)


def render_items(
    session: Session,
    marks: Sequence[Row],
    *,
    traces: Mapping[int, tuple[Trace, ...]],
    key: Hashable,
    frame: TopicFrame,
) -> list[Markup]:
    """The items of a page of a conversation, in its order. Only what has changed is read and made again.

    `key` stands for all that an item shows of the frame: language, day, plan, names of topics, whether people write.
    """
    kept: Kept[Markup] = current_app.extensions["topic_items"]
    keys = {row.id: (key, *row, *(trace.mark for trace in traces.get(row.id, ()))) for row in marks}
    found = {number: kept.get(keys[number]) for number in keys}
    missing = [row for row in marks if found[row.id] is None]
    replies = first_replies(session, [row.id for row in missing if row.reply_count])
    words, today = words_of(session, [row.id for row in missing]), clock.today()
    macro: Any = current_app.jinja_env.get_template("public/topics/item.html").module
    for row in missing:
        said, own = words[row.id], traces.get(row.id, ())
        standings = [standing_of(trace, has_results=frame.plan.has_results, today=today) for trace in own]
        first = replies.get(row.id, ())
        topic_id, root = frame.topic.id, request.script_root
        item = macro.item(said, standings, first, topic_id, frame.names, frame.can_write, root, WORDS)
        found[row.id] = item
        # On PostgreSQL what is read here may be newer than the mark. A version never comes back, but numbers may, with
        # the supports and replies that they count. The words are read last, so that theirs are the newest.
        if _numbers(said) == _numbers(row):
            kept.keep(keys[row.id], item)
    return cast("list[Markup]", [found[row.id] for row in marks])


def _numbers(row: Row) -> tuple[int, int]:
    return row.support_count, row.reply_count


def light(items: Sequence[Markup]) -> Sequence[Markup]:
    """As many of the first items as one page may hold; the longest texts make shorter pages, not heavier ones."""
    weight = 0
    for number, item in enumerate(items):
        weight += len(item)
        if weight > MOST_CHARACTERS and number:
            return items[:number]
    return items
