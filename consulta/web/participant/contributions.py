"""One own contribution: where it stands and what its author can still do with it; and the page to reply to another."""

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _l
from wtforms import StringField, TextAreaField

from consulta import clock
from consulta.contributions.models import (
    BODY_MAX,
    PUBLIC_TEXT_MAX,
    Contribution,
    ContributionState,
)
from consulta.contributions.queries import find_own, root_folio
from consulta.contributions.revisions import own_edit_of
from consulta.contributions.services import appeal, complete, withdraw
from consulta.errors import NotFound
from consulta.plans.rules import Work, admits
from consulta.web.context import actor, db
from consulta.web.forms import ActionForm, Form
from consulta.web.i18n import gettext
from consulta.web.participant.drafts import REPLY, CheckForm
from consulta.web.participant.standing import can_appeal, can_edit, can_withdraw, stand

blueprint = Blueprint("contributions", __name__, url_prefix="/aportes/<int:contribution_id>")


class CompleteForm(Form):
    title = StringField(_l("Título"))
    body = TextAreaField(_l("Su texto completo"))


class AppealForm(Form):
    text = TextAreaField(_l("¿Por qué pide que lo revisemos de nuevo?"))


@blueprint.get("/")
def show(contribution_id: int) -> ResponseReturnValue:
    contribution = _own(contribution_id)
    return render_template(
        "participant/contributions/show.html",
        contribution=contribution,
        standing=stand(db(), [contribution])[0],
        folio=root_folio(db(), contribution),
        may_withdraw=can_withdraw(db(), contribution),
        may_edit=can_edit(db(), contribution),
        own_edit=own_edit_of(db(), contribution_id),
    )


@blueprint.get("/responder")
def show_reply(contribution_id: int) -> ResponseReturnValue:
    parent = db().get(Contribution, contribution_id)
    if parent is None or parent.state is not ContributionState.PUBLISHED:
        raise NotFound("Contribution", contribution_id)
    form = CheckForm(formdata=None, kind=REPLY, parent=str(parent.id))
    form.body.label.text = _l("Su respuesta")
    return render_template(
        "participant/contributions/reply.html",
        form=form,
        parent=parent,
        folio=root_folio(db(), parent),
        body_max=BODY_MAX,
        is_open=admits(parent.plan, Work.CONTRIBUTE, clock.now()),
    )


@blueprint.route("/retirar", methods=["GET", "POST"])
def take_back(contribution_id: int) -> ResponseReturnValue:
    contribution = _own(contribution_id)
    form = ActionForm(version=str(contribution.version))
    if form.validate_on_submit():
        form.attempt(lambda: withdraw(db(), actor=actor(), contribution_id=contribution_id, version=form.seen_version))
        if form.succeeded:
            flash(gettext("Retiramos su aporte. En su lugar queda una nota."))
            return redirect(url_for("participant.contributions.show", contribution_id=contribution_id), 303)
    return form.page(
        "participant/contributions/withdraw.html", contribution=contribution, allowed=can_withdraw(db(), contribution)
    )


@blueprint.route("/completar", methods=["GET", "POST"])
def fill_in(contribution_id: int) -> ResponseReturnValue:
    contribution = _own(contribution_id)
    form = CompleteForm(obj=contribution)
    if form.validate_on_submit():
        form.attempt(
            lambda: complete(
                db(),
                actor=actor(),
                contribution_id=contribution_id,
                version=form.seen_version,
                title=form.title.data or "",
                body=form.body.data or "",
            )
        )
        if form.succeeded:
            flash(gettext("Recibimos su texto completo. El equipo lo leerá de nuevo."))
            return redirect(url_for("participant.contributions.show", contribution_id=contribution_id), 303)
    return form.page(
        "participant/contributions/complete.html",
        contribution=contribution,
        allowed=contribution.state is ContributionState.OBSERVED,
        body_max=BODY_MAX,
    )


@blueprint.route("/reclamar", methods=["GET", "POST"])
def ask_again(contribution_id: int) -> ResponseReturnValue:
    contribution = _own(contribution_id)
    form = AppealForm(version=str(contribution.version))
    if form.validate_on_submit():
        form.attempt(
            lambda: appeal(
                db(),
                actor=actor(),
                contribution_id=contribution_id,
                version=form.seen_version,
                text=form.text.data or "",
            )
        )
        if form.succeeded:
            flash(gettext("Recibimos su reclamo. El equipo leerá su aporte de nuevo."))
            return redirect(url_for("participant.contributions.show", contribution_id=contribution_id), 303)
    return form.page(
        "participant/contributions/appeal.html",
        contribution=contribution,
        allowed=can_appeal(contribution),
        text_max=PUBLIC_TEXT_MAX,
    )


def _own(contribution_id: int) -> Contribution:
    return find_own(db(), actor().person_id, contribution_id)
