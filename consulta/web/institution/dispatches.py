"""The letters that an institution received, to read and to print."""

from flask import Blueprint, abort, render_template
from flask.typing import ResponseReturnValue

from consulta.referrals.queries import find_dispatch
from consulta.web.context import db
from consulta.web.institution.trays import own_ids
from consulta.web.referral_rows import rows_of

blueprint = Blueprint("dispatches", __name__, url_prefix="/oficios")


@blueprint.get("/<folio>")
def show(folio: str) -> ResponseReturnValue:
    dispatch = find_dispatch(db(), folio, own_ids()) or abort(404)
    return render_template("institution/dispatches/show.html", dispatch=dispatch, rows=rows_of(dispatch.referrals))
