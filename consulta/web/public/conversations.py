"""The replies to a proposal: part of its page, and the page of each branch; permanent links; what is new."""

from typing import Any

from flask import Blueprint, abort, jsonify, redirect, render_template, request
from flask.typing import ResponseReturnValue

from consulta import clock
from consulta.cache_versions import frame_scope, site_scope, topic_scope
from consulta.contributions.branches import RepliesPage, branch_page, overview
from consulta.contributions.models import BODY_MAX, Channel, Contribution
from consulta.contributions.rules import is_in_thread
from consulta.contributions.threads import Order, Position, Row, is_shown, topic_counts, words_of
from consulta.errors import NotFound
from consulta.plans.models import Moderation
from consulta.plans.queries import find_public_plan, find_public_topic
from consulta.plans.rules import may_contribute
from consulta.proposals.details import find_public_proposal, folio_of_root, sources_of
from consulta.proposals.models import Proposal
from consulta.text import excerpt
from consulta.web.context import db
from consulta.web.pages import public_page
from consulta.web.public.cursors import cursor, read_cursor
from consulta.web.public.words import tombstone, written_date

blueprint = Blueprint("conversations", __name__)
ORDERS = tuple(order.value for order in Order)


def conversation_of(proposal: Proposal, sources: Any) -> dict[str, Any]:
    """What a proposal's page shows of the replies to what was posted at the top of a topic."""
    roots = roots_of(sources)
    asked = request.args.get("orden")
    order = Order(asked) if asked in ORDERS else Order.OLDEST
    scope = f"replies:{proposal.id}:{order.value}"
    after = _place(scope)
    page = overview(db(), proposal.topic_received_id or 0, roots, order, after)
    answered = next((source for source in sources if source.id in roots and is_shown(source)), None)
    return {
        **_thread(proposal, page, roots, bool(answered)),
        "reply_total": _reply_total(sources),
        "order": order,
        "next_cursor": cursor(scope, *page.following) if page.following else None,
        "is_first_page": after is None,
        "answered": answered,
        "max_length": BODY_MAX,
    }


@blueprint.get("/propuestas/<folio>/respuestas/<int:contribution_id>")
@public_page(lambda folio, contribution_id: (site_scope(),), {"pagina": None})
def branch(folio: str, contribution_id: int) -> ResponseReturnValue:
    """One reply and everything that was answered to it."""
    proposal, row = _find_branch(folio, contribution_id)
    scope = f"branch:{contribution_id}"
    after = _place(scope)
    page = branch_page(db(), row, after)
    if page is None:
        abort(404)
    parent = words_of(db(), [row.parent_id])[row.parent_id]
    return render_template(
        "public/proposals/branch.html",
        plan=proposal.plan,
        proposal=proposal,
        row=row,
        parent=parent,
        answered=(parent.public_title or excerpt(parent.opening)) if is_shown(parent) else tombstone(parent),
        next_cursor=cursor(scope, *page.following) if page.following else None,
        is_first_page=after is None,
        max_length=BODY_MAX,
        **_thread(proposal, page, [row.id, row.parent_id], True),
    )


@blueprint.get("/aportes/<int:contribution_id>")
def permalink(contribution_id: int) -> ResponseReturnValue:
    """The lasting address of what somebody said leads to the page that shows it, whatever becomes of its thread."""
    found = db().get(Contribution, contribution_id)
    folio = folio_of_root(db(), found.root_id or found.id) if found and is_in_thread(found) else None
    if found is None or folio is None:
        raise NotFound("Contribution", contribution_id)
    page = f"{request.script_root}/propuestas/{folio}" + (f"/respuestas/{found.id}" if found.is_reply else "")
    return redirect(f"{page}#aporte-{found.id}", 303)


@blueprint.get("/planes/<plan_code>/temas/<topic_code>/novedades")
@public_page(lambda plan_code, topic_code: (frame_scope(plan_code), topic_scope(plan_code, topic_code)))
def topic_news(plan_code: str, topic_code: str) -> ResponseReturnValue:
    """How many contributions a topic shows, for pages that are open."""
    topic = find_public_topic(db(), find_public_plan(db(), plan_code, clock.today()), topic_code)
    counts = topic_counts(db(), topic.id)
    return jsonify(shown=counts.proposal_count + counts.reply_count)


@blueprint.get("/propuestas/<folio>/novedades")
@public_page(lambda folio: (site_scope(),))
def proposal_news(folio: str) -> ResponseReturnValue:
    """How many replies a proposal shows, for pages that are open."""
    return jsonify(shown=_reply_total(sources_of(db(), find_public_proposal(db(), folio).id)))


@blueprint.get("/propuestas/<folio>/respuestas/<int:contribution_id>/novedades")
@public_page(lambda folio, contribution_id: (site_scope(),))
def branch_news(folio: str, contribution_id: int) -> ResponseReturnValue:
    """How many replies a branch shows, for pages that are open."""
    return jsonify(shown=_find_branch(folio, contribution_id)[1].reply_count)


def _find_branch(folio: str, contribution_id: int) -> tuple[Proposal, Row]:
    """A proposal and a reply in its conversation. Raises NotFound for one that is in another, or not shown."""
    proposal = find_public_proposal(db(), folio)
    row = words_of(db(), [contribution_id], are_replies=True).get(contribution_id)
    if row is None or not is_in_thread(row) or row.root_id not in roots_of(sources_of(db(), proposal.id)):
        raise NotFound("Contribution", contribution_id)
    return proposal, row


def roots_of(sources: Any) -> list[int]:
    """The sources that are the top of a conversation."""
    return [source.id for source in sources if source.parent_id is None and source.channel is Channel.WEB]


def _reply_total(sources: Any) -> int:
    roots = roots_of(sources)
    return sum(source.reply_count for source in sources if source.id in roots)


def _place(scope: str) -> Position | None:
    found = read_cursor(scope, 2)
    return (found[0], found[1]) if found else None


def _thread(proposal: Proposal, page: RepliesPage, subjects: list[int], has_words: bool) -> dict[str, Any]:
    """What the macros of `components/replies.html` need; `subjects` is what the page is about."""
    topic = proposal.topic_received
    return {
        "branches": page.branches,
        "thread": {
            "root": request.script_root,
            "folio": proposal.folio,
            "subjects": subjects,
            "ids": page.ids.union(subjects),
            "can_reply": bool(has_words and topic and may_contribute(proposal.plan, topic, clock.now())),
            "reads_before": topic is None or topic.moderation is Moderation.BEFORE,
            "is_shown": is_shown,
            "tombstone": tombstone,
            "day": _day,
        },
    }


def _day(row: Row) -> str:
    return written_date(clock.local_date(row.received_at))
