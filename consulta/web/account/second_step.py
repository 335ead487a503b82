"""The second step: asked for after the first factor, set up when it is first needed, kept by its owner."""

import segno
from flask import Blueprint, flash, redirect, render_template, session, url_for
from flask.typing import ResponseReturnValue
from markupsafe import Markup
from wtforms import StringField
from wtforms.validators import InputRequired

from consulta.limits.rules import Deed
from consulta.people import second_factor
from consulta.people.accounts import own_account
from consulta.people.models import Account
from consulta.people.second_factor import Step
from consulta.web.account.entering import ENTERING_KEY, entering, finish, next_step
from consulta.web.account.fresh import is_fresh, needs_fresh
from consulta.web.audiences import ask_to_sign_in
from consulta.web.context import actor, db, parts
from consulta.web.forms import ActionForm, Form
from consulta.web.i18n import gettext as _
from consulta.web.i18n import lazy_gettext as _l
from consulta.web.limiting import spend
from consulta.web.server_sessions import current_session

blueprint = Blueprint("second_step", __name__)


class CodeForm(Form):
    code = StringField(_l("Código"), [InputRequired(_l("Escriba el código."))])


@blueprint.route("/segundo-paso", methods=["GET", "POST"])
def verify() -> ResponseReturnValue:
    """Ask who has proven the first factor for the second one."""
    now = entering()
    if now is None:
        return _start_again()
    form = CodeForm()
    if form.validate_on_submit():
        form.attempt(lambda: _check(now.account, form))
        if form.succeeded:
            return redirect(finish(now.account, now.wanted), 303)
    return form.page(
        "account/second_step.html",
        has_authenticator=second_factor.find_authenticator(db(), now.account.id) is not None,
        has_passkey=second_factor.count_passkeys(db(), now.account.id) > 0,
    )


@blueprint.route("/segundo-paso/activar", methods=["GET", "POST"])
def set_up() -> ResponseReturnValue:
    """Show the key for an application, and begin to ask for its codes once one of them was typed."""
    now = entering()
    if now is None and (refused := _unless_fresh()):
        return refused
    account = now.account if now else own_account(db(), actor())
    secret_key = parts().config.secret_key
    if now and next_step(account) is not Step.SET_UP:
        return redirect(url_for("account.second_step.verify"), 303)
    if second_factor.find_authenticator(db(), account.id) is not None:
        return redirect(url_for("account.own.show"), 303)
    key = second_factor.offered_key(secret_key, account, current_session().identify_browser())
    form = CodeForm()
    if form.validate_on_submit():
        codes = form.attempt(lambda: _set_up(account, key, form, has_entered=now is None))
        if codes is not None:
            return _recovery_codes(codes, finish(account, now.wanted) if now else url_for("account.own.show"))
    return form.page("account/second_step_set_up.html", key=_in_fours(key), square=_square(key, account), entering=now)


@blueprint.post("/segundo-paso/codigos")
@needs_fresh
def renew() -> ResponseReturnValue:
    """New recovery codes in the place of those before."""
    form = ActionForm()
    if form.validate_on_submit():
        codes = form.attempt(lambda: second_factor.renew_recovery_codes(db(), actor=actor()))
        if codes is not None:
            return _recovery_codes(codes, url_for("account.own.show"))
    return form.page("account/second_step_gone.html")


@blueprint.post("/segundo-paso/quitar")
@needs_fresh
def remove() -> ResponseReturnValue:
    form = ActionForm()
    if form.validate_on_submit():
        is_required = parts().config.second_factor
        form.attempt(lambda: second_factor.remove_authenticator(db(), actor=actor(), is_required=is_required))
        if form.succeeded:
            flash(_("Quitó el segundo paso."))
            return redirect(url_for("account.own.show"), 303)
    return form.page("account/second_step_gone.html")


@blueprint.before_request
def _only_owners() -> ResponseReturnValue | None:
    """Somebody is signed in, or has proven the first factor in this browser."""
    return None if actor().is_known or ENTERING_KEY in session else ask_to_sign_in()


def _unless_fresh() -> ResponseReturnValue | None:
    if not actor().is_known:
        return _start_again()
    if is_fresh():
        return None
    return redirect(url_for("account.fresh.show", next=url_for("account.second_step.set_up")), 303)


def _start_again() -> ResponseReturnValue:
    """There is nobody between two steps: it took too long, or was done already."""
    if actor().is_known:
        return redirect(url_for("account.own.show"), 303)
    flash(_("Pasó mucho tiempo. Entre de nuevo."), "info")
    return redirect(url_for("account.sign_in.show"), 303)


def _check(account: Account, form: CodeForm) -> None:
    spend(Deed.CODE, account=f"second step {account.id}", use=form.form_key.data or "")
    secret_key = parts().config.secret_key
    second_factor.check_code(db(), account_id=account.id, typed=form.code.data or "", secret_key=secret_key)


def _set_up(account: Account, key: str, form: CodeForm, *, has_entered: bool) -> list[str]:
    spend(Deed.CODE, account=f"second step {account.id}", use=form.form_key.data or "")
    return second_factor.set_up(
        db(),
        account_id=account.id,
        key=key,
        typed=form.code.data or "",
        secret_key=parts().config.secret_key,
        has_entered=has_entered,
    )


def _recovery_codes(codes: list[str], onward: str) -> ResponseReturnValue:
    """Shown once, in the answer itself: nothing of them is kept that could be shown again."""
    return render_template("account/recovery_codes.html", codes=codes, onward=onward)


def _in_fours(key: str) -> str:
    return " ".join(key[start : start + 4] for start in range(0, len(key), 4))


def _square(key: str, account: Account) -> Markup:
    """The key as a square of dots for a camera; drawn here, without a request to anybody."""
    made = segno.make(second_factor.key_address(key, account), error="m")
    return Markup(made.svg_inline(omitsize=True, border=3, svgclass="qr", lineclass=None, light="#fff"))  # noqa: S704 - dots
