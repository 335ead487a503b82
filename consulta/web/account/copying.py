"""Taking the own data away: one zip for programs and for people, for who entered just now."""

from typing import IO

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from consulta import clock
from consulta.limits.rules import Deed
from consulta.privacy.copies.archive import Contents, as_json
from consulta.privacy.copying import record_copy, told_contributions, told_files
from consulta.web.account.fresh import needs_fresh
from consulta.web.audiences import ask_to_sign_in
from consulta.web.context import actor, db
from consulta.web.copies import make_archive, readable, send_archive, site
from consulta.web.forms import ActionForm
from consulta.web.limiting import spend

blueprint = Blueprint("copying", __name__, url_prefix="/datos/copia")


@blueprint.before_request
def _only_signed_in() -> ResponseReturnValue | None:
    return None if actor().is_known else ask_to_sign_in()


@blueprint.route("", methods=["GET", "POST"])
@needs_fresh
def download() -> ResponseReturnValue:
    """What the copy holds and the button that makes it; the log and the owner hear of each one."""
    form = ActionForm()
    if form.validate_on_submit():
        file = form.attempt(_make)
        if file is not None:
            return send_archive(file, "mis-datos")
    return form.page("account/copy/show.html")


def _make() -> IO[bytes]:
    spend(Deed.COPY, account=actor().person_id)
    return make_archive(_contents(), lambda: record_copy(db(), actor=actor()))


def _contents() -> Contents:
    """First what people read, then what programs read."""
    person_id, here = actor().person_id or 0, site()
    yield "LEAME.txt", [render_template("account/copy/readme.txt", made_at=clock.now(), site=here), "\n"]
    yield "aportes.html", readable(told_contributions(db(), person_id, here), actor().name)
    for name, tell in told_files(db(), person_id, here).items():
        yield name, as_json(tell())
