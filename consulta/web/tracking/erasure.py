"""Erasing what the site holds of somebody without an account, once the link that went to their address is opened."""

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from consulta.limits.rules import Deed
from consulta.people.actors import Actor
from consulta.people.models import Person
from consulta.privacy.models import Erasure
from consulta.privacy.queries import address_of, erasure_of
from consulta.privacy.services import ask_without_account, call_off_erasure, confirm_erasure
from consulta.privacy.tokens import read_link
from consulta.web.context import db, parts
from consulta.web.erasing import ErasureForm, Place, erasure_page, keep_page
from consulta.web.forms import ActionForm
from consulta.web.i18n import gettext as _
from consulta.web.limiting import spend
from consulta.web.tracking.opened import author_of, opened_contribution

blueprint = Blueprint("erasure", __name__)


@blueprint.route("/borrar", methods=["GET", "POST"])
def ask() -> ResponseReturnValue:
    """Have the link mailed; what the site holds is shown only behind it."""
    contribution = opened_contribution()
    form, asked = ActionForm(), erasure_of(db(), contribution.person_id)
    if form.validate_on_submit():
        form.attempt(lambda: _send(author_of(contribution), form))
        if form.succeeded:
            flash(_("Le enviamos un enlace a su correo. Nada se borra hasta que usted lo abra y lo confirme."), "info")
            return redirect(url_for("tracking.own.show"), 303)
    return form.page("tracking/erasure.html", due_at=asked.due_at if asked else None)


@blueprint.route("/borrar/<token>", methods=["GET", "POST"])
def confirm(token: str) -> ResponseReturnValue:
    """The page of the link in the mail; only its button begins the wait."""
    erasure = read_link(db(), parts().config.secret_key, token)
    if erasure is None:
        return render_template("tracking/erasure_expired.html"), 404
    person, key = db().get_one(Person, erasure.person_id), erasure.id
    return erasure_page(person, erasure, _place(token), lambda form: _confirm(key, form))


@blueprint.post("/borrar/<token>/conservar")
def keep(token: str) -> ResponseReturnValue:
    erasure = read_link(db(), parts().config.secret_key, token)
    if erasure is None or erasure.due_at is None:
        return render_template("tracking/erasure_expired.html"), 404
    person = db().get_one(Person, erasure.person_id)
    author = Actor(person.id, person.public_name)
    return keep_page(erasure, _place(token), lambda: call_off_erasure(db(), actor=author))


def _send(author: Actor, form: ActionForm) -> None:
    spend(Deed.ASK_MAIL, account=address_of(db(), author.person_id or 0) or "", use=form.form_key.data or "")
    ask_without_account(db(), actor=author)


def _confirm(erasure_id: int, form: ErasureForm) -> Erasure:
    return confirm_erasure(
        db(), erasure_id=erasure_id, is_sure=form.is_sure.data, text_ids=form.text_ids, all_texts=form.all_texts
    )


def _place(token: str) -> Place:
    here, keep_at = url_for("tracking.erasure.confirm", token=token), url_for("tracking.erasure.keep", token=token)
    return Place(here, keep_at, url_for("tracking.entry.show"), has_account=False)
