"""The own account: how its owner enters, its password, and where it is open."""

from typing import Any

from flask import Blueprint, flash, redirect, url_for
from flask.typing import ResponseReturnValue
from wtforms import PasswordField
from wtforms.validators import InputRequired

from consulta import clock
from consulta.limits.rules import Deed
from consulta.people.accounts import change_password, close_session, own_account
from consulta.people.identities import own_identities
from consulta.people.queries import open_sessions
from consulta.people.rules import PASSWORD_MIN, STAFF_PASSWORD_MIN
from consulta.people.second_factor import count_passkeys, count_recovery_codes, find_authenticator
from consulta.representation.queries import latest_of
from consulta.web.account.fresh import is_fresh
from consulta.web.account.passwords import hash_password, matches
from consulta.web.account.provider_clients import provider_clients
from consulta.web.audiences import ask_to_sign_in
from consulta.web.context import actor, db, parts
from consulta.web.forms import ActionForm, Form
from consulta.web.i18n import gettext as _
from consulta.web.i18n import lazy_gettext as _l
from consulta.web.limiting import spend
from consulta.web.server_sessions import current_session

blueprint = Blueprint("own", __name__)


@blueprint.before_request
def _only_signed_in() -> ResponseReturnValue | None:
    return None if actor().is_known else ask_to_sign_in()


class PasswordForm(Form):
    current = PasswordField(_l("Contraseña actual"), [InputRequired(_l("Escriba su contraseña actual."))])
    password = PasswordField(_l("Contraseña nueva"), [InputRequired(_l("Elija la contraseña nueva."))])


@blueprint.get("/")
def show() -> ResponseReturnValue:
    """Everything that opens the account, each with where to change it."""
    account = own_account(db(), actor())
    return ActionForm().page(
        "account/show.html",
        email=account.email,
        has_password=account.password_hash is not None,
        has_authenticator=find_authenticator(db(), account.id) is not None,
        recovery_codes=count_recovery_codes(db(), account.id),
        passkeys=count_passkeys(db(), account.id),
        identities=[identity.provider for identity in own_identities(db(), actor())],
        has_providers=bool(provider_clients()),
        representation=latest_of(db(), actor().person_id),
        second_factor_needed=actor().is_staff and parts().config.second_factor,
    )


@blueprint.route("/clave", methods=["GET", "POST"])
def password() -> ResponseReturnValue:
    """Change the own password. Every other session ends; this one goes on under a new id, no fresher than before.

    Who has none yet must have entered just now.
    """
    has_password = own_account(db(), actor()).password_hash is not None
    if not has_password and not is_fresh():
        return redirect(url_for("account.fresh.show", next=url_for("account.own.password")), 303)
    form = PasswordForm()
    if not has_password:
        del form.current
    if form.validate_on_submit():
        form.attempt(lambda: _change_password(form, form.current.data or "" if has_password else ""))
        if form.succeeded:
            current_session().go_on()
            flash(_("Cambió su contraseña. Cerramos las demás sesiones."))
            return redirect(url_for("account.own.sessions"), 303)
    shortest = STAFF_PASSWORD_MIN if actor().is_staff else PASSWORD_MIN
    return form.page("account/password.html", password_min=shortest, has_password=has_password)


@blueprint.get("/sesiones")
def sessions() -> ResponseReturnValue:
    """Where the account is open now."""
    return ActionForm().page("account/sessions.html", **_listed())


@blueprint.post("/sesiones/<int:session_id>/cerrar")
def close(session_id: int) -> ResponseReturnValue:
    form = ActionForm()
    if form.validate_on_submit():
        form.attempt(lambda: close_session(db(), actor=actor(), session_id=session_id))
        if form.succeeded:
            flash(_("Cerramos esa sesión."))
            return redirect(url_for("account.own.sessions"), 303)
    return form.page("account/sessions.html", **_listed())


def _change_password(form: PasswordForm, current: str) -> None:
    """Trying the present password counts as trying to sign in."""
    spend(Deed.SIGN_IN, account=own_account(db(), actor()).email, use=form.form_key.data or "")
    change_password(
        db(),
        actor=actor(),
        current=current,
        password=form.password.data or "",
        hash_password=hash_password,
        matches=matches,
    )


def _listed() -> dict[str, Any]:
    """Every open session, and which one this is."""
    kept = current_session().kept
    return {"sessions": open_sessions(db(), actor().person_id, clock.now()), "current_id": kept.id if kept else None}
