"""The topics of a plan: order, introduction, state, and the institutions that may answer for each."""

from dataclasses import asdict
from typing import Any, ClassVar

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from wtforms import HiddenField, SelectMultipleField
from wtforms.validators import InputRequired, Optional
from wtforms.widgets import CheckboxInput, ListWidget

from consulta.errors import NotInThisState
from consulta.permissions import Permission, require
from consulta.plans.models import Moderation, Plan, Thresholds, Topic, TopicState
from consulta.plans.rules import TOPIC_STATES
from consulta.plans.team import competences, find_plan, find_topic, public_bodies, topics_of
from consulta.plans.topics import (
    USUAL,
    TopicText,
    create_topic,
    delete_topic,
    edit_topic,
    move_topic,
    place_topic,
    set_competences,
)
from consulta.web.context import actor, db
from consulta.web.fields import ChoiceField, CountField, LineField, WordsField, options
from consulta.web.forms import ActionForm, Form
from consulta.web.i18n import gettext
from consulta.web.i18n import lazy_gettext as _l

blueprint = Blueprint("topics", __name__, url_prefix="/planes/<plan_code>/temas")


class TopicForm(Form):
    if_missing: ClassVar = {"intro": _l("Escriba la introducción del tema.")}
    name = LineField(_l("Nombre"), [InputRequired(_l("Escriba el nombre del tema."))])
    one_line = LineField(_l("En una línea"), [InputRequired(_l("Escriba el tema en una línea."))])
    intro = WordsField(_l("Introducción"))
    source_citation = LineField(_l("Fuente de la introducción"))
    moderation = ChoiceField(
        _l("Cuándo se leen los aportes"), [InputRequired(_l("Elija cuándo se leen los aportes."))], coerce=Moderation
    )
    approvals = CountField(_l("Aportes publicados para conocer a su autor"), [Optional()])
    trust_hours = CountField(_l("Horas con cuenta para conocer a su autor"), [Optional()])
    new_author_links = CountField(_l("Enlaces en un texto de un autor nuevo"), [Optional()])
    first_day_proposals = CountField(_l("Propuestas de un autor en su primer día"), [Optional()])
    first_day_replies = CountField(_l("Respuestas de un autor en su primer día"), [Optional()])
    host_links = CountField(_l("Enlaces de un autor al mismo sitio"), [Optional()])
    same_text_accounts = CountField(_l("Cuentas que envían el mismo texto"), [Optional()])
    burst_accounts = CountField(_l("Cuentas que escriben desde una red en diez minutos"), [Optional()])
    form_seconds = CountField(_l("Segundos para llenar el formulario, al menos"), [Optional()])
    text_points = CountField(_l("Puntos de sospecha que hacen esperar a un texto"), [Optional()])

    def __init__(self, *args: Any, thresholds: Thresholds = USUAL, **kwargs: Any) -> None:
        super().__init__(*args, **{**asdict(thresholds), **kwargs})
        self.moderation.choices = options(Moderation)

    @property
    def threshold_fields(self) -> list[tuple[Any, int]]:
        """Each with its usual value, which an empty one means."""
        return [(self[name], usual) for name, usual in asdict(USUAL).items()]

    def written(self) -> TopicText:
        return TopicText(
            self.name.data,
            self.one_line.data,
            self.intro.data or "",
            self.source_citation.data or "",
            self.moderation.data,
            Thresholds(**{f.name: usual if f.data is None else f.data for f, usual in self.threshold_fields}),
        )


class StateForm(Form):
    to = HiddenField()


class CompetenceForm(Form):
    institution_ids = SelectMultipleField(
        _l("Instituciones que pueden responder"),
        coerce=int,
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.institution_ids.choices = [(row.id, f"{row.code} · {row.name}") for row in public_bodies(db())]


@blueprint.get("")
def index(plan_code: str) -> ResponseReturnValue:
    plan = find_plan(db(), plan_code)
    return _list(plan, ActionForm(formdata=None))


@blueprint.route("/nuevo", methods=["GET", "POST"])
def new(plan_code: str) -> ResponseReturnValue:
    require(actor(), Permission.PLAN_MANAGE)
    plan = find_plan(db(), plan_code)
    form = TopicForm()
    if form.validate_on_submit():
        topic = form.attempt(
            lambda: create_topic(db(), actor=actor(), plan_id=plan.id, text=form.written(), form_key=form.form_key.data)
        )
        if topic is not None:
            return _back(plan_code, gettext("El tema quedó en borrador. Publíquelo cuando esté listo."))
    return form.page("coordination/topics/edit.html", plan=plan, topic=None)


@blueprint.route("/<topic_code>", methods=["GET", "POST"])
def edit(plan_code: str, topic_code: str) -> ResponseReturnValue:
    require(actor(), Permission.PLAN_MANAGE)
    plan = find_plan(db(), plan_code)
    topic = find_topic(db(), plan, topic_code)
    form = TopicForm(obj=topic, thresholds=topic.holding)
    if form.validate_on_submit():
        form.attempt(
            lambda: edit_topic(db(), actor=actor(), topic_id=topic.id, version=form.seen_version, text=form.written())
        )
        if form.succeeded:
            return _back(plan_code, gettext("El tema quedó guardado."))
    return form.page("coordination/topics/edit.html", plan=plan, topic=topic)


@blueprint.post("/<topic_code>/estado")
def move(plan_code: str, topic_code: str) -> ResponseReturnValue:
    plan = find_plan(db(), plan_code)
    topic = find_topic(db(), plan, topic_code)
    form = StateForm()
    if form.validate_on_submit():
        to = _state(topic, form.to.data)
        form.attempt(lambda: move_topic(db(), actor=actor(), topic_id=topic.id, version=form.seen_version, to=to))
        if form.succeeded:
            return _back(plan_code, gettext("El estado del tema cambió."))
    return _list(plan, form)


@blueprint.post("/<topic_code>/orden")
def place(plan_code: str, topic_code: str) -> ResponseReturnValue:
    plan = find_plan(db(), plan_code)
    topic = find_topic(db(), plan, topic_code)
    form = ActionForm()
    if form.validate_on_submit():
        earlier = request.form.get("direction") == "up"
        form.attempt(lambda: place_topic(db(), actor=actor(), topic_id=topic.id, earlier=earlier))
        if form.succeeded:
            return _back(plan_code, gettext("El orden de los temas cambió."))
    return _list(plan, form)


@blueprint.post("/<topic_code>/eliminar")
def delete(plan_code: str, topic_code: str) -> ResponseReturnValue:
    plan = find_plan(db(), plan_code)
    topic = find_topic(db(), plan, topic_code)
    form = ActionForm()
    if form.validate_on_submit():
        form.attempt(lambda: delete_topic(db(), actor=actor(), topic_id=topic.id, version=form.seen_version))
        if form.succeeded:
            return _back(plan_code, gettext("El tema se quitó del plan."))
    return _list(plan, form)


@blueprint.get("/instituciones")
def institutions(plan_code: str) -> ResponseReturnValue:
    """Which institutions may answer for each topic."""
    plan = find_plan(db(), plan_code)
    topics = topics_of(db(), plan.id)
    found = competences(db(), [topic.code for topic in topics])
    return render_template("coordination/topics/institutions.html", plan=plan, topics=topics, competences=found)


@blueprint.route("/<topic_code>/instituciones", methods=["GET", "POST"])
def competence(plan_code: str, topic_code: str) -> ResponseReturnValue:
    require(actor(), Permission.PLAN_MANAGE)
    plan = find_plan(db(), plan_code)
    topic = find_topic(db(), plan, topic_code)
    held = [institution.id for institution in competences(db(), [topic.code])[topic.code]]
    form = CompetenceForm(institution_ids=held)
    if form.validate_on_submit():
        form.attempt(
            lambda: set_competences(
                db(),
                actor=actor(),
                plan_id=plan.id,
                topic_code=topic_code,
                institution_ids=form.institution_ids.data or [],
            )
        )
        if form.succeeded:
            flash(gettext("Las instituciones del tema quedaron guardadas."))
            return redirect(url_for("coordination.topics.institutions", plan_code=plan_code), 303)
    return form.page("coordination/topics/competence.html", plan=plan, topic=topic)


def _state(topic: Topic, value: str | None) -> TopicState:
    try:
        return TopicState(value)
    except ValueError as error:
        raise NotInThisState(topic, value) from error


def _list(plan: Plan, form: Form) -> ResponseReturnValue:
    topics = topics_of(db(), plan.id)
    return form.page(
        "coordination/topics/index.html",
        plan=plan,
        topics=topics,
        targets={topic.id: TOPIC_STATES.targets(topic.state) for topic in topics},
    )


def _back(plan_code: str, message: str) -> ResponseReturnValue:
    flash(message)
    return redirect(url_for("coordination.topics.index", plan_code=plan_code), 303)
