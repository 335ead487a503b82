"""The window of a plan: its dates, a later closing, and closing now."""

from flask import Blueprint, flash, redirect, url_for
from flask.typing import ResponseReturnValue
from wtforms.validators import InputRequired, Optional

from consulta import clock
from consulta.permissions import Permission, require
from consulta.plans.models import Plan, PlanState
from consulta.plans.rules import days_left, window
from consulta.plans.team import find_plan
from consulta.plans.window import close_window, extend_window, set_window
from consulta.web.context import actor, db
from consulta.web.fields import DayField, WordsField
from consulta.web.forms import Form
from consulta.web.i18n import gettext
from consulta.web.i18n import lazy_gettext as _l

blueprint = Blueprint("window", __name__, url_prefix="/planes/<plan_code>/plazo")
REASON = _l("Motivo (será público)")


class WindowForm(Form):
    opens_on = DayField(_l("Primer día"), [InputRequired(_l("Diga el primer día para participar."))])
    closes_on = DayField(_l("Último día"), [InputRequired(_l("Diga el último día para participar."))])
    notice_published_on = DayField(_l("Publicación del aviso"), [Optional()])


class ExtendForm(Form):
    closes_on = DayField(_l("Nuevo último día"), [InputRequired(_l("Diga el nuevo último día para participar."))])
    reason = WordsField(REASON, [InputRequired(_l("Escriba el motivo."))])


class CloseForm(Form):
    reason = WordsField(REASON, [InputRequired(_l("Escriba el motivo."))])


@blueprint.route("", methods=["GET", "POST"])
def edit(plan_code: str) -> ResponseReturnValue:
    """The dates to edit in preparation; afterwards what they are, with the ways to change the closing."""
    plan = find_plan(db(), plan_code)
    form = WindowForm(obj=plan)
    if form.is_submitted():
        require(actor(), Permission.PLAN_MANAGE)
    if form.validate_on_submit():
        form.attempt(
            lambda: set_window(
                db(),
                actor=actor(),
                plan_id=plan.id,
                version=form.seen_version,
                opens_on=form.opens_on.data,
                closes_on=form.closes_on.data,
                notice_published_on=form.notice_published_on.data,
            )
        )
        if form.succeeded:
            return _done(plan, gettext("Las fechas del plazo quedaron guardadas."))
    return _page(plan, form, "coordination/plans/window.html")


@blueprint.route("/ampliar", methods=["GET", "POST"])
def extend(plan_code: str) -> ResponseReturnValue:
    require(actor(), Permission.PLAN_MANAGE)
    plan = find_plan(db(), plan_code)
    form = ExtendForm(obj=plan)
    if form.validate_on_submit():
        form.attempt(
            lambda: extend_window(
                db(),
                actor=actor(),
                plan_id=plan.id,
                version=form.seen_version,
                closes_on=form.closes_on.data,
                reason=form.reason.data,
            )
        )
        if form.succeeded:
            return _done(plan, gettext("El plazo quedó ampliado. La fecha anterior queda a la vista."))
    return _page(plan, form, "coordination/plans/extend.html")


@blueprint.route("/cerrar", methods=["GET", "POST"])
def close(plan_code: str) -> ResponseReturnValue:
    require(actor(), Permission.PLAN_MANAGE)
    plan = find_plan(db(), plan_code)
    form = CloseForm(obj=plan)
    if form.validate_on_submit():
        form.attempt(
            lambda: close_window(
                db(), actor=actor(), plan_id=plan.id, version=form.seen_version, reason=form.reason.data
            )
        )
        if form.succeeded:
            return _done(plan, gettext("El plazo quedó cerrado. Ya no se reciben propuestas."))
    return _page(plan, form, "coordination/plans/close.html")


def _done(plan: Plan, message: str) -> ResponseReturnValue:
    flash(message)
    return redirect(url_for("coordination.window.edit", plan_code=plan.code), 303)


def _page(plan: Plan, form: Form, template: str) -> ResponseReturnValue:
    now = clock.now()
    return form.page(
        template,
        plan=plan,
        window=window(plan, now).value,
        days_left=days_left(plan, clock.local_date(now)),
        may_set=plan.state is PlanState.PREPARATION,
        may_change=plan.state is PlanState.OPEN,
    )
