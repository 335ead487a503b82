"""Audiences: who each part of the site is for. A route belongs to one audience, and its guard denies by default."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from flask import Blueprint, abort, g, jsonify, redirect, request, url_for
from flask.typing import ResponseReturnValue

from consulta.people.actors import VISITOR, Actor
from consulta.people.models import Role
from consulta.permissions import Permission, require

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
SIGN_IN_ENDPOINT = "account.sign_in.show"


@dataclass(frozen=True)
class Audience:
    """A group of readers with its own path and guard; `admits` is None where anybody may enter."""

    name: str
    path: str
    admits: Callable[[Actor], bool] | None
    is_public: bool = False


PUBLIC = Audience("public", "", None, is_public=True)
API = Audience("api", "/api/v1", None, is_public=True)
ACCOUNT = Audience("account", "/cuenta", None)
PARTICIPANT = Audience("participant", "/participar", lambda actor: actor.is_known)
TRACKING = Audience("tracking", "/seguimiento", None)
INSTITUTION = Audience("institution", "/institucion", lambda actor: actor.holds(Role.LIAISON))
COORDINATION = Audience(
    "coordination",
    "/coordinacion",
    lambda actor: actor.holds(Role.MODERATOR, Role.COORDINATOR, Role.APPROVER, Role.OBSERVER),
)
ADMINISTRATION = Audience("administration", "/administracion", lambda actor: actor.holds(Role.ADMIN))
AUDIENCES = (PUBLIC, API, ACCOUNT, PARTICIPANT, TRACKING, INSTITUTION, COORDINATION, ADMINISTRATION)

# Set by create_app: finds the actor of the request's session, or VISITOR.
Identify = Callable[[], Actor]


def audience_blueprint(
    audience: Audience, import_name: str, identify: Identify | None = None, open_endpoints: frozenset[str] = frozenset()
) -> Blueprint:
    """The blueprint of an audience with its guard.

    A public audience marks its requests, so that nothing in them may ask who reads. `open_endpoints` are those of
    a private audience that a visitor reaches too (the check page of the public composer).
    """
    blueprint = Blueprint(audience.name, import_name, url_prefix=audience.path or None)

    def guard() -> ResponseReturnValue | None:
        if audience.is_public:
            g.is_public_page = True
            return None
        g.actor = identify() if identify is not None else VISITOR
        if audience.admits is None or request.endpoint in open_endpoints or audience.admits(g.actor):
            return None
        if g.actor.is_known:
            abort(403)
        return ask_to_sign_in()

    blueprint.before_request(guard)
    return blueprint


def changes_need(blueprint: Blueprint, needed: Mapping[str, Permission]) -> None:
    """Refuse every write of an audience to who lacks its permission, before anything of the form is read.

    `needed` has a permission for each area, or for one view of it as `area.view`; a write that it does not name is
    refused to everybody. What depends on the object is left to the services.
    """

    def refuse() -> None:
        if request.method in SAFE_METHODS:
            return
        view = (request.endpoint or "").partition(".")[2]
        permission = needed.get(view) or needed.get(view.partition(".")[0])
        if permission is None:
            abort(403)
        require(g.actor, permission)

    blueprint.before_request(refuse)


def ask_to_sign_in() -> ResponseReturnValue:
    """Where a page needs somebody: readers go to sign in and come back, programs and forms get a 401."""
    if request.accept_mimetypes.best_match(("text/html", "application/json")) == "application/json":
        return jsonify(error="sign_in_required"), 401
    if request.method not in SAFE_METHODS:
        abort(401)
    return redirect(url_for(SIGN_IN_ENDPOINT, next=request.full_path.rstrip("?")), 303)
