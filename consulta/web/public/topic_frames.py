"""What stands around a conversation: plan, topics, documents, composer. Made once for each version of the frame."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask import current_app, g, render_template, request
from markupsafe import Markup

from consulta import clock
from consulta.contributions.models import BODY_MAX, SUGGESTION_MAX, TITLE_MAX
from consulta.plans.models import Moderation, Plan, Topic
from consulta.plans.queries import (
    find_public_plan,
    find_public_topic,
    public_documents,
    public_topics,
    suggestible_institutions,
)
from consulta.plans.rules import Window, may_contribute, window
from consulta.web.context import db
from consulta.web.kept import Kept
from consulta.web.public.words import window_sentence

LIMITS = {"title": TITLE_MAX, "body": BODY_MAX, "suggestion": SUGGESTION_MAX}


@dataclass(frozen=True)
class TopicFrame:
    """A topic without its conversation; the records are read whole and belong to no session."""

    plan: Plan
    topic: Topic
    names: Mapping[int | None, str]
    can_write: bool
    is_before: bool
    when: str
    composer: Markup
    reply_form: Markup
    facts: Markup


def topic_frame(plan_code: str, topic_code: str) -> tuple[tuple[object, ...], TopicFrame]:
    """The frame of a topic as it is now, with what tells it from any other. Raises NotFound."""
    # The first scope of the page is the frame; with the local date it decides the window too.
    key = (request.script_root, plan_code, topic_code, g.page_versions[0], clock.today())
    kept: Kept[TopicFrame] = current_app.extensions["topic_frames"]
    return key, kept.get(key) or kept.keep(key, _make(plan_code, topic_code, clock.today()))


def _make(plan_code: str, topic_code: str, today: date) -> TopicFrame:
    now = clock.now()
    plan = find_public_plan(db(), plan_code, today)
    topic = find_public_topic(db(), plan, topic_code)
    topics, can_write = public_topics(db(), plan), may_contribute(plan, topic, now)
    common = {"plan": plan, "topic": topic}
    composer = reply_form = ""
    if can_write:
        replies: Any = current_app.jinja_env.get_template("components/replies.html").module
        reply_form = replies.reply_form(request.script_root, BODY_MAX, topic.moderation is Moderation.BEFORE)
        institutions = suggestible_institutions(db(), topic.code, today)
        composer = render_template("public/topics/composer.html", institutions=institutions, limits=LIMITS, **common)
    documents = public_documents(db(), plan)
    facts = render_template("public/topics/facts.html", topics=topics, documents=documents, **common)
    frame = TopicFrame(
        plan=plan,
        topic=topic,
        names={one.id: one.name for one in topics},
        can_write=can_write,
        is_before=window(plan, now) is Window.BEFORE,
        when=window_sentence(plan),
        composer=Markup(composer),  # noqa: S704 - our own template, escaped there
        reply_form=Markup(reply_form),  # noqa: S704 - our own template, escaped there
        facts=Markup(facts),  # noqa: S704 - our own template, escaped there
    )
    db().expunge_all()
    return frame
