"""Holidays: the days that no term counts."""

from flask import Blueprint, flash, redirect, url_for
from flask.typing import ResponseReturnValue
from wtforms import DateField, StringField
from wtforms.validators import InputRequired

from consulta.plans.holidays import add_holiday, list_holidays, remove_holiday
from consulta.web.context import actor, db
from consulta.web.forms import Form
from consulta.web.i18n import gettext as _
from consulta.web.i18n import lazy_gettext as _l

blueprint = Blueprint("holidays", __name__, url_prefix="/asuetos")


class HolidayForm(Form):
    on = DateField(_l("Fecha"), [InputRequired(_l("Elija la fecha."))])
    label = StringField(_l("Nombre"), [InputRequired(_l("Escriba el nombre del asueto."))])


@blueprint.route("", methods=["GET", "POST"])
def index() -> ResponseReturnValue:
    form = HolidayForm()
    if form.validate_on_submit():
        on, label = form.on.data, form.label.data or ""
        if on is not None:
            form.attempt(lambda: add_holiday(db(), actor=actor(), on=on, label=label))
        if form.succeeded:
            flash(_("Agregamos el asueto."))
            return redirect(url_for(".index"), 303)
    return form.page("administration/holidays/index.html", holidays=list_holidays(db()))


@blueprint.post("/<int:holiday_id>/quitar")
def remove(holiday_id: int) -> ResponseReturnValue:
    remove_holiday(db(), actor=actor(), holiday_id=holiday_id)
    flash(_("Quitamos el asueto."))
    return redirect(url_for(".index"), 303)
