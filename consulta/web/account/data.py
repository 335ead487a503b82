"""«Sus datos»: what somebody may ask about the data that the site holds of them."""

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from consulta.web.audiences import ask_to_sign_in
from consulta.web.context import actor

blueprint = Blueprint("data", __name__)


@blueprint.before_request
def _only_signed_in() -> ResponseReturnValue | None:
    return None if actor().is_known else ask_to_sign_in()


@blueprint.get("/datos")
def show() -> ResponseReturnValue:
    return render_template("account/data.html")
