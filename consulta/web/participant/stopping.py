"""The page behind the link that each mail to followers carries: its button stops that kind of mail.

Whoever has the mail may stop it, so it asks for no session. Mail programs press the button by themselves, with one
POST and nothing else (RFC 8058). Looking at the page changes nothing.
"""

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from consulta.follows.queries import find_stopped
from consulta.follows.services import obey_stop
from consulta.follows.tokens import Stop, read_stop
from consulta.web.context import db, parts

blueprint = Blueprint("stopping", __name__)


@blueprint.get("/avisos/<token>")
def show(token: str) -> ResponseReturnValue:
    return _page(token, "participant/stopping/show.html")


@blueprint.post("/avisos/<token>")
def obey(token: str) -> ResponseReturnValue:
    """Answers with a page and sends nobody elsewhere: mail programs would not go there."""
    stop = _read(token)
    if stop is not None:
        obey_stop(db(), stop=stop)
    return _page(token, "participant/stopping/done.html")


def _page(token: str, template: str) -> ResponseReturnValue:
    stop = _read(token)
    if stop is None:
        return render_template("participant/stopping/broken.html"), 404
    return render_template(template, digest=stop.digest, stopped=find_stopped(db(), stop))


def _read(token: str) -> Stop | None:
    return read_stop(parts().config.secret_key, token)
