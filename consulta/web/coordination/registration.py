"""Submissions and proposals of other channels, registered by the team."""

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from wtforms import BooleanField
from wtforms.validators import InputRequired

from consulta import clock
from consulta.contributions import queries
from consulta.contributions.models import BODY_MAX, Channel, Contribution, Submission
from consulta.contributions.registration import Contributor, register_contribution, register_submission
from consulta.contributions.rules import REGISTERED_CHANNELS
from consulta.people.models import PersonKind
from consulta.permissions import Permission, require
from consulta.plans.models import TopicState
from consulta.plans.rules import Work, admits
from consulta.web.context import actor, db
from consulta.web.fields import ChoiceField, DayField, LineField, WordsField, options
from consulta.web.forms import Form
from consulta.web.i18n import gettext
from consulta.web.i18n import lazy_gettext as _l

blueprint = Blueprint("registration", __name__, url_prefix="/entregas")
KINDS = (PersonKind.ORGANIZATION, PersonKind.PERSON, PersonKind.ANONYMOUS)


class ContributorForm(Form):
    """Who sent it, when and how."""

    plan_id = ChoiceField(_l("Plan"), [InputRequired(_l("Elija el plan."))], coerce=int)
    channel = ChoiceField(
        _l("Medio por el que llegó"), [InputRequired(_l("Elija el medio por el que llegó."))], coerce=Channel
    )
    contributor = ChoiceField(_l("Institución u organización que la envía"), coerce=int)
    public_name = LineField(_l("Si no está en la lista, nombre público"))
    kind = ChoiceField(_l("Es una"), coerce=PersonKind, default=PersonKind.ORGANIZATION.value)
    received_on = DayField(_l("Fecha en que llegó"), [InputRequired(_l("Diga qué día llegó."))], default=clock.today)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        now = clock.now()
        plans = [plan for plan in queries.list_plans(db()) if admits(plan, Work.MODERATE, now)]
        self.plan_id.choices = [(str(plan.id), plan.title) for plan in plans]
        self.channel.choices = options(REGISTERED_CHANNELS, blank=gettext("Elija el medio"))
        institutions = queries.list_institutions(db(), public_only=False)
        self.contributor.choices = [("", gettext("No está en la lista"))]
        self.contributor.choices += [(str(row.id), row.name) for row in institutions]
        self.kind.choices = options(KINDS)

    @property
    def sender(self) -> Contributor:
        return Contributor(
            institution_id=self.contributor.data,
            public_name=self.public_name.data or "",
            kind=self.kind.data or PersonKind.ORGANIZATION,
        )


class SubmissionForm(ContributorForm):
    received_by_role = LineField(
        _l("Cargo de quien la recibió"), [InputRequired(_l("Escriba el cargo de quien la recibió."))]
    )
    place = LineField(_l("Lugar"))


class ProposalFields:
    """What is written of one proposal, whoever sent it."""

    topic_id = ChoiceField(_l("Tema"), coerce=int)
    title = LineField(_l("Título"))
    body = WordsField(
        _l("Texto de la propuesta, como llegó"), [InputRequired(_l("Escriba el texto de la propuesta, como llegó."))]
    )
    in_template = BooleanField(_l("Llegó en la plantilla de compromiso"))
    late_reason = WordsField(_l("Si llegó después del cierre, por qué se recibe"))
    is_publishable = BooleanField(_l("El texto no tiene datos personales y se puede publicar"))


class SubmissionProposalForm(ProposalFields, Form):
    def __init__(self, submission: Submission, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        topics = [topic for topic in submission.plan.topics if topic.state is not TopicState.DRAFT]
        self.topic_id.choices = [("", gettext("Sin tema al recibirse"))]
        self.topic_id.choices += [(str(topic.id), topic.name) for topic in topics]


class SingleForm(ProposalFields, ContributorForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.topic_id.choices = [("", gettext("Sin tema al recibirse"))]
        for plan in queries.list_plans(db()):
            self.topic_id.choices += [(str(topic.id), f"{topic.name} · {plan.code}") for topic in plan.topics]


@blueprint.get("")
def index() -> ResponseReturnValue:
    cursor = request.args.get("pagina", "")
    page = queries.list_submissions(db(), cursor=cursor)
    return render_template("coordination/registration/index.html", page=page, is_first=not cursor)


@blueprint.route("/nueva", methods=["GET", "POST"])
def new() -> ResponseReturnValue:
    require(actor(), Permission.CONTRIBUTION_REGISTER)
    form = SubmissionForm()
    if form.validate_on_submit():
        submission = form.attempt(
            lambda: register_submission(
                db(),
                actor=actor(),
                plan_id=form.plan_id.data,
                channel=form.channel.data,
                contributor=form.sender,
                received_on=form.received_on.data,
                received_by_role=form.received_by_role.data or "",
                place=form.place.data or "",
                form_key=form.form_key.data,
            )
        )
        if submission is not None:
            flash(gettext("La entrega quedó registrada. Ahora añada sus propuestas."))
            return redirect(url_for("coordination.registration.show", folio=submission.folio), 303)
    return form.page("coordination/registration/new.html")


@blueprint.get("/<folio>")
def show(folio: str) -> ResponseReturnValue:
    submission = queries.find_submission(db(), folio)
    is_open = admits(submission.plan, Work.MODERATE, clock.now())
    return render_template("coordination/registration/show.html", submission=submission, is_open=is_open)


@blueprint.route("/<folio>/propuestas/nueva", methods=["GET", "POST"])
def add_proposal(folio: str) -> ResponseReturnValue:
    require(actor(), Permission.CONTRIBUTION_REGISTER)
    submission = queries.find_submission(db(), folio)
    form = SubmissionProposalForm(submission)
    if form.validate_on_submit():
        values = _proposal_values(form)
        added = form.attempt(
            lambda: register_contribution(
                db(),
                actor=actor(),
                plan_id=submission.plan_id,
                channel=submission.channel,
                received_on=submission.received_on or clock.local_date(submission.registered_at),
                submission_id=submission.id,
                **values,
            )
        )
        if added is not None:
            flash(_added(added))
            return redirect(url_for("coordination.registration.show", folio=folio), 303)
    return form.page("coordination/registration/proposal.html", submission=submission, body_max=BODY_MAX)


@blueprint.route("/propuesta-suelta", methods=["GET", "POST"])
def single() -> ResponseReturnValue:
    """One proposal that came alone: a mail, a comment on a network, or the institution's own."""
    require(actor(), Permission.CONTRIBUTION_REGISTER)
    form = SingleForm()
    if form.validate_on_submit():
        values = _proposal_values(form)
        added = form.attempt(
            lambda: register_contribution(
                db(),
                actor=actor(),
                plan_id=form.plan_id.data,
                channel=form.channel.data,
                contributor=form.sender,
                received_on=form.received_on.data,
                **values,
            )
        )
        if added is not None:
            flash(_added(added))
            return redirect(url_for("coordination.moderation.show", contribution_id=added.id), 303)
    return form.page("coordination/registration/single.html", body_max=BODY_MAX)


def _proposal_values(form: Any) -> dict[str, Any]:
    return {
        "title": form.title.data or "",
        "body": form.body.data or "",
        "topic_id": form.topic_id.data,
        "late_reason": form.late_reason.data or "",
        "in_template": form.in_template.data,
        "is_publishable": form.is_publishable.data,
        "form_key": form.form_key.data,
    }


def _added(contribution: Contribution) -> str:
    folio = contribution.proposal_links[0].proposal.folio
    return gettext("La propuesta quedó registrada con el folio %(folio)s.", folio=folio)
