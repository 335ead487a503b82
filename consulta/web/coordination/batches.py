"""Several proposals at once: move them to a topic, or merge them into one, seen and counted before it is done."""

from collections.abc import Mapping, Sequence
from typing import Any

from flask import Blueprint, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from wtforms import HiddenField, RadioField
from wtforms.validators import InputRequired

from consulta.errors import NotFound
from consulta.keys import key_of
from consulta.permissions import Permission, require
from consulta.plans.models import Topic
from consulta.plans.team import topics_of
from consulta.proposals.merging import merge_proposals
from consulta.proposals.models import Proposal
from consulta.proposals.queries import find_proposals
from consulta.proposals.services import move_to_topic
from consulta.web.context import actor, db
from consulta.web.coordination.proposals import topic_choices
from consulta.web.fields import ChoiceField
from consulta.web.forms import Form
from consulta.web.i18n import gettext, ngettext
from consulta.web.i18n import lazy_gettext as _l

blueprint = Blueprint("batches", __name__, url_prefix="/propuestas/lote")
BATCH_MAX = 100


class BatchForm(Form):
    """Carries the chosen proposals as `id:version`, as they were shown."""

    chosen = HiddenField()


class TopicBatchForm(BatchForm):
    topic_final_id = ChoiceField(_l("Tema final"), [InputRequired(_l("Elija el tema final."))], coerce=int)

    def __init__(self, topics: Sequence[Topic], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.topic_final_id.choices = topic_choices(topics)


class MergeBatchForm(BatchForm):
    main_id = RadioField(
        _l("Propuesta principal"), [InputRequired(_l("Elija la propuesta principal."))], validate_choice=False
    )


@blueprint.post("")
def preview() -> ResponseReturnValue:
    """What was ticked in the tray, and which of the two acts: nothing is changed yet."""
    require(actor(), Permission.PROPOSAL_SYSTEMATIZE)
    chosen = _versions(request.form.getlist("chosen"))
    proposals = _of_one_plan(find_proposals(db(), list(chosen)))
    if not proposals:
        flash(gettext("Elija al menos una propuesta de la lista."), "problem")
        return redirect(url_for("coordination.proposals.index"), 303)
    carried = _carry(proposals, chosen)
    if request.form.get("act") == "merge":
        return _merge_page(MergeBatchForm(formdata=None, chosen=carried), proposals)
    form = TopicBatchForm(topics_of(db(), proposals[0].plan_id), formdata=None, chosen=carried)
    return form.page("coordination/proposals/batch_topic.html", proposals=proposals)


@blueprint.post("/tema")
def change_topic() -> ResponseReturnValue:
    require(actor(), Permission.PROPOSAL_SYSTEMATIZE)
    chosen = _versions((request.form.get("chosen") or "").split(","))
    proposals = _of_one_plan(find_proposals(db(), list(chosen)))
    form = TopicBatchForm(topics_of(db(), proposals[0].plan_id if proposals else 0))
    if form.validate_on_submit():
        moved = form.attempt(
            lambda: move_to_topic(db(), actor=actor(), versions=chosen, topic_id=form.topic_final_id.data)
        )
        if moved is not None:
            flash(
                ngettext(
                    "Se cambió el tema de %(num)s propuesta.", "Se cambió el tema de %(num)s propuestas.", len(moved)
                )
            )
            return redirect(url_for("coordination.proposals.index", plan=moved[0].plan.code), 303)
    proposals = _of_one_plan(find_proposals(db(), list(chosen)))
    form.chosen.data = _carry(proposals, {})
    return form.page("coordination/proposals/batch_topic.html", proposals=proposals)


@blueprint.post("/unir")
def merge() -> ResponseReturnValue:
    require(actor(), Permission.PROPOSAL_SYSTEMATIZE)
    chosen = _versions((request.form.get("chosen") or "").split(","))
    form = MergeBatchForm()
    if form.validate_on_submit():
        main = form.attempt(lambda: _merge(form, chosen))
        if main is not None:
            flash(gettext("Las propuestas quedaron unidas. Avisaremos a cada autor."))
            return redirect(url_for("coordination.proposals.show", folio=main.folio), 303)
    proposals = _of_one_plan(find_proposals(db(), list(chosen)))
    form.chosen.data = _carry(proposals, {})
    return _merge_page(form, proposals)


def _merge(form: MergeBatchForm, chosen: Mapping[int, int | None]) -> Proposal:
    main_id = key_of(form.main_id.data)
    if main_id is None or main_id not in chosen:
        raise NotFound("Proposal", form.main_id.data)
    others = {key: version for key, version in chosen.items() if key != main_id}
    return merge_proposals(db(), actor=actor(), main_id=main_id, main_version=chosen[main_id], versions=others)


def _merge_page(form: MergeBatchForm, proposals: list[Proposal]) -> ResponseReturnValue:
    form.main_id.choices = [
        (str(proposal.id), f"{proposal.folio} · {proposal.display_title}") for proposal in proposals
    ]
    return form.page("coordination/proposals/batch_merge.html", proposals=proposals)


def _versions(pairs: Sequence[str]) -> dict[int, int | None]:
    """`id:version` pairs as sent; anything else is left out."""
    found: dict[int, int | None] = {}
    for pair in pairs[:BATCH_MAX]:
        key, _, version = pair.partition(":")
        proposal_id = key_of(key)
        if proposal_id is not None:
            found[proposal_id] = key_of(version)
    return found


def _carry(proposals: Sequence[Proposal], chosen: Mapping[int, int | None]) -> str:
    """The pairs of the next form; after a refusal the page shows the present versions, so it carries those."""
    return ",".join(f"{proposal.id}:{chosen.get(proposal.id) or proposal.version}" for proposal in proposals)


def _of_one_plan(proposals: list[Proposal]) -> list[Proposal]:
    """A batch stays inside one plan: that of its first proposal."""
    return [proposal for proposal in proposals if proposal.plan_id == proposals[0].plan_id]
