"""A topic: what is asked, the composer, and the conversation.

Its page depends on two versions only, so that a change elsewhere leaves it in the cache. `frame:<plan>` covers the
plan's state, calendar, topics, documents, the publication of results and the names of institutions; `topic:<plan>/
<topic>` covers everything said under the topic, and where each proposal shown here stands. So a change of a proposal
calls `change.stale(plan, topic)` for the topic it was sent to, its final one and that of each source. Whether an answer
is late, and whether the window is open, changes with the local date, which is part of every key.
"""

from collections.abc import Sequence

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from consulta.cache_versions import frame_scope, topic_scope
from consulta.contributions.threads import Order, Row, position_of, topic_counts, topic_page
from consulta.proposals.paths import traces_by_source
from consulta.proposals.public import from_elsewhere, title_of
from consulta.web.context import db
from consulta.web.pages import public_page
from consulta.web.public.cursors import cursor, read_cursor
from consulta.web.public.topic_frames import TopicFrame, topic_frame
from consulta.web.public.topic_items import light, render_items

blueprint = Blueprint("topics", __name__)
ELSEWHERE_SHOWN = 20
ORDERS = tuple(order.value for order in Order)


@blueprint.get("/planes/<plan_code>/temas/<topic_code>")
@public_page(
    lambda plan_code, topic_code: (frame_scope(plan_code), topic_scope(plan_code, topic_code)),
    {"orden": ORDERS, "pagina": None},
)
def show(plan_code: str, topic_code: str) -> ResponseReturnValue:
    """Choose, read, write; and fifty proposals of the conversation with their first replies."""
    key, frame = topic_frame(plan_code, topic_code)
    topic = frame.topic
    wanted = request.args.get("orden")
    order = Order(wanted) if wanted in ORDERS else Order.NEWEST
    scope = f"topic:{topic.id}:{order.value}"
    after = read_cursor(scope, 2)
    page = topic_page(db(), topic.id, order, (after[0], after[1]) if after else None)
    items = _items(key, frame, page.rows)
    shown = light(items)
    following = position_of(page.rows[len(shown) - 1], order) if len(shown) < len(items) else page.following
    elsewhere = from_elsewhere(db(), topic.id, ELSEWHERE_SHOWN + 1)
    return render_template(
        "public/topics/show.html",
        plan=frame.plan,
        topic=topic,
        counts=topic_counts(db(), topic.id),
        can_write=frame.can_write,
        is_before=frame.is_before,
        when=frame.when,
        composer=frame.composer,
        reply_form=frame.reply_form,
        facts=frame.facts,
        order=order,
        is_first_page=after is None,
        items=Markup("\n".join(shown)),  # noqa: S704 - each is markup already
        next_cursor=cursor(scope, *following) if following else None,
        elsewhere=elsewhere[:ELSEWHERE_SHOWN],
        has_more_elsewhere=len(elsewhere) > ELSEWHERE_SHOWN,
        title_of=title_of,
    )


def _items(key: tuple[object, ...], frame: TopicFrame, marks: Sequence[Row]) -> list[Markup]:
    return render_items(
        db(),
        marks,
        traces=traces_by_source(db(), [row.id for row in marks], has_results=frame.plan.has_results),
        key=key,
        frame=frame,
    )
