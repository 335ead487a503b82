"""The approval of a plan: the date of signature and the signed document."""

from typing import Any

from flask import Blueprint, flash, redirect, url_for
from flask.typing import ResponseReturnValue
from flask_wtf.file import FileField
from wtforms.validators import InputRequired

from consulta import clock
from consulta.permissions import Permission, require
from consulta.plans.outstanding import guard_facts
from consulta.plans.services import approve_plan
from consulta.plans.team import find_plan
from consulta.web.context import actor, db
from consulta.web.coordination.documents import allow_upload, uploaded
from consulta.web.coordination.plan_steps import steps_of
from consulta.web.fields import DayField
from consulta.web.forms import Form
from consulta.web.i18n import gettext
from consulta.web.i18n import lazy_gettext as _l

blueprint = Blueprint("approval", __name__, url_prefix="/planes/<plan_code>/aprobacion")
blueprint.url_value_preprocessor(allow_upload)


class ApprovalForm(Form):
    approved_on = DayField(_l("Fecha de la firma"), [InputRequired(_l("Diga la fecha de la firma."))])
    document = FileField(_l("Documento firmado"))


@blueprint.route("", methods=["GET", "POST"])
def edit(plan_code: str) -> ResponseReturnValue:
    plan = find_plan(db(), plan_code)
    form = ApprovalForm(version=plan.version)
    if form.is_submitted():
        require(actor(), Permission.PLAN_APPROVE, plan)
    if form.validate_on_submit():
        form.attempt(lambda: _approve(plan.id, form))
        if form.succeeded:
            flash(gettext("El plan quedó aprobado, con todos sus compromisos validados."))
            return redirect(url_for("coordination.plans.show", plan_code=plan_code), 303)
    facts: dict[str, Any] = {**guard_facts(db(), plan, person_id=actor().person_id), "now": clock.now()}
    return form.page("coordination/plans/approval.html", plan=plan, steps=steps_of(plan, facts))


def _approve(plan_id: int, form: ApprovalForm) -> object:
    return approve_plan(
        db(),
        actor=actor(),
        plan_id=plan_id,
        version=form.seen_version,
        approved_on=form.approved_on.data,
        document=uploaded(form.document.data),
    )
