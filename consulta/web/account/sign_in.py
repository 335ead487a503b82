"""Entering and leaving."""

from flask import Blueprint, redirect, request, session
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _l
from wtforms import HiddenField, PasswordField, StringField
from wtforms.validators import InputRequired

from consulta.people.accounts import authenticate, update_hash
from consulta.people.actors import Actor, actor_for
from consulta.web.account.passwords import hash_password, matches, needs_update
from consulta.web.context import actor, db
from consulta.web.forms import Form
from consulta.web.sign_in import local_path, sign_in, sign_out
from consulta.web.spaces import first_space

blueprint = Blueprint("sign_in", __name__)
NEXT_KEY = "next"
CLEAR_SITE_DATA = '"cache", "storage"'


class SignInForm(Form):
    email = StringField(_l("Correo electrónico"), [InputRequired(_l("Escriba su correo electrónico."))])
    password = PasswordField(_l("Contraseña"), [InputRequired(_l("Escriba su contraseña."))])
    next = HiddenField()


@blueprint.route("/entrar", methods=["GET", "POST"])
def show() -> ResponseReturnValue:
    """The way in; what was asked for before comes right after."""
    if actor().is_known and request.method != "POST":
        return redirect(destination(request.args.get("next"), actor()), 303)
    form = SignInForm()
    if request.method != "POST":
        form.next.data = local_path(request.args.get("next")) or ""
    if form.validate_on_submit():
        account = form.attempt(
            lambda: authenticate(db(), form.email.data or "", form.password.data or "", matches=matches)
        )
        if account is not None:
            if needs_update(str(account.password_hash)):
                stronger = hash_password(form.password.data or "")
                update_hash(db(), account_id=account.id, seen_hash=account.password_hash, password_hash=stronger)
            where = destination(form.next.data, actor_for(account.person))
            sign_in(account)
            return redirect(where, 303)
    return form.page("account/sign_in.html", next=local_path(form.next.data))


@blueprint.post("/salir")
def leave() -> ResponseReturnValue:
    sign_out()
    response = redirect("/", 303)
    response.headers["Clear-Site-Data"] = CLEAR_SITE_DATA
    return response


def destination(typed: str | None, reader: Actor) -> str:
    """Where to go after entering: the page asked for, if it is one of ours, else where the person's work waits."""
    kept = session.pop(NEXT_KEY, None) if NEXT_KEY in session else None
    return local_path(typed) or local_path(kept) or local_path(first_space(reader)) or "/"
