"""The one contribution that is open in this browser: its receipt, where it stands, and what its author can do."""

from flask import Blueprint, render_template, url_for
from flask.typing import ResponseReturnValue

from consulta.contributions.queries import root_folio
from consulta.contributions.revisions import own_edit_of
from consulta.guests.queries import code_of
from consulta.web.context import db, parts
from consulta.web.i18n import gettext
from consulta.web.participant.acts import OwnPages, appeal_page, complete_page, withdraw_page
from consulta.web.participant.editing import discard_page, edit_page
from consulta.web.participant.own_path import own_path
from consulta.web.participant.standing import can_edit, can_withdraw, stand
from consulta.web.tracked import is_new
from consulta.web.tracking.opened import author_of, opened_contribution

blueprint = Blueprint("own", __name__)


@blueprint.get("/aporte")
def show() -> ResponseReturnValue:
    contribution = opened_contribution()
    standing = stand(db(), [contribution])[0]
    return render_template(
        "tracking/show.html",
        contribution=contribution,
        pages=_pages(),
        standing=standing,
        steps=own_path(standing),
        folio=root_folio(db(), contribution),
        may_withdraw=can_withdraw(db(), contribution),
        may_edit=can_edit(db(), contribution),
        own_edit=own_edit_of(db(), contribution.id),
    )


@blueprint.get("/comprobante")
def receipt() -> ResponseReturnValue:
    """The receipt; the code stands on it once, where the text was confirmed."""
    contribution = opened_contribution()
    return render_template(
        "tracking/receipt.html",
        contribution=contribution,
        folio=root_folio(db(), contribution),
        code=code_of(db(), parts().config.secret_key, contribution.id) if is_new() else None,
    )


@blueprint.route("/retirar", methods=["GET", "POST"])
def take_back() -> ResponseReturnValue:
    contribution = opened_contribution()
    return withdraw_page(author_of(contribution), contribution, _pages())


@blueprint.route("/cambiar", methods=["GET", "POST"])
def rewrite() -> ResponseReturnValue:
    contribution = opened_contribution()
    return edit_page(author_of(contribution), contribution, _pages())


@blueprint.post("/cambiar/dejar")
def discard() -> ResponseReturnValue:
    contribution = opened_contribution()
    return discard_page(author_of(contribution), contribution, _pages())


@blueprint.route("/completar", methods=["GET", "POST"])
def fill_in() -> ResponseReturnValue:
    contribution = opened_contribution()
    return complete_page(author_of(contribution), contribution, _pages())


@blueprint.route("/reclamar", methods=["GET", "POST"])
def ask_again() -> ResponseReturnValue:
    contribution = opened_contribution()
    return appeal_page(author_of(contribution), contribution, _pages())


def _pages() -> OwnPages:
    return OwnPages(
        show=url_for("tracking.own.show"),
        complete=url_for("tracking.own.fill_in"),
        appeal=url_for("tracking.own.ask_again"),
        withdraw=url_for("tracking.own.take_back"),
        edit=url_for("tracking.own.rewrite"),
        discard=url_for("tracking.own.discard"),
        trail=[("/seguimiento", gettext("Seguimiento"))],
    )
