"""Reporting a contribution: a page with reasons, and the same page afterwards says thanks.

Who has no account reports too: somebody reads the text then, and nothing is hidden at once.
"""

from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from wtforms import RadioField

from consulta.contributions.models import REPORT_NOTE_MAX, Contribution, ContributionState, Report, ReportReason
from consulta.contributions.queries import root_folio
from consulta.contributions.reporting import report_contribution
from consulta.contributions.reports import own_report
from consulta.errors import Invalid, NotFound, Problem, Refusal, TooMany
from consulta.limits.rules import Deed
from consulta.plans.models import Thresholds
from consulta.web.audiences import SIGN_IN_ENDPOINT
from consulta.web.context import actor, db
from consulta.web.fields import WordsField, options
from consulta.web.i18n import lazy_gettext as _l
from consulta.web.limiting import give_back, spend
from consulta.web.participant.sending import SendingForm

blueprint = Blueprint("reports", __name__)


class ReportForm(SendingForm):
    reason = RadioField(_l("¿Qué pasa con este texto?"), validate_choice=False)
    note = WordsField(_l("Cuéntenos más"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.reason.choices = options(ReportReason)

    @property
    def chosen(self) -> ReportReason | None:
        """None for no reason, and for one that is not of the list."""
        return next((reason for reason in ReportReason if reason.value == self.reason.data), None)


@blueprint.route("/aportes/<int:contribution_id>/denuncia", methods=["GET", "POST"])
def write(contribution_id: int) -> ResponseReturnValue:
    contribution = db().get(Contribution, contribution_id)
    report = own_report(db(), actor().person_id, contribution_id)
    if contribution is None or (report is None and contribution.state is not ContributionState.PUBLISHED):
        raise NotFound("Contribution", contribution_id)
    if report is not None:
        return _thanks(contribution, report)
    form = ReportForm()
    if form.validate_on_submit():
        form.attempt(lambda: _report(contribution_id, form))
        if form.succeeded:
            return redirect(request.path if actor().is_known else url_for("participant.reports.heard"), 303)
    return form.page(
        "participant/reports/write.html",
        contribution=contribution,
        folio=root_folio(db(), contribution),
        is_own=contribution.person_id == actor().person_id,
        note_max=REPORT_NOTE_MAX,
        sign_in=None if actor().is_known else url_for(SIGN_IN_ENDPOINT, next=request.path),
    )


@blueprint.get("/denuncias/recibida")
def heard() -> ResponseReturnValue:
    """The thanks to a visitor: the same page whatever was said, and of what."""
    return render_template("participant/reports/heard.html")


def _report(contribution_id: int, form: ReportForm) -> None:
    spend(Deed.REPORT, account=actor().person_id, use=str(form.form_key.data))
    if actor().is_known:
        _file(contribution_id, form)
        return
    text = f"aporte:{contribution_id}"
    _require_care(form)
    try:
        spend(Deed.REPORT_AGAIN, account=text)
    except TooMany:
        raise Invalid(Problem("", "report_known")) from None
    try:
        _file(contribution_id, form)
    except Refusal:
        give_back(Deed.REPORT_AGAIN, account=text)
        raise


def _require_care(form: ReportForm) -> None:
    """Ask a program, or somebody very fast, to press once more; the second time the field for programs is left out."""
    if form.sending.is_trapped or form.sending.seconds < Thresholds().form_seconds:
        raise Invalid(Problem("", "report_unsure"))


def _file(contribution_id: int, form: ReportForm) -> None:
    report_contribution(
        db(), actor=actor(), contribution_id=contribution_id, reason=form.chosen, note=form.note.data or ""
    )


def _thanks(contribution: Contribution, report: Report) -> ResponseReturnValue:
    """What was heard and what follows; of a text that is no longer shown, nothing."""
    return render_template(
        "participant/reports/thanks.html",
        contribution=contribution,
        report=report,
        folio=root_folio(db(), contribution),
    )
