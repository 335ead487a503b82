"""Notes among the team."""

from flask import Blueprint, flash, redirect
from flask.typing import ResponseReturnValue

from consulta.moderation.notes import write_note
from consulta.moderation.queries import find_to_moderate
from consulta.web.context import actor, db
from consulta.web.coordination.moderation.forms import NoteForm
from consulta.web.coordination.moderation.places import address_of
from consulta.web.coordination.moderation.reading import reading_page
from consulta.web.i18n import gettext

blueprint = Blueprint("notes", __name__)


@blueprint.post("/<int:contribution_id>/notas")
def write(contribution_id: int) -> ResponseReturnValue:
    form = NoteForm()
    if form.validate_on_submit():
        form.attempt(
            lambda: write_note(
                db(),
                actor=actor(),
                contribution_id=contribution_id,
                text=form.text.data or "",
                form_key=form.form_key.data,
            )
        )
        if form.succeeded:
            flash(gettext("La nota quedó guardada. Solo la lee el equipo."))
            return redirect(f"{address_of(contribution_id)}#notas", 303)
    return reading_page(find_to_moderate(db(), contribution_id), note=form)
