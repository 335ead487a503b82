"""The stored texts: what moderators begin from when they explain an act."""

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from consulta.contributions.models import PUBLIC_TEXT_MAX, RejectionReason
from consulta.moderation.models import COMPLETION
from consulta.moderation.queries import find_stored_text, stored_texts
from consulta.moderation.rules import FIRST_TEXTS
from consulta.moderation.texts import store_text
from consulta.permissions import Permission, require
from consulta.web.context import actor, db
from consulta.web.fields import WordsField
from consulta.web.filters import label
from consulta.web.forms import Form
from consulta.web.i18n import gettext
from consulta.web.i18n import lazy_gettext as _l

blueprint = Blueprint("texts", __name__, url_prefix="/textos")


class TextForm(Form):
    text = WordsField(_l("Texto guardado"))


@blueprint.get("")
def index() -> ResponseReturnValue:
    rows = [(code, text_name(code), text) for code, text in stored_texts(db()).items()]
    return render_template("coordination/moderation/texts.html", rows=rows)


@blueprint.route("/<code>", methods=["GET", "POST"])
def edit(code: str) -> ResponseReturnValue:
    require(actor(), Permission.TEXTS_KEEP)
    stored = find_stored_text(db(), code)
    form = TextForm(obj=stored)
    if form.validate_on_submit():
        form.attempt(
            lambda: store_text(db(), actor=actor(), code=code, text=form.text.data or "", version=form.seen_version)
        )
        if form.succeeded:
            flash(gettext("El texto quedó guardado. Desde ahora se inserta así."))
            return redirect(url_for("coordination.moderation.texts.index"), 303)
    return form.page(
        "coordination/moderation/text.html",
        name=text_name(code),
        code=code,
        first=FIRST_TEXTS[code],
        text_max=PUBLIC_TEXT_MAX,
    )


def text_name(code: str) -> str:
    """What a stored text is for."""
    return gettext("Pedir que lo complete") if code == COMPLETION else label(RejectionReason(code))
