"""Entering again before changing how one enters: a session that somebody left open must not be enough."""

import functools
from collections.abc import Callable

from flask import Blueprint, redirect, request, url_for
from flask.typing import ResponseReturnValue
from wtforms import PasswordField
from wtforms.validators import InputRequired

from consulta import clock
from consulta.limits.rules import Deed
from consulta.people.accounts import authenticate, own_account
from consulta.people.codes import send_code
from consulta.people.models import Account
from consulta.people.rules import FRESH_TERM
from consulta.web.account.codes import remember_code
from consulta.web.account.entering import enter
from consulta.web.account.passwords import matches
from consulta.web.audiences import ask_to_sign_in
from consulta.web.context import actor, db
from consulta.web.forms import ActionForm, Form
from consulta.web.i18n import lazy_gettext as _l
from consulta.web.limiting import spend
from consulta.web.server_sessions import current_session
from consulta.web.sign_in import local_path

blueprint = Blueprint("fresh", __name__)


class AgainForm(Form):
    password = PasswordField(_l("Contraseña"), [InputRequired(_l("Escriba su contraseña."))])


@blueprint.before_request
def _only_signed_in() -> ResponseReturnValue | None:
    return None if actor().is_known else ask_to_sign_in()


def is_fresh() -> bool:
    """Whether this session began a short while ago."""
    kept = current_session().kept
    return kept is not None and clock.now() - kept.created_at <= FRESH_TERM


def needs_fresh(view: Callable[..., ResponseReturnValue]) -> Callable[..., ResponseReturnValue]:
    """Have who entered a while ago enter again, and come back to the page that they were on."""

    @functools.wraps(view)
    def guarded(**arguments: object) -> ResponseReturnValue:
        if is_fresh():
            return view(**arguments)
        can_show = request.url_rule is not None and "GET" in (request.url_rule.methods or ())
        here = request.full_path.rstrip("?") if can_show else url_for("account.own.show")
        return redirect(url_for("account.fresh.show", next=here), 303)

    return guarded


@blueprint.route("/confirme", methods=["GET", "POST"])
def show() -> ResponseReturnValue:
    """Ask for the password again, or for another proof."""
    account, wanted = own_account(db(), actor()), local_path(request.args.get("next"))
    form = AgainForm()
    if form.validate_on_submit():
        found = form.attempt(lambda: _prove(account.email, form))
        if found is not None:
            return enter(found, wanted or url_for("account.own.show"))
    return form.page("account/fresh.html", email=account.email, has_password=bool(account.password_hash), next=wanted)


@blueprint.post("/confirme/codigo")
def send() -> ResponseReturnValue:
    """Have a code sent to the own address."""
    form, email = ActionForm(), own_account(db(), actor()).email
    wanted = local_path(request.args.get("next")) or url_for("account.own.show")
    if form.validate_on_submit():
        form.attempt(lambda: _send(email, form, wanted))
        if form.succeeded:
            return redirect(url_for("account.codes.write"), 303)
    return form.page("account/fresh.html", email=email, has_password=False, next=wanted)


def _prove(email: str, form: AgainForm) -> Account:
    spend(Deed.SIGN_IN, account=email, use=form.form_key.data or "")
    return authenticate(db(), email, form.password.data or "", matches=matches)


def _send(email: str, form: Form, wanted: str) -> None:
    spend(Deed.ASK_MAIL, account=email, use=form.form_key.data or "")
    remember_code(send_code(db(), email=email), wanted)
