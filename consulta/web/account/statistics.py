"""What somebody may tell of themselves, to know in totals who takes part."""

from flask import Blueprint, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from wtforms import BooleanField

from consulta.demographics.models import AgeRange, Demographics, Department, Sex
from consulta.demographics.queries import own_demographics
from consulta.demographics.rules import SMALLEST_SHOWN
from consulta.demographics.services import forget_demographics, tell_demographics
from consulta.web.audiences import ask_to_sign_in
from consulta.web.context import actor, db
from consulta.web.fields import ChoiceField, options
from consulta.web.forms import ActionForm, Form
from consulta.web.i18n import gettext as _
from consulta.web.i18n import lazy_gettext as _l

blueprint = Blueprint("statistics", __name__)


@blueprint.before_request
def _only_signed_in() -> ResponseReturnValue | None:
    return None if actor().is_known else ask_to_sign_in()


class StatisticsForm(Form):
    sex = ChoiceField(_l("Sexo"), coerce=Sex)
    age_range = ChoiceField(_l("Edad"), coerce=AgeRange)
    department = ChoiceField(_l("Departamento donde vive"), coerce=Department)
    consents = BooleanField(_l("Acepto que estos datos se usen solo en totales, sin mi nombre."))


@blueprint.route("/datos-para-estadisticas", methods=["GET", "POST"])
def show() -> ResponseReturnValue:
    told = own_demographics(db(), actor().person_id)
    form = StatisticsForm()
    for field, members in ((form.sex, Sex), (form.age_range, AgeRange), (form.department, Department)):
        field.choices = options(members, blank=_("Prefiero no decirlo"))
    if request.method != "POST" and told is not None:
        form.sex.data, form.age_range.data, form.department.data = told.sex, told.age_range, told.department
    if form.validate_on_submit():
        form.attempt(lambda: _tell(form))
        if form.succeeded:
            flash(_("Guardamos sus datos. Puede borrarlos cuando quiera."))
            return redirect(url_for("account.statistics.show"), 303)
    return _page(form, told)


@blueprint.post("/datos-para-estadisticas/borrar")
def forget() -> ResponseReturnValue:
    form = ActionForm()
    if form.validate_on_submit():
        form.attempt(lambda: forget_demographics(db(), actor=actor()))
        if form.succeeded:
            flash(_("Borramos sus datos para estadísticas."))
    return redirect(url_for("account.statistics.show"), 303)


def _tell(form: StatisticsForm) -> None:
    tell_demographics(
        db(),
        actor=actor(),
        sex=form.sex.data,
        age_range=form.age_range.data,
        department=form.department.data,
        consents=form.consents.data,
    )


def _page(form: StatisticsForm, told: Demographics | None) -> ResponseReturnValue:
    return form.page("account/statistics.html", told_at=told.consent_at if told else None, smallest=SMALLEST_SHOWN)
