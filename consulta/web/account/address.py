"""Another e-mail address for the own account."""

from flask import Blueprint, flash, redirect, url_for
from flask.typing import ResponseReturnValue
from wtforms import StringField
from wtforms.validators import InputRequired

from consulta.limits.rules import Deed
from consulta.people.addresses import ask_for_address, take_address
from consulta.people.tokens import Purpose, read_email_change
from consulta.web.account.fresh import needs_fresh
from consulta.web.account.links import expired_page
from consulta.web.audiences import ask_to_sign_in
from consulta.web.context import actor, db, parts
from consulta.web.forms import ActionForm, Form
from consulta.web.i18n import gettext as _
from consulta.web.i18n import lazy_gettext as _l
from consulta.web.limiting import spend
from consulta.web.server_sessions import current_session
from consulta.web.sign_in import sign_out

blueprint = Blueprint("address", __name__)


class AddressForm(Form):
    email = StringField(_l("Correo nuevo"), [InputRequired(_l("Escriba su correo nuevo."))])


@blueprint.route("/correo", methods=["GET", "POST"])
def change() -> ResponseReturnValue:
    if not actor().is_known:
        return ask_to_sign_in()
    return _change()


@needs_fresh
def _change() -> ResponseReturnValue:
    form = AddressForm()
    if form.validate_on_submit():
        form.attempt(lambda: _ask(form))
        if form.succeeded:
            flash(_("Le enviamos un enlace al correo nuevo. Su correo cambia cuando usted lo abra y confirme."), "info")
            return redirect(url_for("account.own.show"), 303)
    holder = current_session().holder
    return form.page("account/address.html", email=holder.email if holder else "")


@blueprint.route("/correo/<token>", methods=["GET", "POST"])
def confirm(token: str) -> ResponseReturnValue:
    """The page of the link that went to the new address; only its button changes anything."""
    wanted = read_email_change(db(), parts().config.secret_key, token)
    if wanted is None:
        return expired_page(Purpose.EMAIL_CHANGE)
    form, change_id, email = ActionForm(), wanted.id, wanted.email
    if form.validate_on_submit():
        form.attempt(lambda: take_address(db(), change_id=change_id))
        if form.succeeded:
            if actor().is_known:
                sign_out()
            flash(_("Su correo cambió. Entre con el correo nuevo."))
            return redirect(url_for("account.sign_in.show"), 303)
    return form.page("account/address_confirm.html", email=email)


def _ask(form: AddressForm) -> None:
    spend(Deed.ASK_MAIL, account=form.email.data or "", use=form.form_key.data or "")
    ask_for_address(db(), actor=actor(), email=form.email.data or "", allows_test=not parts().config.is_production)
