"""Search: one box over plans, topics, proposals and commitments."""

from urllib.parse import urlencode

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from consulta import clock
from consulta.cache_versions import search_scope, site_scope
from consulta.plans.queries import plan_titles
from consulta.search.documents import COMMITMENT, PLAN, PROPOSAL, TOPIC
from consulta.search.highlight import mark, snippet
from consulta.search.queries import find
from consulta.search.question import HITS_MAX
from consulta.search.terms import QUERY_MAX
from consulta.text import clean_line
from consulta.web.context import db, parts
from consulta.web.i18n import lazy_gettext as _l
from consulta.web.pages import public_page

blueprint = Blueprint("search", __name__)
# What the address says for each kind, with its word for one and for the filter.
KINDS = {
    "propuestas": (PROPOSAL, _l("Propuesta"), _l("Propuestas")),
    "compromisos": (COMMITMENT, _l("Compromiso"), _l("Compromisos")),
    "temas": (TOPIC, _l("Tema"), _l("Temas")),
    "planes": (PLAN, _l("Plan"), _l("Planes")),
}
KIND_WORDS = {kind: word for kind, word, _ in KINDS.values()}
PAGES_MAX = 50


@blueprint.get("/buscar")
@public_page(lambda: (site_scope(), search_scope()), ("q", "plan", "tipo", "pagina"))
def index() -> ResponseReturnValue:
    """What was found, a page at a time; a filter or page that does not exist is as if it were not there."""
    query = clean_line(request.args.get("q", "")[: QUERY_MAX * 2])[:QUERY_MAX]
    plans = plan_titles(db(), clock.today())
    plan = next((plan.code for plan in plans if plan.code == request.args.get("plan")), None)
    kind = request.args.get("tipo") if request.args.get("tipo") in KINDS else None
    results = find(
        db(), parts().search, query, plan=plan, kind=KINDS[kind][0] if kind else None, page=_page(request.args)
    )
    chosen = {"q": query, "plan": plan, "tipo": kind}
    return render_template(
        "public/search/index.html",
        query=query,
        results=results,
        plans=plans,
        plan=plan,
        kinds=KINDS,
        kind=kind,
        kind_words=KIND_WORDS,
        most=HITS_MAX,
        snippet=snippet,
        mark=mark,
        canonical=f"{parts().config.site_url}{_address(chosen, results.page)}",
        next_url=_address(chosen, results.page + 1) if results.page < results.page_count else None,
        first_url=_address(chosen) if results.page > 1 else None,
    )


def _page(args: dict[str, str]) -> int:
    text = args.get("pagina", "")
    return min(int(text), PAGES_MAX) if text.isascii() and text.isdigit() and len(text) < 6 else 1


def _address(chosen: dict[str, str | None], page: int = 1) -> str:
    query = {name: value for name, value in chosen.items() if value}
    if page > 1:
        query["pagina"] = str(page)
    return f"{request.script_root}/buscar" + (f"?{urlencode(query)}" if query else "")
