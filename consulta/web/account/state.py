"""Who I am and what I support, for scripts on public pages, which are the same bytes for everybody."""

from flask import Blueprint, jsonify, request
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import generate_csrf

from consulta.contributions.queries import SUPPORTS_MAX, supported_ids
from consulta.keys import key_of
from consulta.web.context import actor, db
from consulta.web.spaces import spaces_of

blueprint = Blueprint("state", __name__)


@blueprint.get("/estado")
def show() -> ResponseReturnValue:
    """JSON for fetch; a visitor gets an answer too, and no session."""
    reader = actor()
    if not reader.is_known:
        answer = jsonify(signed_in=False)
    else:
        answer = jsonify(
            signed_in=True,
            name=reader.name,
            spaces=[{"label": space.label, "path": request.script_root + space.path} for space in spaces_of(reader)],
            supports=supported_ids(db(), reader.person_id, _asked()),
            token=generate_csrf(),
        )
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _asked() -> list[int]:
    """The contributions that the page shows: `?aportes=1,2,3`."""
    keys = request.args.get("aportes", "").split(",")[:SUPPORTS_MAX]
    return [key for key in map(key_of, keys) if key is not None]
