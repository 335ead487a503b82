"""Drafts of people with an account: kept by a script while they write, or by a button; listed in the own space."""

from flask import Blueprint, flash, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict

from consulta.contributions.drafts import drop_draft, end_draft, find_draft, find_own_draft, save_draft, stamp_of
from consulta.contributions.models import Draft
from consulta.errors import NotFound, StaleVersion
from consulta.limits.rules import Deed
from consulta.web.context import actor, db
from consulta.web.filters import hour
from consulta.web.forms import ActionForm
from consulta.web.i18n import gettext
from consulta.web.limiting import spend
from consulta.web.participant.composing import edit_page
from consulta.web.participant.drafts import (
    REPLY,
    WORD_FIELDS,
    CheckForm,
    ComposeForm,
    Place,
    find_place,
)

blueprint = Blueprint("saved", __name__, url_prefix="/borradores")


@blueprint.get("/de-aqui")
def here() -> ResponseReturnValue:
    """What the reader was writing for a place, for the script of its page."""
    form = CheckForm(formdata=request.args)
    draft = find_draft(db(), actor().person_id, find_place(form).key)
    if draft is None:
        return jsonify(fields=None)
    return jsonify(
        fields=_words(draft), saved=str(stamp_of(draft)), text=gettext("Recuperamos lo que dejó escrito aquí.")
    )


@blueprint.post("")
def save() -> ResponseReturnValue:
    """Keep what was typed; a place whose text was emptied has no draft any more."""
    form = ComposeForm()
    place = find_place(form)
    draft = form.attempt(lambda: _keep(form, place))
    if request.accept_mimetypes.best_match(("text/html", "application/json")) == "application/json":
        return _answer(form, place, draft)
    if not form.succeeded:
        return edit_page(form, place)
    flash(_said(draft))
    if draft is None:
        return redirect(url_for("participant.space.index"), 303)
    return redirect(url_for("participant.saved.show", draft_id=draft.id), 303)


@blueprint.get("/<int:draft_id>")
def show(draft_id: int) -> ResponseReturnValue:
    """Go on writing."""
    draft = find_own_draft(db(), actor().person_id, draft_id)
    form = CheckForm(formdata=MultiDict({**_place_fields(draft), **_words(draft), "saved": str(stamp_of(draft))}))
    try:
        place = find_place(form)
    except NotFound:  # what it answers is not shown any more, or its topic is not
        return render_template("participant/composing/stranded.html", draft=draft, words=_words(draft))
    return edit_page(form, place)


@blueprint.post("/<int:draft_id>/borrar")
def delete(draft_id: int) -> ResponseReturnValue:
    draft = find_own_draft(db(), actor().person_id, draft_id)
    if ActionForm().validate_on_submit():
        drop_draft(db(), actor=actor(), place=draft.place)
        flash(gettext("Borramos el borrador."))
    return redirect(url_for("participant.space.index"), 303)


def _answer(form: ComposeForm, place: Place, draft: Draft | None) -> ResponseReturnValue:
    """For the script; of a draft that changed in another window, where it is and its stamp."""
    if form.succeeded:
        return jsonify(saved=str(stamp_of(draft)) if draft else "", text=_said(draft))
    other = find_draft(db(), actor().person_id, place.key) if form.differences else None
    error = " ".join([form.heading + ".", *form.form_problems])
    if other is None:
        return jsonify(error=error), form.status, form.headers
    url = url_for("participant.saved.show", draft_id=other.id)
    return jsonify(error=error, saved=str(stamp_of(other)), url=url), form.status, form.headers


def _keep(form: ComposeForm, place: Place) -> Draft | None:
    """The draft, if anything was typed. Raises TooMany, and StaleVersion when it changed in another window."""
    spend(Deed.DRAFT, account=actor().person_id)
    typed = form.words
    if f"{typed['title']}{typed['body']}".strip():
        return save_draft(
            db(),
            actor=actor(),
            topic_id=place.topic_id,
            parent_id=place.parent_id,
            fields=typed,
            seen=form.seen_draft,
        )
    other = end_draft(db(), actor=actor(), place=place.key, seen=form.seen_draft)
    if other is not None:
        raise StaleVersion(other, form.seen_draft or 0, stamp_of(other))
    return None


def _said(draft: Draft | None) -> str:
    if draft is None:
        return gettext("Borramos el borrador.")
    return gettext("Borrador guardado a las %(hour)s", hour=hour(draft.updated_at))


def _words(draft: Draft) -> dict[str, str]:
    return {name: str(draft.fields.get(name, "")) for name in WORD_FIELDS}


def _place_fields(draft: Draft) -> dict[str, str]:
    if draft.parent_id is not None:
        return {"kind": REPLY, "parent": str(draft.parent_id)}
    if draft.topic is None:
        return {}
    return {"plan": draft.topic.plan.code, "topic": draft.topic.code}
