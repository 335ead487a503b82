"""The commitments that a liaison's institution leads: to read whole, and to observe or validate."""

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from consulta import clock
from consulta.commitments.linking import linked_proposals
from consulta.commitments.models import Commitment, CommitmentState
from consulta.commitments.queries import commitment_of_institution, institution_tray
from consulta.commitments.rules import is_smart
from consulta.commitments.services import observe_commitment, validate_commitment
from consulta.errors import NotFound
from consulta.plans.rules import Work, admits
from consulta.web.context import actor, db
from consulta.web.fields import WordsField
from consulta.web.forms import ActionForm, Form
from consulta.web.i18n import gettext
from consulta.web.i18n import lazy_gettext as _l
from consulta.web.institution.trays import own_ids
from consulta.web.matrix import matrix_of
from consulta.web.smart import smart_boxes, verdict

blueprint = Blueprint("commitments", __name__, url_prefix="/compromisos")
ONE = "/<int:commitment_id>"


class ObserveForm(Form):
    observation = WordsField(_l("Qué debe cambiar"))


@blueprint.get("")
def index() -> ResponseReturnValue:
    tray = institution_tray(db(), own_ids())
    everything = [*tray.waiting, *tray.earlier]
    boxes = {one.id: smart_boxes(one, one.plan, with_facts=False) for one in everything}
    return render_template("institution/commitments/index.html", tray=tray, boxes=boxes, verdict=verdict)


@blueprint.get(ONE)
def show(commitment_id: int) -> ResponseReturnValue:
    return _page(_find(commitment_id), ObserveForm(formdata=None))


@blueprint.post(f"{ONE}/observar")
def observe(commitment_id: int) -> ResponseReturnValue:
    """Say what must change; the team corrects it and sends it again."""
    _find(commitment_id)
    form = ObserveForm()
    if form.validate_on_submit():
        form.attempt(
            lambda: observe_commitment(
                db(),
                actor=actor(),
                commitment_id=commitment_id,
                version=form.seen_version,
                observation=form.observation.data or "",
            )
        )
        if form.succeeded:
            return _back(gettext("Enviamos sus observaciones al punto de contacto."))
    return _page(_find(commitment_id), form)


@blueprint.post(f"{ONE}/validar")
def validate(commitment_id: int) -> ResponseReturnValue:
    """Accept it as it is."""
    _find(commitment_id)
    form = ActionForm()
    if form.validate_on_submit():
        form.attempt(
            lambda: validate_commitment(db(), actor=actor(), commitment_id=commitment_id, version=form.seen_version)
        )
        if form.succeeded:
            return _back(gettext("Su institución validó el compromiso."))
    return _page(_find(commitment_id), form)


def _find(commitment_id: int) -> Commitment:
    """One of the own institution; any other does not exist here."""
    commitment = commitment_of_institution(db(), own_ids(), commitment_id)
    if commitment is None:
        raise NotFound("Commitment", commitment_id)
    return commitment


def _back(message: str) -> ResponseReturnValue:
    flash(message)
    return redirect(url_for("institution.commitments.index"), 303)


def _page(commitment: Commitment, form: Form) -> ResponseReturnValue:
    boxes = smart_boxes(commitment, commitment.plan, with_facts=False)
    waits = commitment.state is CommitmentState.INSTITUTION_REVIEW
    return form.page(
        "institution/commitments/show.html",
        commitment=commitment,
        facts=matrix_of(commitment),
        boxes=boxes,
        verdict=verdict(boxes),
        linked=linked_proposals(db(), [link.proposal_id for link in commitment.proposal_links]),
        observe_form=form if isinstance(form, ObserveForm) else ObserveForm(formdata=None),
        may_judge=waits and admits(commitment.plan, Work.COMMIT, clock.now()),
        is_smart=is_smart(commitment, commitment.plan),
    )
