"""The moderation tray and one contribution: what was received, its author's record, and a form for each act."""

from collections.abc import Callable

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _l
from wtforms.validators import InputRequired

from consulta import clock
from consulta.contributions.models import BODY_MAX, PUBLIC_TEXT_MAX, Contribution, ContributionState, RejectionReason
from consulta.contributions.moderation import (
    completion_due,
    hide_contribution,
    observe_contribution,
    publish_contribution,
    redact_contribution,
    reject_contribution,
    unhide_contribution,
)
from consulta.contributions.queries import root_folio
from consulta.contributions.rules import REDACTABLE
from consulta.contributions.services import withdraw
from consulta.moderation import queries
from consulta.moderation.queries import Tray
from consulta.permissions import Permission, allows
from consulta.text import sanitize
from consulta.web.context import actor, db
from consulta.web.fields import ChoiceField, DayField, LineField, WordsField, options
from consulta.web.forms import ActionForm, Form
from consulta.web.i18n import gettext

blueprint = Blueprint("moderation", __name__, url_prefix="/moderacion")


ACT_WORDS = {
    "contribution.submit": _l("Se recibió"),
    "contribution.reply": _l("Se recibió la respuesta"),
    "contribution.register": _l("La registró el equipo"),
    "contribution.publish": _l("Se publicó"),
    "contribution.observe": _l("Se pidió completarlo"),
    "contribution.complete": _l("Su autor lo completó"),
    "contribution.reject": _l("No se admitió"),
    "contribution.expire": _l("Venció el plazo para completarlo"),
    "contribution.appeal": _l("Su autor pidió otra revisión"),
    "contribution.hide": _l("Se ocultó"),
    "contribution.unhide": _l("Se mostró de nuevo"),
    "contribution.redact": _l("Se quitaron datos personales"),
    "contribution.withdraw": _l("Se retiró"),
    "contribution.edit": _l("Su autor cambió el texto"),
    "contribution.edit_wait": _l("Su autor envió un texto nuevo, que espera revisión"),
    "contribution.edit_accept": _l("Se publicó el texto nuevo"),
    "contribution.edit_reject": _l("No se publicó el texto nuevo"),
    "contribution.edit_discard": _l("Su autor retiró el texto nuevo"),
}


# Several of these forms stand on one page, so their fields have ids of their own.
class ObserveForm(Form):
    reason_text = WordsField(_l("Qué falta"), id="observe-text")
    complete_by = DayField(_l("Puede completarlo hasta"), [InputRequired(_l("Diga hasta qué día puede completarlo."))])


class ReasonForm(Form):
    """Why a contribution is rejected or hidden, for everybody to read."""

    reason = ChoiceField(_l("Motivo"), id="reason-code", coerce=RejectionReason)
    reason_text = WordsField(_l("Texto público"), id="reason-text")

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.reason.choices = options(RejectionReason, blank=gettext("Elija un motivo"))


class ExplainForm(Form):
    reason = WordsField(_l("Motivo"), id="explain-text")


class RedactForm(Form):
    public_title = LineField(_l("Título público"))
    public_body = WordsField(_l("Texto público"))
    redaction_note = WordsField(_l("Qué se quitó"))


@blueprint.get("")
def index() -> ResponseReturnValue:
    tray = next((tray for tray in Tray if tray.value == request.args.get("ver")), Tray.PENDING)
    cursor = request.args.get("pagina", "")
    page = queries.list_tray(db(), tray, cursor=cursor)
    return render_template(
        "coordination/moderation/index.html",
        page=page,
        shown=tray,
        trays_to_see=list(Tray),
        counts=queries.count_trays(db()),
        is_first=not cursor,
    )


@blueprint.get("/<int:contribution_id>")
def show(contribution_id: int) -> ResponseReturnValue:
    return _page(queries.find_to_moderate(db(), contribution_id))


@blueprint.post("/<int:contribution_id>/publicar")
def publish(contribution_id: int) -> ResponseReturnValue:
    form = ActionForm()
    return _do(
        contribution_id,
        form,
        lambda: publish_contribution(db(), actor=actor(), contribution_id=contribution_id, version=form.seen_version),
        gettext("El aporte quedó publicado."),
    )


@blueprint.post("/<int:contribution_id>/observar")
def observe(contribution_id: int) -> ResponseReturnValue:
    form = ObserveForm()
    return _do(
        contribution_id,
        form,
        lambda: observe_contribution(
            db(),
            actor=actor(),
            contribution_id=contribution_id,
            missing=form.reason_text.data or "",
            complete_by=form.complete_by.data,
            version=form.seen_version,
        ),
        gettext("Pedimos al autor que complete su aporte."),
    )


@blueprint.post("/<int:contribution_id>/rechazar")
def reject(contribution_id: int) -> ResponseReturnValue:
    form = ReasonForm()
    return _do(
        contribution_id,
        form,
        lambda: reject_contribution(
            db(),
            actor=actor(),
            contribution_id=contribution_id,
            reason=form.reason.data,
            public_text=form.reason_text.data or "",
            version=form.seen_version,
        ),
        gettext("El aporte quedó sin admitir. Su autor recibe el motivo."),
    )


@blueprint.post("/<int:contribution_id>/ocultar")
def hide(contribution_id: int) -> ResponseReturnValue:
    form = ReasonForm()
    return _do(
        contribution_id,
        form,
        lambda: hide_contribution(
            db(),
            actor=actor(),
            contribution_id=contribution_id,
            reason=form.reason.data,
            public_text=form.reason_text.data or "",
            version=form.seen_version,
        ),
        gettext("El texto quedó oculto. En su lugar se lee el motivo."),
    )


@blueprint.post("/<int:contribution_id>/mostrar")
def unhide(contribution_id: int) -> ResponseReturnValue:
    form = ExplainForm()
    return _do(
        contribution_id,
        form,
        lambda: unhide_contribution(
            db(),
            actor=actor(),
            contribution_id=contribution_id,
            reason=form.reason.data or "",
            version=form.seen_version,
        ),
        gettext("El texto se lee de nuevo."),
    )


@blueprint.post("/<int:contribution_id>/retirar")
def withdraw_for_author(contribution_id: int) -> ResponseReturnValue:
    form = ExplainForm()
    return _do(
        contribution_id,
        form,
        lambda: withdraw(
            db(),
            actor=actor(),
            contribution_id=contribution_id,
            version=form.seen_version,
            reason=form.reason.data or "",
        ),
        gettext("El aporte quedó retirado a petición de su autor."),
    )


@blueprint.post("/<int:contribution_id>/version-publica")
def redact(contribution_id: int) -> ResponseReturnValue:
    form = RedactForm()
    return _do(
        contribution_id,
        form,
        lambda: redact_contribution(
            db(),
            actor=actor(),
            contribution_id=contribution_id,
            public_title=form.public_title.data or "",
            public_body=form.public_body.data or "",
            note=form.redaction_note.data or "",
            version=form.seen_version,
        ),
        gettext("La versión pública quedó guardada. El original no cambia."),
    )


def _do(contribution_id: int, form: Form, act: Callable[[], Contribution], done: str) -> ResponseReturnValue:
    """Run an act; on success go on to the tray, else show the page with the form as it was typed."""
    if form.validate_on_submit():
        form.attempt(act)
        if form.succeeded:
            flash(done)
            return redirect(url_for("coordination.moderation.show", contribution_id=contribution_id), 303)
    return _page(queries.find_to_moderate(db(), contribution_id), form)


def _page(contribution: Contribution, used: Form | None = None) -> ResponseReturnValue:
    """The page of a contribution with a form for each act; `used` is the one that was just refused."""
    version = str(contribution.version)
    forms: dict[str, Form] = {
        "publish": ActionForm(formdata=None, version=version),
        "observe": ObserveForm(formdata=None, version=version, complete_by=completion_due(db())),
        "reason": ReasonForm(formdata=None, version=version),
        "explain": ExplainForm(formdata=None, version=version),
        "redact": RedactForm(formdata=None, obj=contribution),
    }
    kinds = (("observe", ObserveForm), ("reason", ReasonForm), ("explain", ExplainForm), ("redact", RedactForm))
    if used is not None:
        forms[next((name for name, kind in kinds if isinstance(used, kind)), "publish")] = used
    if used is not None and used.errors and used.status == 200:
        used.status = 422
    page = render_template(
        "coordination/moderation/show.html",
        form=used,
        forms=forms,
        contribution=contribution,
        history=queries.author_record(db(), contribution).counts,
        audit=queries.list_audit(db(), contribution),
        folio=root_folio(db(), contribution),
        following=queries.next_to_read(db(), Tray.PENDING, person_id=actor().person_id, now=clock.now()),
        acts=_acts(contribution),
        received=sanitize(contribution.body),
        revision_words={revision.id: sanitize(revision.body) for revision in contribution.revisions},
        reads_private=allows(actor(), Permission.PRIVATE_READ),
        acts_words=ACT_WORDS,
        body_max=BODY_MAX,
        text_max=PUBLIC_TEXT_MAX,
    )
    return page, used.status if used is not None else 200


def _acts(contribution: Contribution) -> frozenset[str]:
    """What can be done with it from its state, by somebody who may."""
    state, may = contribution.state, actor()
    acts = set()
    if allows(may, Permission.CONTRIBUTION_MODERATE, contribution):
        if state is ContributionState.PENDING:
            acts |= {"publish", "observe", "reject"}
        elif state is ContributionState.OBSERVED:
            acts |= {"reject"}
        elif state is ContributionState.PUBLISHED:
            acts |= {"hide"}
        elif state is ContributionState.HIDDEN:
            acts |= {"unhide"}
        acts |= {"redact"} if state in REDACTABLE else set()
    if state in REDACTABLE and allows(may, Permission.CONTRIBUTION_WITHDRAW, contribution):
        acts |= {"withdraw"}
    return frozenset(acts)
