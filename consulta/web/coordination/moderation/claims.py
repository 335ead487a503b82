"""Saying who reads what: take the next, take this one, take it over, or leave it to the others."""

from flask import Blueprint, flash, redirect, url_for
from flask.typing import ResponseReturnValue

from consulta.errors import GuardRefused
from consulta.moderation.claims import claim_contribution, claim_next, release_claim
from consulta.web.context import actor, db
from consulta.web.coordination.moderation.places import tray_asked
from consulta.web.i18n import gettext
from consulta.web.wording import refusal_sentence

blueprint = Blueprint("claims", __name__)


@blueprint.post("/siguiente")
def take_next() -> ResponseReturnValue:
    """What has waited longest and nobody reads is from now on this moderator's."""
    tray = tray_asked()
    key = claim_next(db(), actor=actor(), tray=tray)
    if key is None:
        flash(gettext("No queda nada sin revisar que no esté en manos de otra persona."), "info")
        return redirect(url_for("coordination.moderation.index", ver=tray.value), 303)
    return redirect(url_for("coordination.moderation.show", contribution_id=key, ver=tray.value), 303)


@blueprint.post("/<int:contribution_id>/tomar")
def take(contribution_id: int) -> ResponseReturnValue:
    try:
        claim_contribution(db(), actor=actor(), contribution_id=contribution_id)
    except GuardRefused as refusal:  # somebody else was quicker
        flash(refusal_sentence(refusal), "problem")
    return _back(contribution_id)


@blueprint.post("/<int:contribution_id>/tomar-de-otra-persona")
def take_over(contribution_id: int) -> ResponseReturnValue:
    claim_contribution(db(), actor=actor(), contribution_id=contribution_id, take_over=True)
    flash(gettext("Ahora lo revisa usted. Quedó anotado en el historial."))
    return _back(contribution_id)


@blueprint.post("/<int:contribution_id>/soltar")
def leave(contribution_id: int) -> ResponseReturnValue:
    release_claim(db(), actor=actor(), contribution_id=contribution_id)
    flash(gettext("Lo dejó libre para otra persona."))
    return redirect(url_for("coordination.moderation.index", ver=tray_asked().value), 303)


def _back(contribution_id: int) -> ResponseReturnValue:
    address = url_for("coordination.moderation.show", contribution_id=contribution_id, ver=tray_asked().value)
    return redirect(address, 303)
