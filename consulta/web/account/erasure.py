"""Erasing the own account and whatever else the site holds of its owner."""

from flask import Blueprint, abort, render_template, url_for
from flask.typing import ResponseReturnValue

from consulta.people.models import Person
from consulta.permissions import Permission, allows
from consulta.privacy.models import Erasure
from consulta.privacy.queries import erasure_of
from consulta.privacy.services import ask_for_erasure, call_off_erasure
from consulta.web.account.fresh import needs_fresh
from consulta.web.audiences import ask_to_sign_in
from consulta.web.context import actor, db
from consulta.web.erasing import ErasureForm, Place, erasure_page, keep_page

blueprint = Blueprint("erasure", __name__)


@blueprint.before_request
def _only_signed_in() -> ResponseReturnValue | None:
    return None if actor().is_known else ask_to_sign_in()


@blueprint.route("/datos/borrar", methods=["GET", "POST"])
def show() -> ResponseReturnValue:
    person = db().get_one(Person, actor().person_id)
    if not allows(actor(), Permission.PERSON_ERASE, person):
        return render_template("account/erasure_refused.html")
    erasure = erasure_of(db(), person.id)
    return _ask(person=person) if erasure is None else erasure_page(person, erasure, _place(), _record)


@blueprint.post("/datos/borrar/conservar")
def keep() -> ResponseReturnValue:
    erasure = erasure_of(db(), actor().person_id)
    if erasure is None:
        abort(404)
    return keep_page(erasure, _place(), lambda: call_off_erasure(db(), actor=actor()))


@needs_fresh
def _ask(*, person: Person) -> ResponseReturnValue:
    return erasure_page(person, None, _place(), _record)


def _record(form: ErasureForm) -> Erasure:
    return ask_for_erasure(
        db(), actor=actor(), is_sure=form.is_sure.data, text_ids=form.text_ids, all_texts=form.all_texts
    )


def _place() -> Place:
    here, keep_at = url_for("account.erasure.show"), url_for("account.erasure.keep")
    return Place(here, keep_at, url_for("account.data.show"), has_account=True)
