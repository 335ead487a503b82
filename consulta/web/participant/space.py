"""The own space: everything a person wrote, with where it stands and what can be done."""

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from consulta.contributions.drafts import list_drafts
from consulta.contributions.queries import list_own
from consulta.web.context import actor, db
from consulta.web.participant.own_path import own_path
from consulta.web.participant.standing import stand

blueprint = Blueprint("space", __name__)


@blueprint.get("/")
def index() -> ResponseReturnValue:
    cursor = request.args.get("pagina", "")
    page = list_own(db(), actor().person_id, cursor)
    return render_template(
        "participant/space/index.html",
        standings=stand(db(), page.rows),
        own_path=own_path,
        following=page.following,
        drafts=[] if cursor else list_drafts(db(), actor().person_id),
        is_first=not cursor,
        name=actor().name,
    )
