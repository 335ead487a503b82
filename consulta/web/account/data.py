"""«Sus datos»: what somebody may ask about the data that the site holds of them."""

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from consulta.privacy.queries import erasure_of
from consulta.web.audiences import ask_to_sign_in
from consulta.web.context import actor, db

blueprint = Blueprint("data", __name__)


@blueprint.before_request
def _only_signed_in() -> ResponseReturnValue | None:
    return None if actor().is_known else ask_to_sign_in()


@blueprint.get("/datos")
def show() -> ResponseReturnValue:
    erasure = erasure_of(db(), actor().person_id)
    return render_template("account/data.html", due_at=erasure.due_at if erasure else None)
