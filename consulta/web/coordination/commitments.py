"""Commitments of a plan: the list, and one page to write, check, link and send each."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from consulta import clock
from consulta.audit.queries import entries_of
from consulta.commitments.linking import linked_proposals, search_linkable
from consulta.commitments.models import Commitment, CommitmentState
from consulta.commitments.queries import commitment_by_number, plan_commitments, possible_actors
from consulta.commitments.rules import COMMITMENT_STATES
from consulta.commitments.services import (
    EDITABLE,
    create_commitment,
    drop_commitment,
    edit_commitment,
    send_to_institution,
)
from consulta.errors import NotFound
from consulta.permissions import Permission, allows, require
from consulta.plans.models import Plan
from consulta.plans.rules import Work, admits
from consulta.plans.team import all_plans, find_plan
from consulta.web.context import actor, db
from consulta.web.coordination.commitment_form import CommitmentForm
from consulta.web.coordination.plan_choice import chosen_plan
from consulta.web.fields import WordsField
from consulta.web.forms import ActionForm, Form
from consulta.web.i18n import gettext
from consulta.web.i18n import lazy_gettext as _l
from consulta.web.matrix import matrix_of
from consulta.web.smart import smart_boxes, verdict

blueprint = Blueprint("commitments", __name__)

PATH = "/planes/<plan_code>/compromisos"
ONE = f"{PATH}/<int:number>"

SAVE, ADD_ROW, CHECK, SEARCH = "guardar", "fila", "revisar", "buscar"


class DropForm(Form):
    reason = WordsField(_l("Por qué se descarta"))


@blueprint.get("/compromisos")
def start() -> ResponseReturnValue:
    """The commitments of the plan that is being worked on."""
    plan = chosen_plan(all_plans(db()), Work.COMMIT)
    if plan is None:
        return redirect(url_for("coordination.plans.index"), 303)
    return redirect(url_for("coordination.commitments.index", plan_code=plan.code), 303)


@blueprint.get(PATH)
def index(plan_code: str) -> ResponseReturnValue:
    require(actor(), Permission.COORDINATION_READ)
    plan = find_plan(db(), plan_code)
    commitments = plan_commitments(db(), plan, dropped=True)
    return render_template(
        "coordination/commitments/index.html",
        plan=plan,
        commitments=[one for one in commitments if one.state is not CommitmentState.DROPPED],
        dropped=[one for one in commitments if one.state is CommitmentState.DROPPED],
        boxes={one.id: smart_boxes(one, plan, with_facts=False) for one in commitments},
        may_write=_may_write(plan),
        verdict=verdict,
    )


@blueprint.route(f"{PATH}/nuevo", methods=["GET", "POST"])
def new(plan_code: str) -> ResponseReturnValue:
    require(actor(), Permission.COMMITMENT_EDIT)
    plan = find_plan(db(), plan_code)
    form = CommitmentForm(possible_actors(db(), plan))
    if request.method == "POST" and not _only_looks() and form.validate():
        commitment = form.attempt(
            lambda: create_commitment(
                db(), actor=actor(), plan_id=plan.id, draft=form.draft(), form_key=form.form_key.data or ""
            )
        )
        if commitment is not None:
            return _saved(plan_code, commitment, form, gettext("El compromiso quedó guardado como borrador."))
    return _edit_page(plan, None, form)


@blueprint.route(ONE, methods=["GET", "POST"])
def show(plan_code: str, number: int) -> ResponseReturnValue:
    """The form where the commitment can be written now, else everything it says."""
    require(actor(), Permission.COORDINATION_READ)
    plan, commitment = _find(plan_code, number)
    if request.method == "POST":
        require(actor(), Permission.COMMITMENT_EDIT, commitment)
    form = CommitmentForm(possible_actors(db(), plan, commitment), commitment)
    if request.method == "POST" and not _only_looks() and form.validate():
        form.attempt(
            lambda: edit_commitment(
                db(), actor=actor(), commitment_id=commitment.id, version=form.seen_version, draft=form.draft()
            )
        )
        if form.succeeded:
            return _saved(plan_code, commitment, form, gettext("El compromiso quedó guardado."))
        plan, commitment = _find(plan_code, number)
    return _edit_page(plan, commitment, form)


@blueprint.post(f"{PATH}/revision", defaults={"number": None})
@blueprint.post(f"{ONE}/revision")
def check(plan_code: str, number: int | None) -> ResponseReturnValue:
    """The five letters of what is typed now, as a piece of the page; nothing is saved."""
    require(actor(), Permission.COMMITMENT_EDIT)
    plan = find_plan(db(), plan_code)
    boxes = smart_boxes(CommitmentForm(possible_actors(db(), plan)).sketch(), plan, with_facts=False)
    return render_template("coordination/commitments/_check.html", boxes=boxes, verdict=verdict(boxes))


@blueprint.post(f"{ONE}/enviar")
def send(plan_code: str, number: int) -> ResponseReturnValue:
    _, commitment = _find(plan_code, number)
    form = ActionForm()
    if form.validate_on_submit():
        form.attempt(
            lambda: send_to_institution(db(), actor=actor(), commitment_id=commitment.id, version=form.seen_version)
        )
        if form.succeeded:
            flash(gettext("Se envió a la institución. Su enlace recibirá un correo."))
            return _to_page(plan_code, number)
    return _act_page(plan_code, number, form)


@blueprint.post(f"{ONE}/descartar")
def drop(plan_code: str, number: int) -> ResponseReturnValue:
    _, commitment = _find(plan_code, number)
    form = DropForm()
    if form.validate_on_submit():
        form.attempt(
            lambda: drop_commitment(
                db(),
                actor=actor(),
                commitment_id=commitment.id,
                version=form.seen_version,
                reason=form.reason.data or "",
            )
        )
        if form.succeeded:
            flash(gettext("El compromiso se descartó. Sigue en la lista con su motivo."))
            return redirect(url_for("coordination.commitments.index", plan_code=plan_code), 303)
    return _act_page(plan_code, number, form)


def _find(plan_code: str, number: int) -> tuple[Plan, Commitment]:
    plan = find_plan(db(), plan_code)
    commitment = commitment_by_number(db(), plan, number)
    if commitment is None:
        raise NotFound("Commitment", number)
    return plan, commitment


def _may_write(plan: Plan, commitment: Commitment | None = None) -> bool:
    return allows(actor(), Permission.COMMITMENT_EDIT, commitment) and admits(plan, Work.COMMIT, clock.now())


def _only_looks() -> bool:
    """Whether the button pressed saves nothing: it checks, or looks for proposals."""
    return request.form.get("accion") in (CHECK, SEARCH)


def _saved(plan_code: str, commitment: Commitment, form: CommitmentForm, message: str) -> ResponseReturnValue:
    flash(message)
    words = (form.buscar.data or "").strip()
    anchor = "hitos" if request.form.get("accion") == ADD_ROW else "propuestas" if words else None
    return _to_page(plan_code, commitment.number, anchor, buscar=words or None)


def _to_page(plan_code: str, number: int, anchor: str | None = None, buscar: str | None = None) -> ResponseReturnValue:
    address = url_for(
        "coordination.commitments.show", plan_code=plan_code, number=number, _anchor=anchor, buscar=buscar
    )
    return redirect(address, 303)


def _act_page(plan_code: str, number: int, act: Form) -> ResponseReturnValue:
    """The page again after an act that was refused, with what is stored."""
    plan, commitment = _find(plan_code, number)
    form = CommitmentForm(possible_actors(db(), plan, commitment), commitment, formdata=None)
    return _edit_page(plan, commitment, form, act)


def _edit_page(
    plan: Plan, commitment: Commitment | None, form: CommitmentForm, act: Form | None = None
) -> ResponseReturnValue:
    form.keep_blank_rows()
    is_open = _may_write(plan, commitment) and (commitment is None or commitment.state in EDITABLE)
    chosen = form.proposal_ids.data or []
    words = (form.buscar.data or request.args.get("buscar") or "").strip()
    checked = form.sketch() if is_open or commitment is None else commitment
    boxes = smart_boxes(checked, plan, with_facts=False)
    form.buscar.data = words
    if act is not None:
        form.status = act.status if act.status != 200 else 422
    targets = COMMITMENT_STATES.targets(commitment.state) if commitment and _may_write(plan, commitment) else []
    return form.page(
        "coordination/commitments/edit.html" if is_open or commitment is None else "coordination/commitments/show.html",
        plan=plan,
        commitment=commitment,
        boxes=boxes,
        verdict=verdict(boxes),
        facts=matrix_of(commitment) if commitment is not None and not is_open else None,
        linked=linked_proposals(db(), chosen),
        found=search_linkable(db(), plan, words, besides=chosen) if words else [],
        words=words,
        act=act,
        drop_form=act if isinstance(act, DropForm) else DropForm(formdata=None),
        may_send=CommitmentState.INSTITUTION_REVIEW in targets,
        may_drop=CommitmentState.DROPPED in targets,
        history=entries_of(db(), "commitment", commitment.id) if commitment else [],
    )
