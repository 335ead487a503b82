"""Plans: the list, a new one, its page with the next step, its data, and its moves."""

from typing import Any

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from wtforms import BooleanField, HiddenField
from wtforms.validators import InputRequired

from consulta import clock
from consulta.errors import NotInThisState
from consulta.permissions import Permission, require
from consulta.plans.models import Plan, PlanState
from consulta.plans.outstanding import guard_facts
from consulta.plans.rules import days_left, next_state, previous_state, window
from consulta.plans.services import PlanText, create_plan, edit_plan, move_plan
from consulta.plans.team import all_plans, find_plan, public_bodies, topics_of
from consulta.web.context import actor, db
from consulta.web.coordination.plan_steps import steps_of
from consulta.web.fields import ChoiceField, CountField, DayField, LineField, WordsField
from consulta.web.filters import label
from consulta.web.forms import Form
from consulta.web.i18n import gettext
from consulta.web.i18n import lazy_gettext as _l

blueprint = Blueprint("plans", __name__, url_prefix="/planes")


class PlanForm(Form):
    title = LineField(_l("Título"), [InputRequired(_l("Escriba el título del plan."))])
    ordinal = LineField(_l("Número del plan"))
    objective = WordsField(_l("Objetivo"), [InputRequired(_l("Escriba el objetivo del plan."))])
    period_start_on = DayField(_l("Inicio del plan"), [InputRequired(_l("Diga cuándo empieza el plan."))])
    period_end_on = DayField(_l("Fin del plan"), [InputRequired(_l("Diga cuándo termina el plan."))])
    coordinator_institution_id = ChoiceField(
        _l("Institución que coordina"), [InputRequired(_l("Elija la institución que coordina."))], coerce=int
    )
    response_days = CountField(
        _l("Días hábiles para que una institución responda"),
        [InputRequired(_l("Diga cuántos días hábiles hay para responder."))],
        default=15,
    )
    takes_guests = BooleanField(_l("También pueden escribir personas sin cuenta"), default=True)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        found = [(str(row.id), f"{row.code} · {row.name}") for row in public_bodies(db())]
        self.coordinator_institution_id.choices = [("", gettext("Elija una institución")), *found]

    def written(self) -> PlanText:
        return PlanText(
            self.title.data or "",
            self.objective.data or "",
            self.period_start_on.data,
            self.period_end_on.data,
            self.coordinator_institution_id.data,
            self.ordinal.data or "",
            self.response_days.data,
            self.takes_guests.data,
        )


class NewPlanForm(PlanForm):
    code = LineField(_l("Código"), [InputRequired(_l("Escriba el código del plan."))])


class MoveForm(Form):
    to = HiddenField()
    reason = WordsField(_l("Motivo"))


@blueprint.get("")
def index() -> ResponseReturnValue:
    plans = all_plans(db())
    now = clock.now()
    return render_template(
        "coordination/plans/index.html", plans=plans, windows={plan.id: window(plan, now).value for plan in plans}
    )


@blueprint.route("/nuevo", methods=["GET", "POST"])
def new() -> ResponseReturnValue:
    require(actor(), Permission.PLAN_MANAGE)
    form = NewPlanForm()
    if form.validate_on_submit():
        plan = form.attempt(
            lambda: create_plan(
                db(), actor=actor(), code=form.code.data, text=form.written(), form_key=form.form_key.data
            )
        )
        if plan is not None:
            flash(gettext("El plan quedó creado. Ahora ponga las fechas del plazo."))
            return redirect(url_for("coordination.plans.show", plan_code=plan.code), 303)
    return form.page("coordination/plans/new.html")


@blueprint.get("/<plan_code>")
def show(plan_code: str) -> ResponseReturnValue:
    plan = find_plan(db(), plan_code)
    return _page(plan, MoveForm(formdata=None, obj=plan))


@blueprint.route("/<plan_code>/datos", methods=["GET", "POST"])
def edit(plan_code: str) -> ResponseReturnValue:
    require(actor(), Permission.PLAN_MANAGE)
    plan = find_plan(db(), plan_code)
    form = PlanForm(obj=plan)
    if form.validate_on_submit():
        form.attempt(
            lambda: edit_plan(db(), actor=actor(), plan_id=plan.id, version=form.seen_version, text=form.written())
        )
        if form.succeeded:
            flash(gettext("Los datos del plan quedaron guardados."))
            return redirect(url_for("coordination.plans.show", plan_code=plan_code), 303)
    return form.page("coordination/plans/edit.html", plan=plan)


@blueprint.post("/<plan_code>/estado")
def move(plan_code: str) -> ResponseReturnValue:
    plan = find_plan(db(), plan_code)
    form = MoveForm()
    if form.validate_on_submit():
        to = _state(plan, form.to.data)
        form.attempt(
            lambda: move_plan(
                db(), actor=actor(), plan_id=plan.id, version=form.seen_version, to=to, reason=form.reason.data or ""
            )
        )
        if form.succeeded:
            flash(gettext("El plan pasó a este estado: %(state)s.", state=label(to)))
            return redirect(url_for("coordination.plans.show", plan_code=plan_code), 303)
    return _page(plan, form)


def _state(plan: Plan, value: str | None) -> PlanState:
    try:
        return PlanState(value)
    except ValueError as error:
        raise NotInThisState(plan, value) from error


def _page(plan: Plan, form: MoveForm) -> ResponseReturnValue:
    now = clock.now()
    facts = {**guard_facts(db(), plan, person_id=actor().person_id), "now": now}
    steps = steps_of(plan, facts)
    return form.page(
        "coordination/plans/show.html",
        plan=plan,
        steps=steps,
        ready=all(step.holds for step in steps),
        forward=next_state(plan),
        back=previous_state(plan),
        window=window(plan, now).value,
        days_left=days_left(plan, clock.local_date(now)),
        topics=topics_of(db(), plan.id),
    )
