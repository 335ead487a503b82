"""Taking back what was done some seconds ago."""

from flask import Blueprint, flash, redirect, request
from flask.typing import ResponseReturnValue

from consulta.errors import GuardRefused, NotNow
from consulta.moderation.undoing import undo_acts
from consulta.web.context import actor, db
from consulta.web.coordination.moderation.places import address_of, tray_address
from consulta.web.i18n import ngettext
from consulta.web.wording import refusal_sentence

blueprint = Blueprint("undoing", __name__)


@blueprint.post("/deshacer")
def undo() -> ResponseReturnValue:
    """Back to what it was; in front is what was taken back, or the tray when that were several."""
    try:
        undone = undo_acts(db(), actor=actor(), batch=request.form.get("batch", ""))
    except (GuardRefused, NotNow) as refusal:
        flash(refusal_sentence(refusal), "problem")
        return redirect(tray_address(), 303)
    count, kept = len(undone.contributions), len(undone.kept)
    said = ngettext(
        "Se deshizo: %(num)s aporte está como antes. Nadie recibió aviso.",
        "Se deshizo: %(num)s aportes están como antes. Nadie recibió aviso.",
        count,
    )
    if kept:
        rest = ngettext("%(num)s ya había cambiado y sigue así.", "%(num)s ya habían cambiado y siguen así.", kept)
        said = f"{said} {rest}"
    flash(said)
    if count == 1:
        return redirect(address_of(undone.contributions[0].id), 303)
    return redirect(tray_address(), 303)
