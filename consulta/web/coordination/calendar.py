"""The calendar of a plan: what is planned, written in preparation, and when it happened."""

from typing import Any, ClassVar

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from wtforms.validators import InputRequired, Optional

from consulta.permissions import Permission, require
from consulta.plans.calendar import PhasePlan, add_phase, edit_phase, record_phase, remove_phase
from consulta.plans.models import PhaseKind, PlanState
from consulta.plans.team import find_phase, find_plan
from consulta.web.context import actor, db
from consulta.web.fields import ChoiceField, DayField, LineField, WordsField, options
from consulta.web.forms import ActionForm, Form
from consulta.web.i18n import gettext
from consulta.web.i18n import lazy_gettext as _l

blueprint = Blueprint("calendar", __name__, url_prefix="/planes/<plan_code>/calendario")


class PhaseForm(Form):
    kind = ChoiceField(_l("Tipo de etapa"), [InputRequired(_l("Elija el tipo de etapa."))], coerce=PhaseKind)
    label = LineField(_l("Nombre de la etapa"), [InputRequired(_l("Escriba el nombre de la etapa."))])
    planned_start_on = DayField(_l("Inicio previsto"), [InputRequired(_l("Diga cuándo se prevé que empiece."))])
    planned_end_on = DayField(_l("Fin previsto"), [InputRequired(_l("Diga cuándo se prevé que termine."))])
    note = WordsField(_l("Nota"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.kind.choices = options(PhaseKind, blank=gettext("Elija un tipo"))

    def written(self) -> PhasePlan:
        return PhasePlan(
            self.kind.data,
            self.label.data,
            self.planned_start_on.data,
            self.planned_end_on.data,
            self.note.data or "",
        )


class FactForm(Form):
    if_missing: ClassVar = {"actual_start_on": _l("Diga cuándo empezó, si ya terminó.")}
    actual_start_on = DayField(_l("Inicio real"), [Optional()])
    actual_end_on = DayField(_l("Fin real"), [Optional()])
    note = WordsField(_l("Nota"))


@blueprint.get("")
def index(plan_code: str) -> ResponseReturnValue:
    plan = find_plan(db(), plan_code)
    return render_template(
        "coordination/plans/calendar.html",
        plan=plan,
        phases=plan.phases,
        may_plan=plan.state is PlanState.PREPARATION,
        form=ActionForm(formdata=None),
    )


@blueprint.route("/nueva", methods=["GET", "POST"])
def new(plan_code: str) -> ResponseReturnValue:
    require(actor(), Permission.PLAN_MANAGE)
    plan = find_plan(db(), plan_code)
    form = PhaseForm()
    if form.validate_on_submit():
        form.attempt(
            lambda: add_phase(db(), actor=actor(), plan_id=plan.id, planned=form.written(), form_key=form.form_key.data)
        )
        if form.succeeded:
            return _back(plan_code, gettext("La etapa quedó en el calendario."))
    return form.page("coordination/plans/phase.html", plan=plan, phase=None)


@blueprint.route("/<int:phase_id>", methods=["GET", "POST"])
def edit(plan_code: str, phase_id: int) -> ResponseReturnValue:
    require(actor(), Permission.PLAN_MANAGE)
    plan = find_plan(db(), plan_code)
    phase = find_phase(db(), plan, phase_id)
    form = PhaseForm(obj=phase)
    if form.validate_on_submit():
        form.attempt(
            lambda: edit_phase(
                db(), actor=actor(), phase_id=phase.id, version=form.seen_version, planned=form.written()
            )
        )
        if form.succeeded:
            return _back(plan_code, gettext("La etapa quedó guardada."))
    return form.page("coordination/plans/phase.html", plan=plan, phase=phase)


@blueprint.route("/<int:phase_id>/real", methods=["GET", "POST"])
def record(plan_code: str, phase_id: int) -> ResponseReturnValue:
    require(actor(), Permission.PLAN_MANAGE)
    plan = find_plan(db(), plan_code)
    phase = find_phase(db(), plan, phase_id)
    form = FactForm(obj=phase)
    if form.validate_on_submit():
        form.attempt(
            lambda: record_phase(
                db(),
                actor=actor(),
                phase_id=phase.id,
                version=form.seen_version,
                actual_start_on=form.actual_start_on.data,
                actual_end_on=form.actual_end_on.data,
                note=form.note.data or "",
            )
        )
        if form.succeeded:
            return _back(plan_code, gettext("Las fechas reales quedaron guardadas."))
    return form.page("coordination/plans/phase_facts.html", plan=plan, phase=phase)


@blueprint.post("/<int:phase_id>/quitar")
def remove(plan_code: str, phase_id: int) -> ResponseReturnValue:
    plan = find_plan(db(), plan_code)
    phase = find_phase(db(), plan, phase_id)
    form = ActionForm()
    if form.validate_on_submit():
        form.attempt(lambda: remove_phase(db(), actor=actor(), phase_id=phase.id, version=form.seen_version))
        if form.succeeded:
            return _back(plan_code, gettext("La etapa se quitó del calendario."))
    return form.page(
        "coordination/plans/calendar.html",
        plan=plan,
        phases=plan.phases,
        may_plan=plan.state is PlanState.PREPARATION,
    )


def _back(plan_code: str, message: str) -> ResponseReturnValue:
    flash(message)
    return redirect(url_for("coordination.calendar.index", plan_code=plan_code), 303)
