"""Who I am and what I support, for scripts on public pages, which are the same bytes for everybody."""

from flask import Blueprint, jsonify, request
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import generate_csrf

from consulta.contributions.queries import SUPPORTS_MAX, supported_ids
from consulta.follows.queries import followed_among
from consulta.keys import key_of
from consulta.web.context import actor, db
from consulta.web.participant.on_behalf import OWN, QUESTION, on_behalf_of, own_organization
from consulta.web.spaces import spaces_of
from consulta.web.timing import started_now

blueprint = Blueprint("state", __name__)
FOLLOWS_MAX = 50


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
            follows=_followed(reader.person_id),
            represents=_represented(),
            token=generate_csrf(),
            started=started_now(),
        )
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _represented() -> dict[str, str] | None:
    """What a form asks of who represents an organisation."""
    organization = own_organization()
    if organization is None:
        return None
    words = {"question": str(QUESTION), "own": str(OWN), "organization": on_behalf_of(organization)}
    return {"id": str(organization.id), **words}


def _asked() -> list[int]:
    """The contributions that the page shows: `?aportes=1,2,3`."""
    keys = request.args.get("aportes", "").split(",")[:SUPPORTS_MAX]
    return [key for key in map(key_of, keys) if key is not None]


def _followed(person_id: int | None) -> list[str]:
    """Of the topics and proposals that the page is about, `?seguir=t1,p2`, those that somebody follows."""
    keys = request.args.get("seguir", "").split(",")[:FOLLOWS_MAX]
    named = {kind: [key for key in map(key_of, (k[1:] for k in keys if k[:1] == kind)) if key] for kind in "tp"}
    topics, proposals = followed_among(db(), person_id, named["t"], named["p"])
    return [f"t{key}" for key in sorted(topics)] + [f"p{key}" for key in sorted(proposals)]
