"""Saying who reads what: take the next, take this one, take it over, or leave it to the others."""

from flask import Blueprint, flash, redirect
from flask.typing import ResponseReturnValue

from consulta.errors import GuardRefused
from consulta.moderation.claims import claim_contribution, claim_next, release_claim
from consulta.web.context import actor, db
from consulta.web.coordination.moderation.places import address_of, chosen, tray_address
from consulta.web.i18n import gettext
from consulta.web.wording import refusal_sentence

blueprint = Blueprint("claims", __name__)


@blueprint.post("/siguiente")
def take_next() -> ResponseReturnValue:
    """What has waited longest and nobody reads is from now on this moderator's."""
    key = claim_next(db(), actor=actor(), chosen=chosen())
    if key is None:
        flash(gettext("No queda nada sin revisar que no esté en manos de otra persona."), "info")
        return redirect(tray_address(), 303)
    return redirect(address_of(key), 303)


@blueprint.post("/<int:contribution_id>/tomar")
def take(contribution_id: int) -> ResponseReturnValue:
    try:
        claim_contribution(db(), actor=actor(), contribution_id=contribution_id)
    except GuardRefused as refusal:  # somebody else was quicker
        flash(refusal_sentence(refusal), "problem")
    return redirect(address_of(contribution_id), 303)


@blueprint.post("/<int:contribution_id>/tomar-de-otra-persona")
def take_over(contribution_id: int) -> ResponseReturnValue:
    claim_contribution(db(), actor=actor(), contribution_id=contribution_id, take_over=True)
    flash(gettext("Ahora lo revisa usted. Quedó anotado en el historial."))
    return redirect(address_of(contribution_id), 303)


@blueprint.post("/<int:contribution_id>/soltar")
def leave(contribution_id: int) -> ResponseReturnValue:
    release_claim(db(), actor=actor(), contribution_id=contribution_id)
    flash(gettext("Lo dejó libre para otra persona."))
    return redirect(tray_address(), 303)
