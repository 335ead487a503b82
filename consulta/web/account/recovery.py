"""A new password for who forgot theirs, and the first one of who was invited."""

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from wtforms import BooleanField, PasswordField, StringField
from wtforms.validators import InputRequired

from consulta.limits.rules import Deed
from consulta.people.accounts import accept_invitation, request_recovery, set_password
from consulta.people.models import Account
from consulta.people.rules import PASSWORD_MIN, STAFF_PASSWORD_MIN
from consulta.people.tokens import Purpose
from consulta.web.account.links import account_of, expired_page
from consulta.web.account.passwords import hash_password
from consulta.web.context import db
from consulta.web.forms import Form
from consulta.web.i18n import gettext as _
from consulta.web.i18n import lazy_gettext as _l
from consulta.web.limiting import spend

blueprint = Blueprint("recovery", __name__)


class RecoveryForm(Form):
    email = StringField(_l("Correo electrónico"), [InputRequired(_l("Escriba su correo electrónico."))])


class NewPasswordForm(Form):
    password = PasswordField(_l("Contraseña nueva"), [InputRequired(_l("Elija una contraseña."))])


class InvitationForm(Form):
    password = PasswordField(_l("Contraseña"), [InputRequired(_l("Elija una contraseña."))])
    consents = BooleanField(
        _l("Acepto que mis datos se usen para esta consulta."),
        [InputRequired(_l("Para crear la cuenta debe aceptar el uso de sus datos."))],
    )


@blueprint.route("/recuperar", methods=["GET", "POST"])
def ask() -> ResponseReturnValue:
    form = RecoveryForm()
    if form.validate_on_submit():
        form.attempt(lambda: _request(form))
        if form.succeeded:
            return redirect(url_for("account.recovery.sent"), 303)
    return form.page("account/recover.html")


@blueprint.get("/recuperar/enviado")
def sent() -> ResponseReturnValue:
    """The same page whether the address has an account or not."""
    return render_template("account/recovery_sent.html")


@blueprint.route("/recuperar/<token>", methods=["GET", "POST"])
def choose(token: str) -> ResponseReturnValue:
    """The page of the recovery link: it asks for the new password."""
    account = account_of(Purpose.RECOVERY, token)
    if account is None:
        return expired_page(Purpose.RECOVERY)
    seen_hash = account.password_hash
    form = NewPasswordForm()
    if form.validate_on_submit():
        form.attempt(
            lambda: set_password(
                db(),
                account_id=account.id,
                password=form.password.data or "",
                hash_password=hash_password,
                seen_hash=seen_hash,
                act="account.recover",
            )
        )
        if form.succeeded:
            flash(_("Su contraseña nueva ya sirve. Entre con ella."))
            return redirect(url_for("account.sign_in.show"), 303)
    return form.page("account/new_password.html", password_min=least(account), email=account.email)


@blueprint.route("/invitacion/<token>", methods=["GET", "POST"])
def accept(token: str) -> ResponseReturnValue:
    """The page of the invitation link: it asks for the first password."""
    account = account_of(Purpose.INVITATION, token)
    if account is None or account.password_hash is not None or account.confirmed_at is not None:
        return expired_page(Purpose.INVITATION)
    form = InvitationForm()
    if form.validate_on_submit():
        form.attempt(
            lambda: accept_invitation(
                db(),
                account_id=account.id,
                password=form.password.data or "",
                consents=form.consents.data,
                hash_password=hash_password,
            )
        )
        if form.succeeded:
            flash(_("Su cuenta está lista. Entre con su contraseña."))
            return redirect(url_for("account.sign_in.show"), 303)
    return form.page("account/invitation.html", password_min=least(account), email=account.email, person=account.person)


def least(account: Account) -> int:
    """How long this account's password must be."""
    return STAFF_PASSWORD_MIN if account.person.is_staff else PASSWORD_MIN


def _request(form: RecoveryForm) -> None:
    spend(Deed.ASK_MAIL, account=form.email.data or "", use=form.form_key.data or "")
    request_recovery(db(), email=form.email.data or "")
