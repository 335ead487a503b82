"""Atom feeds (RFC 4287): a plan, a topic or a proposal followed without an account, in the words of its page."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

from flask import Blueprint, Response, render_template, request
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from consulta import clock
from consulta.cache_versions import frame_scope, plan_scope, site_scope, topic_scope
from consulta.plans.models import Plan
from consulta.plans.queries import find_public_plan, find_public_topic
from consulta.proposals.details import find_public_proposal, sources_of
from consulta.proposals.feeds import MOST, Entry, newest_of_topic, newest_proposals, newest_replies
from consulta.web.context import db, parts
from consulta.web.filters import signature
from consulta.web.i18n import gettext
from consulta.web.pages import public_page
from consulta.web.public.conversations import roots_of
from consulta.web.public.path import DatedPath, dated_path
from consulta.web.public.words import STEP_LABELS, state_sentence

blueprint = Blueprint("feeds", __name__, url_prefix="/feeds")
# Names of entries begin with this and the site's host (RFC 4151); readers know an entry by its name for ever.
NAMED_SINCE = 2018
# What XML 1.0 cannot hold, however it is written.
_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True)
class Item:
    """One entry: what somebody said, or a step of a path, which the present one tells in a sentence."""

    name: str
    title: str
    page: str
    published_at: datetime
    updated_at: datetime
    author: str | None = None
    html: Markup | None = None
    sentence: str | None = None


@blueprint.get("/planes/<plan_code>.atom")
@public_page(lambda plan_code: (plan_scope(plan_code),))
def plan(plan_code: str) -> ResponseReturnValue:
    found = find_public_plan(db(), plan_code, clock.today())
    title = gettext("Propuestas: %(plan)s", plan=found.title)
    return _feed(title, f"/planes/{found.code}", found, _said(newest_proposals(db(), found.id)))


@blueprint.get("/planes/<plan_code>/temas/<topic_code>.atom")
@public_page(lambda plan_code, topic_code: (frame_scope(plan_code), topic_scope(plan_code, topic_code)))
def topic(plan_code: str, topic_code: str) -> ResponseReturnValue:
    found = find_public_plan(db(), plan_code, clock.today())
    subject = find_public_topic(db(), found, topic_code)
    title = gettext("Propuestas y respuestas: %(topic)s", topic=subject.name)
    return _feed(title, f"/planes/{found.code}/temas/{subject.code}", found, _said(newest_of_topic(db(), subject)))


@blueprint.get("/propuestas/<folio>.atom")
@public_page(lambda folio: (site_scope(),))
def proposal(folio: str) -> ResponseReturnValue:
    found = find_public_proposal(db(), folio)
    sources = sources_of(db(), found.id)
    title = gettext("El camino y las respuestas de %(folio)s", folio=found.folio)
    items = [*_path(dated_path(db(), found, sources)), *_said(newest_replies(db(), roots_of(sources)))]
    return _feed(title, f"/propuestas/{found.folio}", found.plan, items)


def _said(entries: Iterable[Entry]) -> Iterator[Item]:
    for entry in entries:
        said, author = entry.said, signature(entry.said)
        title, page = entry.title or entry.folio, f"/propuestas/{entry.folio}"
        if said.parent_id is not None:
            title = gettext("Respuesta de %(author)s a %(folio)s", author=author, folio=entry.folio)
            page = f"/aportes/{said.id}"
        name, html = f"aportes/{said.id}", said.public_html
        yield Item(name, title, page, said.received_at, entry.updated_at, author=author, html=html)


def _path(path: DatedPath) -> Iterator[Item]:
    folio = path.own.folio
    for step, at in reversed(path.reached()):
        sentence = state_sentence(path.own) if step is path.standing.step else None
        title = f"{folio}: {STEP_LABELS[step]}"
        yield Item(f"propuestas/{folio}/{step.value}", title, f"/propuestas/{folio}", at, at, sentence=sentence)


def _feed(title: str, page: str, plan: Plan, items: Iterable[Item]) -> Response:
    """The feed beside a page, the newest first."""
    newest = sorted(items, key=lambda item: item.published_at, reverse=True)[:MOST]
    site = parts().config.site_url
    begun = clock.start_of_day(plan.notice_published_on or plan.period_start_on)
    document = render_template(
        "public/feeds/feed.xml",
        title=title,
        plan=plan,
        items=newest,
        updated=max((item.updated_at for item in newest), default=begun),
        name=f"tag:{urlsplit(site).hostname},{NAMED_SINCE}:",
        here=site + request.script_root + request.path,
        site=site + request.script_root,
        page=page,
    )
    return Response(_NOT_XML.sub("", document), content_type="application/atom+xml; charset=utf-8")
