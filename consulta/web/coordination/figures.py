"""The figures that others printed about a plan, beside the computed ones, with the note that explains them."""

from typing import ClassVar

from flask import Blueprint, flash, redirect, url_for
from flask.typing import ResponseReturnValue
from wtforms import BooleanField
from wtforms.validators import InputRequired, Optional

from consulta.errors import NotFound
from consulta.figures.models import PublishedFigure
from consulta.figures.services import account, add_figure, explain_figure
from consulta.permissions import Permission, allows, require
from consulta.plans.models import Plan
from consulta.plans.team import find_plan
from consulta.web.context import actor, db
from consulta.web.fields import ChoiceField, CountField, LineField, WordsField
from consulta.web.figure_words import figure_name
from consulta.web.forms import Form
from consulta.web.i18n import gettext
from consulta.web.i18n import lazy_gettext as _l

blueprint = Blueprint("figures", __name__)
PATH = "/planes/<plan_code>/cifras"


class NoteForm(Form):
    if_missing: ClassVar = {"note": _l("Escriba la nota que explica la diferencia.")}
    note = WordsField(_l("Nota que explica la diferencia"))


class FigureForm(Form):
    if_missing: ClassVar = {
        "label": _l("Escriba cómo la llama la fuente."),
        "source": _l("Escriba la fuente de la cifra."),
    }
    key = ChoiceField(_l("Cifra que sale de los datos"), [InputRequired(_l("Elija la cifra que sale de los datos."))])
    label = LineField(_l("Cómo la llama la fuente"))
    published_value = CountField(_l("Valor publicado"), [Optional()])
    source = LineField(_l("Fuente"))
    ambiguous = BooleanField(_l("La fuente no permite saber qué cuenta"))
    note = WordsField(_l("Nota"))


@blueprint.get(PATH)
def index(plan_code: str) -> ResponseReturnValue:
    require(actor(), Permission.COORDINATION_READ)
    plan = find_plan(db(), plan_code)
    accounting = account(db(), plan, public=False)
    return NoteForm(formdata=None).page(
        "coordination/figures/index.html",
        plan=plan,
        printed=[figure for figure in accounting.figures if figure.record is not None],
        unexplained=accounting.unexplained,
        may_note=allows(actor(), Permission.FIGURES_NOTE),
    )


@blueprint.route(f"{PATH}/nueva", methods=["GET", "POST"])
def new(plan_code: str) -> ResponseReturnValue:
    require(actor(), Permission.FIGURES_NOTE)
    plan = find_plan(db(), plan_code)
    form = FigureForm()
    computed = account(db(), plan, public=False).figures
    names = [(one.key, f"{figure_name(db(), plan, one.key)} ({one.value})") for one in computed]
    form.key.choices = [("", gettext("Elija una cifra")), *sorted(names, key=lambda pair: pair[1].casefold())]
    if form.validate_on_submit():
        form.attempt(
            lambda: add_figure(
                db(),
                actor=actor(),
                plan_id=plan.id,
                key=form.key.data or "",
                label=form.label.data or "",
                published_value=form.published_value.data,
                source=form.source.data or "",
                ambiguous=form.ambiguous.data,
                note=form.note.data or "",
                form_key=form.form_key.data,
            )
        )
        if form.succeeded:
            return _back(plan, gettext("La cifra quedó junto a la calculada."))
    return form.page("coordination/figures/new.html", plan=plan)


@blueprint.route(f"{PATH}/<int:figure_id>", methods=["GET", "POST"])
def edit(plan_code: str, figure_id: int) -> ResponseReturnValue:
    """The note of a figure."""
    require(actor(), Permission.FIGURES_NOTE)
    plan = find_plan(db(), plan_code)
    record = db().get(PublishedFigure, figure_id)
    if record is None or record.plan_id != plan.id:
        raise NotFound("PublishedFigure", figure_id)
    form = NoteForm(obj=record)
    if form.validate_on_submit():
        form.attempt(
            lambda: explain_figure(
                db(), actor=actor(), figure_id=figure_id, note=form.note.data or "", version=form.seen_version
            )
        )
        if form.succeeded:
            return _back(plan, gettext("La nota quedó guardada."))
    figure = account(db(), plan, public=False).figure(record.key)
    return form.page("coordination/figures/edit.html", plan=plan, figure=figure)


def _back(plan: Plan, message: str) -> ResponseReturnValue:
    flash(message)
    return redirect(url_for("coordination.figures.index", plan_code=plan.code), 303)
