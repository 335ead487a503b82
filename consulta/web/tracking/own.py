"""The one contribution that is open in this browser: its receipt, where it stands, and what its author can do."""

from flask import Blueprint, abort, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from consulta.contributions.models import Contribution
from consulta.contributions.queries import find_own, root_folio
from consulta.guests.queries import code_of
from consulta.people.actors import Actor
from consulta.web.context import db, parts
from consulta.web.i18n import gettext
from consulta.web.participant.acts import OwnPages, appeal_page, complete_page, withdraw_page
from consulta.web.participant.own_path import own_path
from consulta.web.participant.standing import can_withdraw, stand
from consulta.web.tracked import is_new, tracked_id

blueprint = Blueprint("own", __name__)


@blueprint.get("/aporte")
def show() -> ResponseReturnValue:
    contribution = _tracked()
    standing = stand(db(), [contribution])[0]
    return render_template(
        "tracking/show.html",
        contribution=contribution,
        pages=_pages(),
        standing=standing,
        steps=own_path(standing),
        folio=root_folio(db(), contribution),
        may_withdraw=can_withdraw(db(), contribution),
        may_edit=False,
        own_edit=None,
    )


@blueprint.get("/comprobante")
def receipt() -> ResponseReturnValue:
    """The receipt; the code stands on it once, where the text was confirmed."""
    contribution = _tracked()
    return render_template(
        "tracking/receipt.html",
        contribution=contribution,
        folio=root_folio(db(), contribution),
        code=code_of(db(), parts().config.secret_key, contribution.id) if is_new() else None,
    )


@blueprint.route("/retirar", methods=["GET", "POST"])
def take_back() -> ResponseReturnValue:
    contribution = _tracked()
    return withdraw_page(_author_of(contribution), contribution, _pages())


@blueprint.route("/completar", methods=["GET", "POST"])
def fill_in() -> ResponseReturnValue:
    contribution = _tracked()
    return complete_page(_author_of(contribution), contribution, _pages())


@blueprint.route("/reclamar", methods=["GET", "POST"])
def ask_again() -> ResponseReturnValue:
    contribution = _tracked()
    return appeal_page(_author_of(contribution), contribution, _pages())


def _tracked() -> Contribution:
    """The contribution that is open here; whoever has none open is led to the form that opens one."""
    key = tracked_id()
    found = db().get(Contribution, key) if key is not None else None
    if found is None:
        abort(redirect(url_for("tracking.entry.show"), 303))
    return find_own(db(), found.person_id, found.id)


def _author_of(contribution: Contribution) -> Actor:
    """Who wrote it, with no role that this person may hold elsewhere."""
    return Actor(contribution.person_id, contribution.person.public_name)


def _pages() -> OwnPages:
    return OwnPages(
        show=url_for("tracking.own.show"),
        complete=url_for("tracking.own.fill_in"),
        appeal=url_for("tracking.own.ask_again"),
        withdraw=url_for("tracking.own.take_back"),
        edit=None,
        trail=[("/seguimiento", gettext("Seguimiento"))],
    )
