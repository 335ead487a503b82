"""Supporting a contribution: a page with one button, and the same act for scripts."""

import sqlalchemy as sa
from flask import Blueprint, flash, jsonify, redirect, request, url_for
from flask.typing import ResponseReturnValue
from wtforms import HiddenField

from consulta.contributions.models import Contribution, ContributionState
from consulta.contributions.queries import root_folio, supported_ids
from consulta.contributions.services import support, unsupport
from consulta.errors import NotFound
from consulta.limits.rules import Deed
from consulta.web.context import actor, db
from consulta.web.forms import Form
from consulta.web.i18n import gettext, ngettext
from consulta.web.limiting import spend

blueprint = Blueprint("supports", __name__)
TAKE_BACK = "0"


class SupportForm(Form):
    """`apoyar` is what the reader wants: 1 to support, 0 to take it back."""

    apoyar = HiddenField(default="1")


@blueprint.get("/aportes/<int:contribution_id>/apoyo")
def show(contribution_id: int) -> ResponseReturnValue:
    return _page(SupportForm(formdata=None), _shown(contribution_id))


@blueprint.post("/aportes/<int:contribution_id>/apoyo")
def change(contribution_id: int) -> ResponseReturnValue:
    contribution = _shown(contribution_id)
    form = SupportForm()
    wants = form.apoyar.data != TAKE_BACK
    if form.validate_on_submit():
        form.attempt(lambda: _act(contribution_id, wants))
    if request.accept_mimetypes.best_match(("text/html", "application/json")) == "application/json":
        return _json(form, contribution_id, wants)
    if not form.succeeded:
        return _page(form, contribution)
    flash(gettext("Su apoyo quedó registrado.") if wants else gettext("Retiramos su apoyo."))
    return redirect(url_for("participant.supports.show", contribution_id=contribution_id), 303)


def _act(contribution_id: int, wants: bool) -> None:
    spend(Deed.SUPPORT, account=actor().person_id)
    act = support if wants else unsupport
    act(db(), actor=actor(), contribution_id=contribution_id)


def _shown(contribution_id: int) -> Contribution:
    contribution = db().get(Contribution, contribution_id)
    if contribution is None or contribution.state is not ContributionState.PUBLISHED:
        raise NotFound("Contribution", contribution_id)
    return contribution


def _page(form: SupportForm, contribution: Contribution) -> ResponseReturnValue:
    is_supported = bool(supported_ids(db(), actor().person_id, [contribution.id]))
    return form.page(
        "participant/contributions/support.html",
        contribution=contribution,
        is_supported=is_supported,
        folio=root_folio(db(), contribution),
    )


def _json(form: SupportForm, contribution_id: int, wants: bool) -> ResponseReturnValue:
    if not form.succeeded:
        sentence = " ".join([*form.form_problems, *(str(e) for errors in form.errors.values() for e in errors)])
        return jsonify(error=sentence), form.status if form.status != 200 else 400, form.headers
    count = db().scalar(sa.select(Contribution.support_count).where(Contribution.id == contribution_id)) or 0
    return jsonify(supported=wants, count=count, text=ngettext("%(num)s apoyo", "%(num)s apoyos", count))
