"""Merging one proposal into another, side by side before it is confirmed, and undoing it."""

from collections.abc import Sequence
from typing import Any

from flask import Blueprint, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from wtforms import HiddenField
from wtforms.validators import InputRequired, Optional

from consulta.errors import NotFound
from consulta.keys import key_of
from consulta.permissions import Permission, require
from consulta.plans.models import Topic
from consulta.plans.team import topics_of
from consulta.proposals.merging import merge_proposals, unmerge_proposal
from consulta.proposals.models import Proposal
from consulta.proposals.queries import find_proposal, search_main_candidates
from consulta.web.context import actor, db
from consulta.web.coordination.proposals import topic_choices
from consulta.web.fields import ChoiceField, LineField, WordsField
from consulta.web.forms import Form
from consulta.web.i18n import gettext
from consulta.web.i18n import lazy_gettext as _l

blueprint = Blueprint("merging", __name__, url_prefix="/propuestas/<folio>")


class MergeForm(Form):
    main_version = HiddenField()


class UnmergeForm(Form):
    topic_final_id = ChoiceField(_l("Tema final"), [Optional()], coerce=int)
    summary = LineField(_l("Resumen en una línea"))
    reason = WordsField(_l("Motivo"), [InputRequired(_l("Escriba por qué se separa."))])

    def __init__(self, topics: Sequence[Topic], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.topic_final_id.choices = topic_choices(topics)


@blueprint.route("/unir", methods=["GET", "POST"])
def merge(folio: str) -> ResponseReturnValue:
    """Search the main one (`q`), see both side by side (`con`), confirm."""
    require(actor(), Permission.PROPOSAL_SYSTEMATIZE)
    proposal = find_proposal(db(), folio)
    main = _chosen_main(proposal)
    form = MergeForm(obj=proposal, main_version=main.version if main else None)
    if main is not None and form.validate_on_submit():
        form.attempt(lambda: _merge(form, proposal, main))
        if form.succeeded:
            flash(gettext("%(folio)s quedó unida. Avisaremos a cada autor.", folio=proposal.folio))
            return redirect(url_for("coordination.proposals.show", folio=main.folio), 303)
        form.version.data, form.main_version.data = str(proposal.version), str(main.version)
    words = request.args.get("q", "")
    return form.page(
        "coordination/proposals/merge.html",
        proposal=proposal,
        main=main,
        words=words,
        found=search_main_candidates(db(), proposal.plan_id, words, exclude=proposal.id),
    )


def _chosen_main(proposal: Proposal) -> Proposal | None:
    """The main one named in the address; one of another plan is not there to be chosen."""
    chosen = request.args.get("con", "")
    if not chosen:
        return None
    main = find_proposal(db(), chosen)
    if main.plan_id != proposal.plan_id or main.id == proposal.id:
        raise NotFound("Proposal", chosen)
    return main


def _merge(form: MergeForm, proposal: Proposal, main: Proposal) -> Proposal:
    return merge_proposals(
        db(),
        actor=actor(),
        main_id=main.id,
        main_version=key_of(form.main_version.data),
        versions={proposal.id: form.seen_version},
    )


@blueprint.route("/separar", methods=["GET", "POST"])
def unmerge(folio: str) -> ResponseReturnValue:
    require(actor(), Permission.PROPOSAL_SYSTEMATIZE)
    proposal = find_proposal(db(), folio)
    form = UnmergeForm(topics_of(db(), proposal.plan_id), obj=proposal)
    if request.method != "POST" and form.topic_final_id.data is None:
        form.topic_final_id.data = proposal.topic_received_id
    if form.validate_on_submit():
        form.attempt(
            lambda: unmerge_proposal(
                db(),
                actor=actor(),
                proposal_id=proposal.id,
                version=form.seen_version,
                reason=form.reason.data,
                topic_id=form.topic_final_id.data,
                summary=form.summary.data or "",
            )
        )
        if form.succeeded:
            flash(gettext("%(folio)s sigue de nuevo su propio camino.", folio=proposal.folio))
            return redirect(url_for("coordination.proposals.show", folio=folio), 303)
    return form.page("coordination/proposals/unmerge.html", proposal=find_proposal(db(), folio))
