"""The proposals of a conversation as markup, each made once for what it shows.

A change of one proposal makes its topic's page anew, but the other forty-nine look as before: each is kept under
the versions and counters of everything it shows, so nothing can be shown that has since changed.
"""

from collections.abc import Hashable, Mapping, Sequence
from types import SimpleNamespace
from typing import Any

from flask import current_app, request
from markupsafe import Markup
from sqlalchemy.orm import Session

from consulta import clock
from consulta.contributions.threads import Row, is_shown, words_of
from consulta.proposals.paths import Standing
from consulta.text import excerpt
from consulta.web.kept import Kept
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
    replies: Mapping[int, Sequence[Row]],
    standings: Mapping[int, Sequence[Standing]],
    frame: Hashable,
    topic_id: int,
    names: Mapping[int | None, str],
    can_write: bool,
) -> list[Markup]:
    """The items of a page of a conversation, in its order. Only what has changed is read and made again.

    `frame` stands for all else that an item shows: language, plan, names of topics, whether people can write.
    """
    kept: Kept[Markup] = current_app.extensions["topic_items"]
    keys = {
        row.id: (frame, tuple(row), tuple(standings.get(row.id, ())), tuple(map(tuple, replies.get(row.id, ()))))
        for row in marks
    }
    made = {key: item for key, item in ((key, kept.get(keys[key])) for key in keys) if item is not None}
    missing = [key for key in keys if key not in made]
    words = words_of(session, missing)
    answers = words_of(session, [reply.id for key in missing for reply in replies.get(key, ())], are_replies=True)
    macro: Any = current_app.jinja_env.get_template("public/topics/item.html").module
    for key in missing:
        first = [answers[reply.id] for reply in replies.get(key, ())]
        found = tuple(standings.get(key, ()))
        item = macro.item(words[key], found, first, topic_id, names, can_write, request.script_root, WORDS)
        made[key] = kept.keep(keys[key], item)
    return [made[key] for key in keys]


def light(items: Sequence[Markup]) -> Sequence[Markup]:
    """As many of the first items as one page may hold; the longest texts make shorter pages, not heavier ones."""
    weight = 0
    for number, item in enumerate(items):
        weight += len(item)
        if weight > MOST_CHARACTERS and number:
            return items[:number]
    return items
