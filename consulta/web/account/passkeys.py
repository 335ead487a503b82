"""Passkeys: entering with one, and the own ones."""

from flask import Blueprint, Response, flash, redirect, url_for
from flask.typing import ResponseReturnValue
from wtforms import HiddenField, StringField
from wtforms.validators import InputRequired

from consulta.errors import NotFound
from consulta.limits.rules import Deed
from consulta.people.accounts import own_account
from consulta.people.models import Account, Passkey
from consulta.people.passkeys import add_passkey, passkeys_of, remove_passkey, rename_passkey, use_passkey
from consulta.web.account import ceremonies
from consulta.web.account.entering import enter, entering
from consulta.web.account.fresh import needs_fresh
from consulta.web.audiences import ask_to_sign_in
from consulta.web.context import actor, db, parts
from consulta.web.forms import ActionForm, Form
from consulta.web.i18n import gettext as _
from consulta.web.i18n import lazy_gettext as _l
from consulta.web.limiting import spend

blueprint = Blueprint("passkeys", __name__)
own = Blueprint("own_passkeys", __name__)


class EnterForm(Form):
    credential = HiddenField()
    next = HiddenField()


class NameForm(Form):
    name = StringField(_l("Nombre"), [InputRequired(_l("Dé un nombre a la llave."))])


class NewForm(NameForm):
    credential = HiddenField()


@blueprint.post("/entrar/llave/pregunta")
def ask() -> ResponseReturnValue:
    """What the browser asks a device; nobody is named."""
    return Response(ceremonies.ask_to_enter(), content_type="application/json")


@blueprint.post("/entrar/llave")
def show() -> ResponseReturnValue:
    """Enter with what a device answered. It proves a device and a person, so no second step follows."""
    form = EnterForm()
    if form.validate_on_submit():
        account = form.attempt(lambda: _opened(form))
        if account is not None:
            now = entering()
            return enter(account, form.next.data or (now.wanted if now else None), is_proven=True)
    return form.page("account/passkey_failed.html", next=form.next.data or None)


@own.before_request
def _only_signed_in() -> ResponseReturnValue | None:
    return None if actor().is_known else ask_to_sign_in()


@own.get("/llaves")
def index() -> ResponseReturnValue:
    return _page()


@own.post("/llaves/pregunta")
@needs_fresh
def ask_new() -> ResponseReturnValue:
    return Response(ceremonies.ask_to_create(own_account(db(), actor())), content_type="application/json")


@own.post("/llaves")
@needs_fresh
def add() -> ResponseReturnValue:
    form = NewForm()
    if form.validate_on_submit():
        form.attempt(lambda: _add(form))
        if form.succeeded:
            flash(_("Agregó una llave de acceso. Ya puede entrar con ella."))
            return redirect(url_for("account.own_passkeys.index"), 303)
    return _page(form)


@own.route("/llaves/<int:passkey_id>/nombre", methods=["GET", "POST"])
def rename(passkey_id: int) -> ResponseReturnValue:
    found = [key for key in _mine() if key.id == passkey_id]
    form = NameForm(data={"name": found[0].name if found else ""})
    if form.validate_on_submit():
        name = form.name.data or ""
        form.attempt(lambda: rename_passkey(db(), actor=actor(), passkey_id=passkey_id, name=name))
        if form.succeeded:
            flash(_("Guardamos el nombre."))
            return redirect(url_for("account.own_passkeys.index"), 303)
    if not found:
        raise NotFound("Passkey", passkey_id)
    return form.page("account/passkey_name.html", passkey_id=passkey_id)


@own.post("/llaves/<int:passkey_id>/quitar")
@needs_fresh
def remove(passkey_id: int) -> ResponseReturnValue:
    form = ActionForm()
    if form.validate_on_submit():
        is_required = parts().config.second_factor
        form.attempt(lambda: remove_passkey(db(), actor=actor(), passkey_id=passkey_id, is_required=is_required))
        if form.succeeded:
            flash(_("Quitó la llave de acceso. Ya no abre su cuenta."))
            return redirect(url_for("account.own_passkeys.index"), 303)
    return _page(form)


def _opened(form: EnterForm) -> Account:
    spend(Deed.SIGN_IN, use=form.form_key.data or "")
    passkey, use_count = ceremonies.read_entered(form.credential.data or "")
    return use_passkey(db(), passkey_id=passkey.id, use_count=use_count)


def _add(form: NewForm) -> None:
    made = ceremonies.read_created(form.credential.data or "")
    add_passkey(db(), actor=actor(), name=form.name.data or "", **made)


def _mine() -> list[Passkey]:
    return list(passkeys_of(db(), own_account(db(), actor()).id))


def _page(form: Form | None = None) -> ResponseReturnValue:
    """The own passkeys and a form for one more; a problem of either stands above."""
    shown = form or ActionForm()
    new = form if isinstance(form, NewForm) else NewForm(formdata=None)
    return shown.page("account/passkeys.html", passkeys=_mine(), new=new)
