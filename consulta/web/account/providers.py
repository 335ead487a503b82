"""Entering with an account of an identity provider: there and back, and what is still missing after that.

Going there is a link, because a form that ends at another site breaks our policy. Coming back changes nothing but
this browser's session; accounts are made and linked only by a button.
"""

from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from wtforms import BooleanField, StringField
from wtforms.validators import InputRequired

from consulta import clock
from consulta.limits.rules import Deed
from consulta.people.accounts import find_account_id
from consulta.people.identities import (
    Proof,
    account_behind,
    ask_for_code,
    ask_owner_for_code,
    link_identity,
    open_account,
    spend_claim,
)
from consulta.people.models import Account
from consulta.web.account.codes import CodeForm
from consulta.web.account.entering import enter
from consulta.web.account.fresh import is_fresh
from consulta.web.account.provider_clients import ProviderClient, ProviderFailed, provider_clients
from consulta.web.context import actor, db, parts
from consulta.web.forms import ActionForm, Form
from consulta.web.i18n import gettext as _
from consulta.web.i18n import lazy_gettext as _l
from consulta.web.limiting import spend
from consulta.web.sign_in import local_path

blueprint = Blueprint("providers", __name__)
PROOF_KEY, CLAIM_KEY, WANTED_KEY = "proof", "claim", "provider_next"
TERM = timedelta(minutes=30)


class FinishForm(Form):
    public_name = StringField(
        _l("Nombre que verán las demás personas"),
        [InputRequired(_l("Escriba el nombre que verán las demás personas."))],
    )
    email = StringField(_l("Correo electrónico"), [InputRequired(_l("Escriba su correo electrónico."))])
    consents = BooleanField(
        _l("Acepto que mis datos se usen para esta consulta."),
        [InputRequired(_l("Para crear la cuenta debe aceptar el uso de sus datos."))],
    )


@dataclass(frozen=True)
class Waiting:
    """Who came back from a provider in this browser, and where they are going."""

    proof: Proof
    wanted: str | None


@blueprint.get("/con/<name>")
def start(name: str) -> ResponseReturnValue:
    """To the provider. Who is signed in goes there to link the account, and must have entered just now."""
    client = _client(name)
    if actor().is_known and not is_fresh():
        return redirect(url_for("account.fresh.show", next=url_for("account.providers.start", name=name)), 303)
    session[WANTED_KEY] = local_path(request.args.get("next")) or ""
    try:
        return client.send_there()
    except ProviderFailed:
        return _failed(client, "down", 502)


@blueprint.get("/con/<name>/vuelta")
def come_back(name: str) -> ResponseReturnValue:
    """From the provider: in, if the identity opens an account, else on to what is missing."""
    client, after = _client(name), url_for("account.identities.index" if actor().is_known else "account.sign_in.show")
    if "error" in request.args:
        flash(_("No entró con %(provider)s. Puede intentarlo de nuevo o entrar de otra manera.", provider=_of(client)))
        return redirect(after, 303)
    spend(Deed.SIGN_IN)
    try:
        proof = client.receive()
    except ProviderFailed:
        return _failed(client, "answer", 400)
    account = account_behind(db(), proof)
    if account is None:
        _keep(proof)
        return redirect(url_for("account.providers.finish"), 303)
    if actor().is_known:
        if account.person_id != actor().person_id:
            return _failed(client, "taken", 409)
        flash(_("Esa cuenta de %(provider)s ya estaba vinculada.", provider=_of(client)), "info")
        return redirect(after, 303)
    if not account.is_active or account.confirmed_at is None:
        return _failed(client, "closed", 403)
    return enter(account, session.pop(WANTED_KEY, None))


@blueprint.route("/con/terminar", methods=["GET", "POST"])
def finish() -> ResponseReturnValue:
    """What is missing before an identity opens an account: a name, consent, and a proof of the address."""
    waiting = _waiting()
    if waiting is None:
        return render_template("account/provider_late.html"), 404
    if actor().is_known:
        return _link(waiting.proof)
    if waiting.proof.is_verified and find_account_id(db(), waiting.proof.email) is not None:
        return _ask_owner(waiting.proof)
    return _sign_up(waiting)


@blueprint.route("/con/codigo", methods=["GET", "POST"])
def write() -> ResponseReturnValue:
    """Where the code of the mail is typed; the same page whatever the address was, and whoever has it."""
    if CLAIM_KEY not in session:
        return render_template("account/provider_late.html"), 404
    form = CodeForm()
    if form.validate_on_submit():
        account = form.attempt(lambda: _spend(form))
        if account is not None:
            return _enter(account)
    return form.page("account/provider_code.html", email=session[CLAIM_KEY]["email"])


def _link(proof: Proof) -> ResponseReturnValue:
    """Ask who is signed in whether the identity shall open their account too."""
    if not is_fresh():
        return redirect(url_for("account.fresh.show", next=url_for("account.providers.finish")), 303)
    form = ActionForm()
    if form.validate_on_submit():
        form.attempt(lambda: link_identity(db(), actor=actor(), proof=proof))
        if form.succeeded:
            _forget()
            flash(_("Ya puede entrar también con %(provider)s.", provider=proof.provider))
            return redirect(url_for("account.identities.index"), 303)
    return form.page("account/provider_link.html", proof=proof)


def _ask_owner(proof: Proof) -> ResponseReturnValue:
    """Tell the owner of an address that it has an account, and have a code sent there."""
    form = ActionForm()
    if form.validate_on_submit():
        claim_id = form.attempt(lambda: _ask(form, proof, proof.email))
        if claim_id is not None:
            return _wait_for_code(claim_id, proof.email)
    return form.page("account/provider_known.html", proof=proof)


def _sign_up(waiting: Waiting) -> ResponseReturnValue:
    proof = waiting.proof
    form = FinishForm()
    if request.method != "POST":
        form.public_name.data, form.email.data = proof.public_name, proof.email
    if proof.is_verified:
        del form.email
    if form.validate_on_submit():
        if proof.is_verified:
            account = form.attempt(lambda: _open(form, proof))
            if account is not None:
                return _enter(account)
            if form.succeeded:  # somebody took the address while the form was filled in
                return redirect(url_for("account.providers.finish"), 303)
        else:
            email = form.email.data or ""
            claim_id = form.attempt(lambda: _ask(form, proof, email))
            if claim_id is not None:
                return _wait_for_code(claim_id, email)
    return form.page("account/provider_finish.html", proof=proof)


def _open(form: FinishForm, proof: Proof) -> Account | None:
    spend(Deed.SIGN_UP, account=proof.email, use=form.form_key.data or "")
    return open_account(db(), proof=proof, public_name=form.public_name.data or "", consents=form.consents.data)


def _ask(form: Form, proof: Proof, email: str) -> int:
    spend(Deed.ASK_MAIL, account=email, use=form.form_key.data or "")
    if not isinstance(form, FinishForm):
        return ask_owner_for_code(db(), proof=proof)
    return ask_for_code(
        db(),
        proof=proof,
        email=email,
        public_name=form.public_name.data or "",
        consents=form.consents.data,
        allows_test=not parts().config.is_production,
    )


def _spend(form: CodeForm) -> Account:
    key = session[CLAIM_KEY]["id"]
    spend(Deed.CODE, account=f"identity {key}", use=form.form_key.data or "")
    return spend_claim(db(), claim_id=key, typed=form.code.data or "", secret_key=parts().config.secret_key)


def _wait_for_code(claim_id: int, email: str) -> ResponseReturnValue:
    session[CLAIM_KEY] = {"id": claim_id, "email": email}
    return redirect(url_for("account.providers.write"), 303)


def _enter(account: Account) -> ResponseReturnValue:
    wanted = session.get(WANTED_KEY)
    _forget()
    return enter(account, wanted)


def _keep(proof: Proof) -> None:
    session[PROOF_KEY] = {"until": (clock.now() + TERM).isoformat(), **asdict(proof)}


def _waiting() -> Waiting | None:
    """Who came back here a short while ago."""
    kept: dict[str, Any] = dict(session.get(PROOF_KEY) or {})
    if not kept or datetime.fromisoformat(kept.pop("until")) <= clock.now():
        return None
    return Waiting(Proof(**kept), session.get(WANTED_KEY) or None)


def _forget() -> None:
    for key in (PROOF_KEY, CLAIM_KEY, WANTED_KEY):
        session.pop(key, None)


def _client(name: str) -> ProviderClient:
    client = provider_clients().get(name)
    return client if client is not None else abort(404)


def _of(client: ProviderClient) -> str:
    return client.provider.label


def _failed(client: ProviderClient, problem: str, status: int) -> ResponseReturnValue:
    return render_template("account/provider_failed.html", provider=_of(client), problem=problem), status
