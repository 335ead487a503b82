"""Rewriting what one wrote: the form, how it will read, and taking back new words that wait.

The same pages serve who has an account and who follows a text by folio and code; `OwnPages` says where they are.
"""

from datetime import datetime
from types import SimpleNamespace

from flask import Blueprint, flash, redirect, request
from flask.typing import ResponseReturnValue
from markupsafe import Markup
from wtforms import StringField, TextAreaField

from consulta import clock
from consulta.contributions.editing import discard_edit, edit_contribution
from consulta.contributions.models import BODY_MAX, Contribution, PendingEdit
from consulta.contributions.revisions import own_edit_of
from consulta.contributions.rules import FREE_EDITING, edit_waits, is_free_to_edit
from consulta.limits.rules import Deed
from consulta.people.actors import Actor
from consulta.text import clean, sanitize
from consulta.web.context import actor, db
from consulta.web.forms import ActionForm, Difference, Form
from consulta.web.i18n import gettext
from consulta.web.i18n import lazy_gettext as _l
from consulta.web.limiting import spend
from consulta.web.participant.acts import OwnPages
from consulta.web.participant.contributions import find_mine, own_pages
from consulta.web.participant.standing import can_edit, has_voice

blueprint = Blueprint("editing", __name__, url_prefix="/aportes/<int:contribution_id>")


class EditForm(Form):
    """New words for what everybody reads; a change made meanwhile is compared with what is public."""

    title = StringField(_l("Título"))
    body = TextAreaField(_l("Su texto"))

    def _compare(self, subject: object) -> list[Difference]:
        public = SimpleNamespace(
            title=getattr(subject, "public_title", None), body=getattr(subject, "public_body", None)
        )
        return super()._compare(public)


@blueprint.route("/editar", methods=["GET", "POST"])
def edit(contribution_id: int) -> ResponseReturnValue:
    return edit_page(actor(), find_mine(contribution_id), own_pages(contribution_id))


@blueprint.post("/editar/dejar")
def discard(contribution_id: int) -> ResponseReturnValue:
    return discard_page(actor(), find_mine(contribution_id), own_pages(contribution_id))


def edit_page(author: Actor, contribution: Contribution, pages: OwnPages) -> ResponseReturnValue:
    key = contribution.id
    own = own_edit_of(db(), key)
    form = EditForm(data=_present(contribution, own))
    if "preview" in request.form or not form.validate_on_submit():
        return _page(form, contribution, own, pages)
    form.attempt(lambda: _save(form, author, key))
    if not form.succeeded:
        return _page(form, contribution, own, pages)
    if own_edit_of(db(), key):
        flash(gettext("Recibimos su texto nuevo. Mientras el equipo lo lee, se sigue viendo el anterior."), "waiting")
    else:
        flash(gettext("Guardamos su cambio."))
    return redirect(pages.show, 303)


def discard_page(author: Actor, contribution: Contribution, pages: OwnPages) -> ResponseReturnValue:
    """Leave the words as they are."""
    form, key = ActionForm(), contribution.id
    if form.validate_on_submit():
        form.attempt(lambda: discard_edit(db(), actor=author, contribution_id=key, version=form.seen_version))
    if not form.succeeded:
        return _page(form, contribution, own_edit_of(db(), key), pages)
    flash(gettext("Retiramos su texto nuevo. El aporte queda como estaba."))
    return redirect(pages.show, 303)


def _save(form: EditForm, author: Actor, contribution_id: int) -> None:
    spend(Deed.EDIT, account=author.person_id, use=form.form_key.data or "")
    edit_contribution(
        db(),
        actor=author,
        contribution_id=contribution_id,
        title=form.title.data or "",
        body=form.body.data or "",
        version=form.seen_version,
        form_key=form.form_key.data,
    )


def _present(contribution: Contribution, own: PendingEdit | None) -> dict[str, str | None]:
    """What the form begins with: the words that wait, else what everybody reads."""
    waits = own is not None and own.rejected_at is None
    title, body = (own.title, own.body) if own and waits else (contribution.public_title, contribution.public_body)
    return {"title": title, "body": body, "version": str(contribution.version)}


def _page(form: Form, contribution: Contribution, own: PendingEdit | None, pages: OwnPages) -> ResponseReturnValue:
    typed = form if isinstance(form, EditForm) else EditForm(formdata=None, data=_present(contribution, own))
    return form.page(
        "participant/contributions/edit.html",
        contribution=contribution,
        pages=pages,
        edit=typed,
        own=own,
        allowed=can_edit(db(), contribution),
        has_voice=has_voice(db(), contribution),
        free_until=_free_until(contribution),
        waits=edit_waits(contribution, contribution.topic),
        preview=_preview(typed) if "preview" in request.form else None,
        body_max=BODY_MAX,
    )


def _preview(form: EditForm) -> Markup:
    """How the text will read; of one that is far too long the beginning."""
    return sanitize(clean(form.body.data or "")[:BODY_MAX])


def _free_until(contribution: Contribution) -> datetime | None:
    """Until when a change leaves no public record, while that is so."""
    is_free = is_free_to_edit(contribution, clock.now())
    return contribution.received_at + FREE_EDITING if is_free else None
