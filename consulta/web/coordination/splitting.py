"""Dividing a contribution that asks several things, taking a reply as a proposal, and voiding either."""

from flask import Blueprint, flash, redirect, url_for
from flask.typing import ResponseReturnValue
from wtforms.validators import InputRequired

from consulta.contributions.models import Contribution
from consulta.errors import NotFound
from consulta.permissions import Permission, require
from consulta.proposals.models import Proposal
from consulta.proposals.queries import find_proposal, proposals_from, replies_below
from consulta.proposals.splitting import split_contribution, take_reply, void_proposal
from consulta.web.context import actor, db
from consulta.web.fields import LineField, WordsField
from consulta.web.forms import Form
from consulta.web.i18n import gettext
from consulta.web.i18n import lazy_gettext as _l

blueprint = Blueprint("splitting", __name__, url_prefix="/propuestas/<folio>")


class AnotherForm(Form):
    title = LineField(_l("Qué pide esta propuesta"), [InputRequired(_l("Escriba qué pide esta propuesta."))])


class VoidForm(Form):
    reason = WordsField(
        _l("Motivo (será público)"), [InputRequired(_l("Escriba por qué se anula. El motivo será público."))]
    )


@blueprint.route("/dividir/<int:contribution_id>", methods=["GET", "POST"])
def split(folio: str, contribution_id: int) -> ResponseReturnValue:
    require(actor(), Permission.PROPOSAL_SYSTEMATIZE)
    proposal = find_proposal(db(), folio)
    source = next((row for row in proposal.sources if row.id == contribution_id), None)
    if source is None:
        raise NotFound("Contribution", contribution_id)
    form = AnotherForm()
    if form.validate_on_submit():
        made = form.attempt(
            lambda: split_contribution(
                db(),
                actor=actor(),
                contribution_id=source.id,
                title=form.title.data,
                form_key=form.form_key.data,
            )
        )
        if made is not None:
            return _made(made)
    return _page("coordination/proposals/split.html", form, folio, source)


@blueprint.route("/retomar/<int:contribution_id>", methods=["GET", "POST"])
def take(folio: str, contribution_id: int) -> ResponseReturnValue:
    require(actor(), Permission.PROPOSAL_SYSTEMATIZE)
    proposal = find_proposal(db(), folio)
    replies = replies_below(db(), [source.root_id or source.id for source in proposal.sources])
    source = next((row for row in replies if row.id == contribution_id), None)
    if source is None:
        raise NotFound("Contribution", contribution_id)
    form = AnotherForm()
    if form.validate_on_submit():
        made = form.attempt(
            lambda: take_reply(
                db(),
                actor=actor(),
                contribution_id=source.id,
                title=form.title.data,
                form_key=form.form_key.data,
            )
        )
        if made is not None:
            return _made(made)
    return _page("coordination/proposals/take.html", form, folio, source)


@blueprint.route("/anular", methods=["GET", "POST"])
def void(folio: str) -> ResponseReturnValue:
    require(actor(), Permission.PROPOSAL_SYSTEMATIZE)
    proposal = find_proposal(db(), folio)
    form = VoidForm(obj=proposal)
    if form.validate_on_submit():
        form.attempt(
            lambda: void_proposal(
                db(), actor=actor(), proposal_id=proposal.id, version=form.seen_version, reason=form.reason.data
            )
        )
        if form.succeeded:
            flash(gettext("%(folio)s quedó anulada. El texto original sigue en su lugar.", folio=folio))
            return redirect(url_for("coordination.proposals.show", folio=folio), 303)
    return form.page("coordination/proposals/void.html", proposal=find_proposal(db(), folio))


def _made(made: Proposal) -> ResponseReturnValue:
    flash(gettext("Se creó la propuesta %(folio)s con el mismo texto de origen.", folio=made.folio))
    return redirect(url_for("coordination.proposals.show", folio=made.folio), 303)


def _page(template: str, form: Form, folio: str, source: Contribution) -> ResponseReturnValue:
    return form.page(
        template,
        proposal=find_proposal(db(), folio),
        source=source,
        related=proposals_from(db(), [source.id]).get(source.id, []),
    )
