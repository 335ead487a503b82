"""Entering and leaving."""

from flask import Blueprint, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from wtforms import HiddenField, PasswordField, StringField
from wtforms.validators import InputRequired

from consulta.limits.rules import Deed
from consulta.people.accounts import authenticate, update_hash
from consulta.people.models import Account
from consulta.people.rules import STAFF_PASSWORD_MIN, normal_password
from consulta.web.account.entering import destination, enter
from consulta.web.account.passwords import hash_password, matches, needs_update
from consulta.web.account.ways import other_ways
from consulta.web.context import actor, db
from consulta.web.forms import Form
from consulta.web.i18n import gettext as _
from consulta.web.i18n import lazy_gettext as _l
from consulta.web.limiting import spend
from consulta.web.sign_in import local_path, sign_out

blueprint = Blueprint("sign_in", __name__)
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
        account = form.attempt(lambda: _authenticate(form))
        if account is not None:
            if needs_update(str(account.password_hash)):
                stronger = hash_password(form.password.data or "")
                update_hash(db(), account_id=account.id, seen_hash=account.password_hash, password_hash=stronger)
            return enter(account, form.next.data if _is_long_enough(form, account) else url_for("account.own.password"))
    wanted = local_path(form.next.data)
    return form.page("account/sign_in.html", next=wanted, ways=other_ways(wanted))


@blueprint.post("/salir")
def leave() -> ResponseReturnValue:
    sign_out()
    response = redirect("/", 303)
    response.headers["Clear-Site-Data"] = CLEAR_SITE_DATA
    return response


def _is_long_enough(form: SignInForm, account: Account) -> bool:
    """Whether the password is as long as a role asks for: who got one later chooses another right after entering."""
    if not account.person.is_staff or len(normal_password(form.password.data or "")) >= STAFF_PASSWORD_MIN:
        return True
    flash(
        _("Su trabajo pide una contraseña de al menos %(min)s caracteres. Elija otra.", min=STAFF_PASSWORD_MIN), "info"
    )
    return False


def _authenticate(form: SignInForm) -> Account:
    """Counted for the address typed, whether it has an account or not, and for where it was typed."""
    email = form.email.data or ""
    spend(Deed.SIGN_IN, account=email, use=form.form_key.data or "")
    return authenticate(db(), email, form.password.data or "", matches=matches)
