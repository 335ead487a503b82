"""Plans: their state, calendar, topics and documents."""

from flask import Blueprint, Response, abort, render_template, request
from flask.typing import ResponseReturnValue

from consulta import clock
from consulta.cache_versions import plan_scope, site_scope
from consulta.contributions.threads import contributors_of
from consulta.plans.queries import (
    find_public_document,
    find_public_plan,
    public_documents,
    public_plans,
    public_topics,
)
from consulta.plans.rules import Work, admits
from consulta.proposals.stages import Stage, late_count, stage_counts
from consulta.web.context import db
from consulta.web.pages import public_page
from consulta.web.public.words import plan_thread, window_sentence

blueprint = Blueprint("plans", __name__)


@blueprint.get("/planes")
@public_page(lambda: (site_scope(),))
def index() -> ResponseReturnValue:
    plans = public_plans(db(), clock.today())
    return render_template(
        "public/plans/index.html",
        plans=[(plan, window_sentence(plan), stage_counts(db(), plan)) for plan in plans],
        Stage=Stage,
    )


@blueprint.get("/planes/<plan_code>")
@public_page(lambda plan_code: (plan_scope(plan_code),))
def show(plan_code: str) -> ResponseReturnValue:
    plan = find_public_plan(db(), plan_code, clock.today())
    counts = stage_counts(db(), plan)
    return render_template(
        "public/plans/show.html",
        plan=plan,
        topics=public_topics(db(), plan),
        documents=public_documents(db(), plan),
        counts=counts,
        Stage=Stage,
        late_count=late_count(db(), plan, clock.today()),
        person_count=contributors_of(db(), plan.id),
        is_open=admits(plan, Work.CONTRIBUTE, clock.now()),
        when=window_sentence(plan),
        steps=plan_thread(plan, counts, f"{request.script_root}/planes/{plan.code}/propuestas"),
    )


@blueprint.get("/planes/<plan_code>/documentos/<int:document_id>/<file_name>")
def document(plan_code: str, document_id: int, file_name: str) -> ResponseReturnValue:
    """A file to keep, never to show in place: whatever it holds cannot run here."""
    plan = find_public_plan(db(), plan_code, clock.today())
    found = find_public_document(db(), plan, document_id)
    if found.file_name != file_name:
        abort(404)
    answer = Response(found.content, content_type=found.media_type)
    answer.headers.set("Content-Disposition", "attachment", filename=found.file_name)
    answer.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
    answer.headers["X-Content-Type-Options"] = "nosniff"
    answer.headers["Cache-Control"] = "public, max-age=0, must-revalidate"
    answer.set_etag(found.sha256)
    return answer.make_conditional(request)
