"""The proposals of a conversation as markup, each made once for what it shows.

A change of one proposal makes its topic's page anew, but the other forty-nine look as before: each is kept under
everything it is made of, so nothing can be shown that has since changed.
"""

import threading
from collections import OrderedDict
from collections.abc import Hashable, Iterable, Mapping, Sequence
from types import SimpleNamespace
from typing import Any

from flask import current_app, request
from markupsafe import Markup

from consulta import clock
from consulta.contributions.threads import Row, is_shown
from consulta.plans.models import Topic
from consulta.proposals.paths import Standing
from consulta.text import excerpt
from consulta.web.public.words import small_path, state_tag, tombstone, written_date

KEPT = 3000


class Fragments:
    """Markup by what it is made of, the least recently used dropped first."""

    def __init__(self, most: int = KEPT) -> None:
        self._made: OrderedDict[Hashable, Markup] = OrderedDict()
        self._lock = threading.Lock()
        self._most = most

    def get(self, key: Hashable) -> Markup | None:
        with self._lock:
            found = self._made.get(key)
            if found is not None:
                self._made.move_to_end(key)
            return found

    def keep(self, key: Hashable, made: Markup) -> Markup:
        with self._lock:
            self._made[key] = made
            if len(self._made) > self._most:
                self._made.popitem(last=False)
        return made


_fragments = Fragments()


def _day(row: Any) -> str:
    """The civil day a contribution came, written out."""
    return written_date(clock.local_date(row.received_at))


WORDS = SimpleNamespace(
    is_shown=is_shown, day=_day, opening=excerpt, tombstone=tombstone, state_tag=state_tag, small_path=small_path
)


def render_items(
    rows: Iterable[Row],
    *,
    replies: Mapping[int, Sequence[Row]],
    standings: Mapping[int, Sequence[Standing]],
    topic: Topic,
    topics: Iterable[Topic],
    can_write: bool,
) -> Markup:
    """The items of a page of a conversation, in its order."""
    names: dict[int | None, str] = {one.id: one.name for one in topics}
    macro: Any = current_app.jinja_env.get_template("public/topics/item.html").module
    made = []
    for row in rows:
        found, first = tuple(standings.get(row.id, ())), tuple(replies.get(row.id, ()))
        elsewhere = tuple(names.get(one.topic_id) for one in found if one.topic_id != topic.id)
        key = (request.script_root, can_write, topic.id, tuple(row), found, tuple(map(tuple, first)), elsewhere)
        item = _fragments.get(key)
        if item is None:
            arguments = (row, found, first, topic.id, names, can_write, request.script_root, WORDS)
            item = _fragments.keep(key, macro.item(*arguments))
        made.append(item)
    return Markup("\n").join(made)
