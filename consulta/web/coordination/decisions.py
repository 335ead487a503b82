"""«Decidir»: what is ready to be decided, the answers side by side, the decision and its history."""

from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from wtforms import RadioField, SelectMultipleField, StringField, TextAreaField
from wtforms.validators import InputRequired
from wtforms.widgets import CheckboxInput

from consulta import clock
from consulta.decisions.models import Outcome
from consulta.decisions.queries import (
    Tray,
    answers_of,
    count_trays,
    current_decision,
    find_for_decision,
    suggestion,
    tray_page,
)
from consulta.decisions.rules import is_mixed
from consulta.decisions.services import decide_proposal, reopen_decision
from consulta.errors import Invalid
from consulta.permissions import Permission, allows, require
from consulta.plans.rules import Work, admits
from consulta.plans.team import all_plans
from consulta.proposals.models import Proposal, ProposalState
from consulta.referrals.models import PENDING, Reason
from consulta.referrals.rules import check_justification
from consulta.text import clean
from consulta.web.context import actor, db
from consulta.web.coordination.plan_choice import chosen_plan
from consulta.web.fields import options
from consulta.web.forms import Form
from consulta.web.i18n import gettext as _
from consulta.web.i18n import lazy_gettext as _l
from consulta.web.public.cursors import cursor, read_cursor
from consulta.web.referral_rows import rows_of

blueprint = Blueprint("decisions", __name__, url_prefix="/decidir")
TRAYS = {"listas": Tray.READY, "en-espera": Tray.WAITING, "decididas": Tray.DECIDED, "con-cambios": Tray.CHANGED}


class DecideForm(Form):
    """The outcome of a proposal and why."""

    outcome = RadioField(_l("Decisión"), validators=[InputRequired(_l("Elija la decisión."))])
    reasons = SelectMultipleField(_l("Motivos"), option_widget=CheckboxInput())
    reason_detail = StringField(_l("Detalle del motivo"))
    justification = TextAreaField(_l("Justificación pública"))

    def __init__(self, proposal: Proposal) -> None:
        suggested = suggestion(proposal)
        super().__init__(data={"version": proposal.version, "outcome": suggested.value if suggested else None})
        self.outcome.choices = options(Outcome)
        self.reasons.choices = options(Reason)

    def validate(self, extra_validators: Any = None) -> bool:
        """Without an outcome the rules cannot judge the whole; what they say of the text is said at once."""
        valid: bool = super().validate(extra_validators)
        if not valid:
            self._take_problems(Invalid(*check_justification(justification=clean(self.justification.data or ""))))
        return valid

    def values(self) -> dict[str, Any]:
        return {
            "outcome": Outcome(self.outcome.data),
            "reasons": [Reason(value) for value in self.reasons.data or []],
            "reason_detail": self.reason_detail.data or "",
            "justification": self.justification.data or "",
        }

    def _compare(self, subject: object) -> Any:
        """A stale form is compared with the decision that somebody else took."""
        decision = current_decision(subject) if isinstance(subject, Proposal) else None
        return super()._compare(decision if decision is not None else subject)


class ReopenForm(Form):
    reason = TextAreaField(_l("¿Por qué se reabre la decisión?"))


@blueprint.get("")
def index() -> ResponseReturnValue:
    plans = all_plans(db())
    plan = chosen_plan(plans, Work.DECIDE)
    if plan is None:
        return render_template("coordination/decisions/index.html", plan=None)
    slug = request.args.get("estado", "")
    slug = slug if slug in TRAYS else "listas"
    scope = f"decisions:{plan.code}:{slug}"
    position = read_cursor(scope, 1)
    page = tray_page(db(), plan.id, TRAYS[slug], after=position[0] if position else None)
    counts = count_trays(db(), plan.id)
    labels = {
        Tray.READY: _("Listas para decidir"),
        Tray.WAITING: _("Esperan respuesta"),
        Tray.DECIDED: _("Decididas"),
        Tray.CHANGED: _("Con respuesta posterior a la decisión"),
    }
    return render_template(
        "coordination/decisions/index.html",
        plan=plan,
        plans=plans,
        slug=slug,
        trays_of_plan=[(name, labels[tray], counts[tray]) for name, tray in TRAYS.items()],
        heading=labels[TRAYS[slug]],
        items=[(proposal, suggestion(proposal), current_decision(proposal)) for proposal in page.proposals],
        next_page=cursor(scope, page.next_after) if page.next_after else None,
        is_first=position is None,
    )


@blueprint.route("/<folio>", methods=["GET", "POST"])
def edit(folio: str) -> ResponseReturnValue:
    proposal = find_for_decision(db(), folio) or abort(404)
    form = DecideForm(proposal)
    if form.validate_on_submit():
        key = proposal.id
        form.attempt(
            lambda: decide_proposal(
                db(),
                actor=actor(),
                proposal_id=key,
                version=form.seen_version,
                form_key=form.form_key.data,
                **form.values(),
            )
        )
        if form.succeeded:
            flash(_("La decisión quedó guardada. Será pública cuando se publiquen los resultados."))
            return redirect(url_for(".index", plan=proposal.plan.code), 303)
        proposal = find_for_decision(db(), folio) or abort(404)
    return _page_of(proposal, form)


@blueprint.route("/<folio>/reabrir", methods=["GET", "POST"])
def reopen(folio: str) -> ResponseReturnValue:
    require(actor(), Permission.PROPOSAL_DECIDE)
    proposal = find_for_decision(db(), folio) or abort(404)
    form = ReopenForm(data={"version": proposal.version})
    if form.validate_on_submit():
        key = proposal.id
        form.attempt(
            lambda: reopen_decision(
                db(), actor=actor(), proposal_id=key, version=form.seen_version, reason=form.reason.data or ""
            )
        )
        if form.succeeded:
            flash(_("La decisión se reabrió. La anterior queda en el historial."))
            return redirect(url_for(".edit", folio=folio), 303)
    elif request.method != "POST" and proposal.state is not ProposalState.DECIDED:
        return redirect(url_for(".edit", folio=folio), 303)
    return form.page("coordination/decisions/reopen.html", proposal=proposal, decision=current_decision(proposal))


def _page_of(proposal: Proposal, form: DecideForm) -> ResponseReturnValue:
    may = allows(actor(), Permission.PROPOSAL_DECIDE, proposal) and admits(proposal.plan, Work.DECIDE, clock.now())
    answers = answers_of(proposal)
    return form.page(
        "coordination/decisions/edit.html",
        proposal=proposal,
        rows=rows_of(proposal.referrals),
        waiting=[referral for referral in proposal.referrals if referral.state in PENDING],
        suggested=suggestion(proposal),
        disagreeing=is_mixed([answer.outcome for answer in answers]),
        decision=current_decision(proposal),
        superseded=[decision for decision in proposal.decisions if decision.superseded_at is not None],
        can_decide=may and proposal.state in (ProposalState.FORWARDED, ProposalState.SYSTEMATIZED),
        can_reopen=may and proposal.state is ProposalState.DECIDED,
    )
