"""Reporting a contribution: a page with reasons, and the same page afterwards says thanks."""

from typing import Any

from flask import Blueprint, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from wtforms import RadioField

from consulta.contributions.models import REPORT_NOTE_MAX, Contribution, ContributionState, Report, ReportReason
from consulta.contributions.queries import root_folio
from consulta.contributions.reporting import report_contribution
from consulta.contributions.reports import own_report
from consulta.errors import NotFound
from consulta.limits.rules import Deed
from consulta.web.context import actor, db
from consulta.web.fields import WordsField, options
from consulta.web.forms import Form
from consulta.web.i18n import lazy_gettext as _l
from consulta.web.limiting import spend

blueprint = Blueprint("reports", __name__)


class ReportForm(Form):
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
            return redirect(url_for("participant.reports.write", contribution_id=contribution_id), 303)
    return form.page(
        "participant/reports/write.html",
        contribution=contribution,
        folio=root_folio(db(), contribution),
        is_own=contribution.person_id == actor().person_id,
        note_max=REPORT_NOTE_MAX,
    )


def _report(contribution_id: int, form: ReportForm) -> None:
    spend(Deed.REPORT, account=actor().person_id, use=str(form.form_key.data))
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
