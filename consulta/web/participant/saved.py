"""Drafts of people with an account: kept by a script while they write, or by a button; listed in the own space."""

from flask import Blueprint, flash, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict

from consulta.contributions.drafts import drop_draft, find_draft, find_own_draft, save_draft
from consulta.contributions.models import BODY_MAX, Draft
from consulta.errors import NotFound
from consulta.limits.rules import Deed
from consulta.web.context import actor, db
from consulta.web.filters import hour
from consulta.web.forms import ActionForm
from consulta.web.i18n import gettext
from consulta.web.limiting import spend
from consulta.web.participant.drafts import (
    REPLY,
    WORD_FIELDS,
    CheckForm,
    ComposeForm,
    Place,
    find_place,
    offer_choices,
)

blueprint = Blueprint("saved", __name__, url_prefix="/borradores")


@blueprint.get("/de-aqui")
def here() -> ResponseReturnValue:
    """What the reader was writing for a place, for the script of its page."""
    form = CheckForm(formdata=request.args)
    draft = find_draft(db(), actor().person_id, find_place(form).key)
    if draft is None:
        return jsonify(fields=None)
    return jsonify(fields=_words(draft), text=gettext("Recuperamos lo que dejó escrito aquí."))


@blueprint.post("")
def save() -> ResponseReturnValue:
    """Keep what was typed; a place whose text was emptied has no draft any more."""
    form = ComposeForm()
    place = find_place(form)
    form.attempt(lambda: spend(Deed.DRAFT, account=actor().person_id))
    if request.accept_mimetypes.best_match(("text/html", "application/json")) == "application/json":
        return _save_quietly(form, place)
    if not form.succeeded:
        offer_choices(form, place)
        return form.page("participant/composing/edit.html", place=place, body_max=BODY_MAX)
    draft_id, text = _keep(form, place)
    flash(text)
    if draft_id is None:
        return redirect(url_for("participant.space.index"), 303)
    return redirect(url_for("participant.saved.show", draft_id=draft_id), 303)


@blueprint.get("/<int:draft_id>")
def show(draft_id: int) -> ResponseReturnValue:
    """Go on writing."""
    draft = find_own_draft(db(), actor().person_id, draft_id)
    form = CheckForm(formdata=MultiDict({**_place_fields(draft), **_words(draft), "saved": "1"}))
    try:
        place = find_place(form)
    except NotFound:  # what it answers is not shown any more, or its topic is not
        return render_template("participant/composing/stranded.html", draft=draft, words=_words(draft))
    offer_choices(form, place)
    return form.page("participant/composing/edit.html", place=place, body_max=BODY_MAX)


@blueprint.post("/<int:draft_id>/borrar")
def delete(draft_id: int) -> ResponseReturnValue:
    draft = find_own_draft(db(), actor().person_id, draft_id)
    if ActionForm().validate_on_submit():
        drop_draft(db(), actor=actor(), place=draft.place)
        flash(gettext("Borramos el borrador."))
    return redirect(url_for("participant.space.index"), 303)


def _save_quietly(form: ComposeForm, place: Place) -> ResponseReturnValue:
    if not form.succeeded:
        return jsonify(error=" ".join(form.form_problems)), form.status, form.headers
    draft_id, text = _keep(form, place)
    return jsonify(saved=draft_id is not None, text=text)


def _keep(form: ComposeForm, place: Place) -> tuple[int | None, str]:
    """The id of the draft, if anything was typed, and what to say of it."""
    typed = {name: form.draft[name] for name in WORD_FIELDS}
    if not f"{typed['title']}{typed['body']}".strip():
        drop_draft(db(), actor=actor(), place=place.key)
        return None, gettext("Borramos el borrador.")
    draft_id, at = save_draft(
        db(),
        actor=actor(),
        topic_id=place.topic.id if place.topic else None,
        parent_id=place.parent.id if place.parent else None,
        fields=typed,
    )
    return draft_id, gettext("Borrador guardado a las %(hour)s", hour=hour(at))


def _words(draft: Draft) -> dict[str, str]:
    return {name: str(draft.fields.get(name, "")) for name in WORD_FIELDS}


def _place_fields(draft: Draft) -> dict[str, str]:
    if draft.parent_id is not None:
        return {"kind": REPLY, "parent": str(draft.parent_id)}
    if draft.topic is None:
        return {}
    return {"plan": draft.topic.plan.code, "topic": draft.topic.code}
