"""The start page, and the addresses that are not pages: the leaflets', the robots' and the icon's."""

from pathlib import Path

from flask import Blueprint, abort, current_app, redirect, render_template, request
from flask.typing import ResponseReturnValue

from consulta import clock
from consulta.cache_versions import site_scope
from consulta.contributions.threads import contributors_of
from consulta.decisions.public import told_outcomes
from consulta.plans.models import Plan
from consulta.plans.queries import find_public_plan, public_plans, public_topics
from consulta.plans.rules import Window, Work, admits, window
from consulta.proposals.public import title_of
from consulta.proposals.stages import stage_counts
from consulta.web.context import db
from consulta.web.pages import public_page
from consulta.web.public.words import plan_thread, window_sentence

blueprint = Blueprint("start", __name__)
DAY = "public, max-age=86400"


@blueprint.get("/")
@public_page(lambda: (site_scope(),))
def show() -> ResponseReturnValue:
    """The plan that is open, or the next best one, and what came of earlier proposals."""
    plans = public_plans(db(), clock.today())
    plan = _foremost(plans)
    if plan is None:
        return render_template("public/start/empty.html")
    counts = stage_counts(db(), plan)
    return render_template(
        "public/start/show.html",
        plan=plan,
        others=[other for other in plans if other is not plan],
        topics=public_topics(db(), plan),
        is_open=admits(plan, Work.CONTRIBUTE, clock.now()),
        when=window_sentence(plan),
        steps=plan_thread(plan, counts, f"{request.script_root}/planes/{plan.code}/propuestas"),
        person_count=contributors_of(db(), plan.id),
        outcomes=told_outcomes(db(), plans),
        title_of=title_of,
    )


def _foremost(plans: list[Plan]) -> Plan | None:
    """The open plan first, then one that is about to open, then the newest."""
    now = clock.now()

    def rank(plan: Plan) -> int:
        if admits(plan, Work.CONTRIBUTE, now):
            return 0
        return 1 if window(plan, now) is Window.BEFORE else 2

    return min(plans, key=rank, default=None)


@blueprint.get("/aga_themes")
def leaflet() -> ResponseReturnValue:
    """The address printed on the leaflets of 2018."""
    code = request.args.get("plan", "")
    if not code:
        abort(404)
    plan = find_public_plan(db(), code, clock.today())
    return redirect(f"{request.script_root}/planes/{plan.code}", 301)


@blueprint.get("/robots.txt")
def robots() -> ResponseReturnValue:
    body = "User-agent: *\nDisallow: /cuenta/\nDisallow: /participar/\nDisallow: /seguimiento\nDisallow: /buscar\n"
    return body, 200, {"Content-Type": "text/plain; charset=utf-8", "Cache-Control": DAY}


@blueprint.get("/favicon.ico")
def icon() -> ResponseReturnValue:
    """Browsers ask for this name by themselves."""
    drawing = Path(current_app.root_path, "static", "icons", "favicon.svg").read_bytes()
    return drawing, 200, {"Content-Type": "image/svg+xml", "Cache-Control": DAY}
