"""Creating an account, and confirming its address by mail."""

from flask import Blueprint, flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from wtforms import BooleanField, HiddenField, PasswordField, StringField
from wtforms.validators import InputRequired

from consulta.limits.rules import Deed
from consulta.people.models import Account
from consulta.people.rules import PASSWORD_MIN
from consulta.people.sign_ups import confirm_sign_up, request_account, resend_confirmation
from consulta.people.tokens import Purpose
from consulta.web.account.entering import NEXT_KEY, enter
from consulta.web.account.links import expired_page, sign_up_of
from consulta.web.account.passwords import hash_password, matches
from consulta.web.context import actor, db, parts
from consulta.web.forms import Form
from consulta.web.i18n import gettext as _
from consulta.web.i18n import lazy_gettext as _l
from consulta.web.limiting import spend
from consulta.web.sign_in import local_path

blueprint = Blueprint("sign_up", __name__)


class SignUpForm(Form):
    public_name = StringField(
        _l("Nombre que verán las demás personas"),
        [InputRequired(_l("Escriba el nombre que verán las demás personas."))],
    )
    email = StringField(_l("Correo electrónico"), [InputRequired(_l("Escriba su correo electrónico."))])
    password = PasswordField(_l("Contraseña"), [InputRequired(_l("Elija una contraseña."))])
    consents = BooleanField(
        _l("Acepto que mis datos se usen para esta consulta."),
        [InputRequired(_l("Para crear la cuenta debe aceptar el uso de sus datos."))],
    )
    next = HiddenField()


class ConfirmForm(Form):
    password = PasswordField(_l("Contraseña"), [InputRequired(_l("Escriba su contraseña."))])


class ResendForm(Form):
    email = StringField(_l("Correo electrónico"), [InputRequired(_l("Escriba su correo electrónico."))])


@blueprint.route("/crear", methods=["GET", "POST"])
def create() -> ResponseReturnValue:
    form = SignUpForm()
    if request.method != "POST":
        form.next.data = local_path(request.args.get("next")) or ""
    if form.validate_on_submit():
        form.attempt(lambda: _request(form))
        if form.succeeded:
            if (wanted := local_path(form.next.data)) is not None:
                session[NEXT_KEY] = wanted
            return redirect(url_for("account.sign_up.sent"), 303)
    return form.page("account/sign_up.html", password_min=PASSWORD_MIN)


@blueprint.get("/revise-su-correo")
def sent() -> ResponseReturnValue:
    """The same page whatever the address was, and whoever has it."""
    return render_template("account/sent.html")


@blueprint.route("/confirmar", methods=["GET", "POST"])
def resend() -> ResponseReturnValue:
    """Ask for the link again; it is sent where an account was asked for, and the answer is always the same."""
    form = ResendForm()
    if form.validate_on_submit():
        form.attempt(lambda: _resend(form))
        if form.succeeded:
            return redirect(url_for("account.sign_up.sent"), 303)
    return form.page("account/resend.html")


@blueprint.route("/confirmar/<token>", methods=["GET", "POST"])
def confirm(token: str) -> ResponseReturnValue:
    """The page of the link in the mail; only its button makes the account, for who chose its password."""
    wanted = sign_up_of(token)
    if wanted is None:
        return expired_page(Purpose.CONFIRMATION)
    form, sign_up_id, email, name = ConfirmForm(), wanted.id, wanted.email, wanted.public_name
    if form.validate_on_submit():
        account = form.attempt(lambda: _confirm(form, sign_up_id, email))
        if account is not None:
            flash(_("Confirmamos su correo. Su cuenta está lista."))
            return enter(account, None)
    return form.page("account/confirm.html", email=email, name=name)


def _request(form: SignUpForm) -> None:
    spend(Deed.SIGN_UP, account=form.email.data or "", use=form.form_key.data or "")
    request_account(
        db(),
        actor=actor(),
        public_name=form.public_name.data or "",
        email=form.email.data or "",
        password=form.password.data or "",
        consents=form.consents.data,
        hash_password=hash_password,
        allows_test=not parts().config.is_production,
    )


def _confirm(form: ConfirmForm, sign_up_id: int, email: str) -> Account:
    """Trying the password counts as trying to sign in, which comes right after."""
    spend(Deed.SIGN_IN, account=email, use=form.form_key.data or "")
    return confirm_sign_up(db(), sign_up_id=sign_up_id, password=form.password.data or "", matches=matches)


def _resend(form: ResendForm) -> None:
    spend(Deed.ASK_MAIL, account=form.email.data or "", use=form.form_key.data or "")
    resend_confirmation(db(), email=form.email.data or "")
