"""What a contribution said before its author changed it in public, change by change."""

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from consulta.cache_versions import site_scope
from consulta.contributions.revisions import find_changed, public_changes
from consulta.proposals.details import folio_of_root
from consulta.web.context import db
from consulta.web.pages import public_page
from consulta.web.public.cursors import cursor, read_cursor

blueprint = Blueprint("revisions", __name__)


@blueprint.get("/aportes/<int:contribution_id>/cambios")
@public_page(lambda contribution_id: (site_scope(),), {"pagina": None})
def show(contribution_id: int) -> ResponseReturnValue:
    """The public changes, the newest first."""
    scope = f"changes:{contribution_id}"
    after = read_cursor(scope, 1)
    contribution = find_changed(db(), contribution_id)
    changes, following = public_changes(db(), contribution, after[0] if after else None)
    return render_template(
        "public/revisions/show.html",
        contribution=contribution,
        changes=changes,
        folio=folio_of_root(db(), contribution.root_id or contribution.id),
        next_cursor=cursor(scope, following) if following is not None else None,
        is_first_page=after is None,
    )
