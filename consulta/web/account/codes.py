"""Entering with a code from a mail. It serves only in the browser that asked for it, whose session keeps its id."""

import re

from flask import Blueprint, abort, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from wtforms import HiddenField, StringField
from wtforms.validators import InputRequired

from consulta.limits.rules import Deed
from consulta.people.codes import send_code, spend_code
from consulta.people.models import Account
from consulta.people.tokens import CODE_DIGITS
from consulta.web.account.entering import enter
from consulta.web.context import db, parts
from consulta.web.forms import Form
from consulta.web.i18n import lazy_gettext as _l
from consulta.web.limiting import spend
from consulta.web.sign_in import local_path

blueprint = Blueprint("codes", __name__)
CODE_KEY = "code"


class AskForm(Form):
    email = StringField(_l("Correo electrónico"), [InputRequired(_l("Escriba su correo electrónico."))])
    next = HiddenField()


class CodeForm(Form):
    code = StringField(_l("Código"), [InputRequired(_l("Escriba el código del mensaje."))])


@blueprint.route("/codigo", methods=["GET", "POST"])
def ask() -> ResponseReturnValue:
    form = AskForm()
    if request.method != "POST":
        form.next.data = local_path(request.args.get("next")) or ""
    if form.validate_on_submit():
        form.attempt(lambda: _send(form))
        if form.succeeded:
            return redirect(url_for("account.codes.write"), 303)
    return form.page("account/code_ask.html", next=local_path(form.next.data))


@blueprint.route("/codigo/escribir", methods=["GET", "POST"])
def write() -> ResponseReturnValue:
    """Where the code is typed; the same page whatever the address was, and whoever has it."""
    if CODE_KEY not in session:
        return redirect(url_for("account.codes.ask"), 303)
    form = CodeForm()
    if form.validate_on_submit():
        account = form.attempt(lambda: _spend(form))
        if account is not None:
            wanted = session.pop(CODE_KEY)["wanted"]
            return enter(account, wanted)
    return form.page("account/code_write.html")


@blueprint.get("/codigo/<digits>")
def follow(digits: str) -> ResponseReturnValue:
    """The page of the link in the mail: the code is in its place, and only the button enters."""
    if not re.fullmatch(rf"[0-9]{{{CODE_DIGITS}}}", digits):
        abort(404)
    if CODE_KEY not in session:
        return render_template("account/code_elsewhere.html", code=digits)
    form = CodeForm()
    form.code.data = digits
    return form.page("account/code_write.html", is_filled=True)


def remember_code(code_id: int, wanted: str | None) -> None:
    """Keep in this browser's session which code it asked for, and where it was going."""
    session[CODE_KEY] = {"id": code_id, "wanted": wanted}


def _send(form: AskForm) -> None:
    email = form.email.data or ""
    spend(Deed.ASK_MAIL, account=email, use=form.form_key.data or "")
    remember_code(send_code(db(), email=email), local_path(form.next.data))


def _spend(form: CodeForm) -> Account:
    kept = session[CODE_KEY]
    spend(Deed.CODE, account=f"mail {kept['id']}", use=form.form_key.data or "")
    return spend_code(db(), code_id=kept["id"], typed=form.code.data or "", secret_key=parts().config.secret_key)
