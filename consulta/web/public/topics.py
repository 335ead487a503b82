"""A topic: what is asked, the composer, and the conversation.

Its page depends on two versions only, so that a change elsewhere leaves it in the cache. `frame:<plan>` covers the
plan's state, calendar, topics, documents, the publication of results and the names of institutions; `topic:<plan>/
<topic>` covers everything said under the topic, and where each proposal shown here stands. So a change of a proposal
calls `change.stale(plan, topic)` for the topic it was sent to, its final one and that of each source. Whether an answer
is late, and whether the window is open, changes with the local date, which is part of every key.
"""

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from consulta import clock
from consulta.cache_versions import frame_scope, topic_scope
from consulta.contributions.models import BODY_MAX, SUGGESTION_MAX, TITLE_MAX
from consulta.contributions.threads import Order, first_replies, topic_page
from consulta.plans.queries import (
    find_public_plan,
    find_public_topic,
    public_documents,
    public_topics,
    suggestible_institutions,
)
from consulta.plans.rules import Window, may_contribute, window
from consulta.proposals.paths import standings_by_source
from consulta.proposals.public import from_elsewhere, title_of
from consulta.web.context import db
from consulta.web.pages import public_page
from consulta.web.public.cursors import cursor, read_cursor
from consulta.web.public.topic_items import render_items
from consulta.web.public.words import window_sentence

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
    now, today = clock.now(), clock.today()
    plan = find_public_plan(db(), plan_code, today)
    topic = find_public_topic(db(), plan, topic_code)
    wanted = request.args.get("orden")
    order = Order(wanted) if wanted in ORDERS else Order.NEWEST
    scope = f"topic:{topic.id}:{order.value}"
    after = read_cursor(scope, 2)
    page = topic_page(db(), topic.id, order, (after[0], after[1]) if after else None)
    ids = [row.id for row in page.rows]
    topics = public_topics(db(), plan)
    can_write = may_contribute(plan, topic, now)
    elsewhere = from_elsewhere(db(), topic, ELSEWHERE_SHOWN + 1)
    return render_template(
        "public/topics/show.html",
        plan=plan,
        topic=topic,
        topics=topics,
        documents=public_documents(db(), plan),
        institutions=suggestible_institutions(db(), topic.code, today) if can_write else None,
        can_write=can_write,
        is_before=window(plan, now) is Window.BEFORE,
        when=window_sentence(plan),
        order=order,
        orders=Order,
        is_first_page=after is None,
        items=render_items(
            page.rows,
            replies=first_replies(db(), [row.id for row in page.rows if row.reply_count]),
            standings=standings_by_source(db(), ids, has_results=plan.has_results, today=today),
            topic=topic,
            topics=topics,
            can_write=can_write,
        ),
        next_cursor=cursor(scope, *page.following) if page.following else None,
        elsewhere=elsewhere[:ELSEWHERE_SHOWN],
        has_more_elsewhere=len(elsewhere) > ELSEWHERE_SHOWN,
        limits={"title": TITLE_MAX, "body": BODY_MAX, "suggestion": SUGGESTION_MAX},
        title_of=title_of,
    )
