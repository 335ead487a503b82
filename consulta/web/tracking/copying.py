"""Taking away the one text that is open: who has its folio and its code gets the words, and no contact of anybody."""

from typing import IO

from flask import Blueprint, flash, redirect, url_for
from flask.typing import ResponseReturnValue

from consulta.contributions.models import Contribution
from consulta.limits.rules import Deed
from consulta.privacy.copies.archive import Contents, as_json
from consulta.privacy.copying import record_text_copy, told_contributions
from consulta.web.context import db
from consulta.web.copies import make_archive, readable, send_archive, site
from consulta.web.forms import ActionForm
from consulta.web.limiting import spend
from consulta.web.tracking.opened import author_of, opened_contribution

blueprint = Blueprint("copying", __name__)


@blueprint.post("/copia")
def download() -> ResponseReturnValue:
    contribution, form = opened_contribution(), ActionForm()
    if form.validate_on_submit():
        file = form.attempt(lambda: _make(contribution))
        if file is not None:
            return send_archive(file, "mi-aporte")
        flash(" ".join(form.form_problems), "problem")
    return redirect(url_for("tracking.own.show"), 303)


def _make(contribution: Contribution) -> IO[bytes]:
    author, key = author_of(contribution), contribution.id
    spend(Deed.COPY, account=f"aporte:{key}")
    contents = _contents(contribution.person_id, key, author.name)
    return make_archive(contents, lambda: record_text_copy(db(), actor=author, contribution_id=key))


def _contents(person_id: int, key: int, name: str) -> Contents:
    told = [item for item in told_contributions(db(), person_id, site()) if item["id"] == key]
    yield "aporte.html", readable(told, name)
    yield "aporte.json", as_json(told[0])
