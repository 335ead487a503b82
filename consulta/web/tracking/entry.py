"""The form that opens a contribution, and leaving it. The code is never part of an address."""

from flask import Blueprint, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from wtforms import StringField
from wtforms.validators import InputRequired

from consulta.errors import Invalid, Problem
from consulta.guests.queries import find_tracked
from consulta.limits.rules import Deed
from consulta.text import clean_line
from consulta.web.context import db
from consulta.web.forms import ActionForm, Form
from consulta.web.i18n import gettext
from consulta.web.i18n import lazy_gettext as _l
from consulta.web.limiting import give_back, spend
from consulta.web.tracked import begin_tracking, end_tracking, tracked_id

blueprint = Blueprint("entry", __name__)
TYPED_MAX = 40


class TrackForm(Form):
    folio = StringField(_l("Folio"), [InputRequired(_l("Escriba el folio."))])
    code = StringField(_l("Código de seguimiento"), [InputRequired(_l("Escriba el código de seguimiento."))])


@blueprint.route("", methods=["GET", "POST"])
def show() -> ResponseReturnValue:
    form = TrackForm()
    if form.validate_on_submit():
        found = form.attempt(lambda: _find(form.folio.data or "", form.code.data or ""))
        if found is not None:
            begin_tracking(found)
            return redirect(url_for("tracking.own.show"), 303)
    return form.page("tracking/entry.html", is_open=request.method == "GET" and tracked_id() is not None)


@blueprint.post("/salir")
def leave() -> ResponseReturnValue:
    if ActionForm().validate_on_submit():
        end_tracking()
        flash(gettext("Cerró el seguimiento en este navegador."))
    return redirect(url_for("tracking.entry.show"), 303)


def _find(folio: str, code: str) -> int:
    """The contribution of a folio and a code. Whatever does not fit is refused alike, and counts.

    Every try counts until it is known to be right, so that many at once are no more than the limit.
    """
    wanted = clean_line(folio).upper()[:TYPED_MAX]
    spend(Deed.TRACK, account=wanted)
    found = find_tracked(db(), folio=wanted, code=clean_line(code)[:TYPED_MAX])
    if found is None:
        raise Invalid(Problem("", "tracking_wrong"))
    give_back(Deed.TRACK, account=wanted)
    return found
