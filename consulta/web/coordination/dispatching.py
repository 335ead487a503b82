"""«Remitir»: choose proposals, write the letter, look at it, send it."""

from collections.abc import Sequence

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from wtforms import SelectMultipleField, TextAreaField
from wtforms.validators import Optional
from wtforms.widgets import CheckboxInput

from consulta import clock
from consulta.messages.readers import liaisons_of
from consulta.people.models import Institution
from consulta.permissions import Permission, require
from consulta.plans.models import Topic
from consulta.plans.rules import Work, add_working_days, admits
from consulta.plans.team import all_plans, topics_of
from consulta.proposals.models import Proposal, ProposalState
from consulta.referrals.dispatching import dispatch_proposals, review_dispatch
from consulta.referrals.queries import (
    competent_ids,
    count_sendable,
    holidays,
    proposals_by_folio,
    receivers,
    sendable_page,
)
from consulta.web.context import actor, db
from consulta.web.coordination.plan_choice import chosen_plan
from consulta.web.fields import DayField
from consulta.web.forms import Form
from consulta.web.i18n import gettext as _
from consulta.web.i18n import lazy_gettext as _l
from consulta.web.i18n import ngettext
from consulta.web.public.cursors import cursor, read_cursor

blueprint = Blueprint("dispatching", __name__, url_prefix="/remitir")
STATES = {"por-enviar": ProposalState.SYSTEMATIZED, "enviadas": ProposalState.FORWARDED}


class DispatchForm(Form):
    """A letter: which proposals, to whom, with which words and by when."""

    proposals = SelectMultipleField(_l("Propuestas"), option_widget=CheckboxInput())
    institutions = SelectMultipleField(_l("Instituciones"), option_widget=CheckboxInput())
    cover_text = TextAreaField(_l("Texto del oficio"))
    due_on = DayField(_l("Responder a más tardar"), [Optional()])


@blueprint.get("")
def index() -> ResponseReturnValue:
    plans = all_plans(db())
    plan = chosen_plan(plans, Work.REFER)
    if plan is None:
        return render_template("coordination/dispatching/index.html", plan=None)
    topics = topics_of(db(), plan.id)
    topic = _chosen_topic(topics)
    slug = request.args.get("estado", "")
    slug = slug if slug in STATES else "por-enviar"
    scope = f"dispatching:{plan.code}:{topic.code if topic else ''}:{slug}"
    position = read_cursor(scope, 1)
    page = sendable_page(
        db(),
        plan.id,
        state=STATES[slug],
        topic_id=topic.id if topic else None,
        after=position[0] if position else None,
    )
    return render_template(
        "coordination/dispatching/index.html",
        plan=plan,
        plans=plans,
        topics=topics,
        topic=topic,
        slug=slug,
        waiting=count_sendable(db(), plan.id),
        proposals=page.proposals,
        works=admits(plan, Work.REFER, clock.now()),
        next_page=cursor(scope, page.next_after) if page.next_after else None,
        is_first=position is None,
    )


@blueprint.route("/oficio", methods=["GET", "POST"])
def compose() -> ResponseReturnValue:
    """The letter; `?propuesta=` names what it carries and `?institucion=` who was suggested."""
    require(actor(), Permission.PROPOSAL_REFER)
    named = request.form.getlist("proposals") or request.args.getlist("propuesta")
    offered = proposals_by_folio(db(), named)
    if not offered:
        flash(_("Elija al menos una propuesta para remitir."), "problem")
        return redirect(url_for(".index"), 303)
    places = receivers(db(), clock.today())
    competent = competent_ids(db(), [proposal.topic_final for proposal in offered])
    form = _form_for(offered, places, competent)
    if form.validate_on_submit() and "change" not in request.form:
        answer = _check_or_send(form, offered, places)
        if answer is not None:
            return answer
    codes = {place.code for place in places if place.id in competent}
    others_marked = set(form.institutions.data or []) - codes
    return form.page(
        "coordination/dispatching/compose.html",
        plan=offered[0].plan,
        competent=codes,
        opens_others=not codes or bool(others_marked or form.institutions.errors),
    )


def _form_for(offered: Sequence[Proposal], places: Sequence[Institution], competent: frozenset[int]) -> DispatchForm:
    """The form with its choices; on a first look everything offered is marked, and who is competent if only one is."""
    plan = offered[0].plan
    suggested = request.args.getlist("institucion") or [place.code for place in places if place.id in competent]
    form = DispatchForm(
        data={
            "proposals": [proposal.folio for proposal in offered],
            "institutions": suggested if len(suggested) == 1 else [],
            "cover_text": _(
                "Le remitimos propuestas de la consulta pública que son de su competencia. "
                "Le pedimos responder cada una con una justificación que pueda publicarse."
            ),
            "due_on": add_working_days(clock.today(), plan.response_days, holidays(db())),
        }
    )
    form.proposals.choices = [(proposal.folio, proposal.summary or proposal.folio) for proposal in offered]
    form.institutions.choices = [(place.code, f"{place.code} · {place.name}") for place in places]
    return form


def _check_or_send(
    form: DispatchForm, offered: Sequence[Proposal], places: Sequence[Institution]
) -> ResponseReturnValue | None:
    """The page that shows what would be sent or, once confirmed, the board; None when something is wrong."""
    plan = offered[0].plan
    proposals = [proposal for proposal in offered if proposal.folio in (form.proposals.data or [])]
    institution_ids = [place.id for place in places if place.code in (form.institutions.data or [])]
    if "confirm" not in request.form:
        review = form.attempt(
            lambda: review_dispatch(
                db(),
                plan=plan,
                proposals=proposals,
                institution_ids=institution_ids,
                cover_text=form.cover_text.data or "",
                due_on=form.due_on.data,
            )
        )
        if review is None:
            return None
        return render_template(
            "coordination/dispatching/check.html",
            form=form,
            plan=plan,
            proposals=proposals,
            review=review,
            unread=[place for place in review.institutions if not liaisons_of(db(), place.id)],
        )
    proposal_ids = [proposal.id for proposal in proposals]
    sent = form.attempt(
        lambda: dispatch_proposals(
            db(),
            actor=actor(),
            plan_id=plan.id,
            proposal_ids=proposal_ids,
            institution_ids=institution_ids,
            cover_text=form.cover_text.data or "",
            due_on=form.due_on.data,
            form_key=form.form_key.data,
        )
    )
    if sent is None:
        return None
    flash(ngettext("Se envió %(num)s oficio: %(folios)s.", "Se enviaron %(num)s oficios: %(folios)s.", len(sent),
                   folios=", ".join(dispatch.folio for dispatch in sent)))  # fmt: skip
    return redirect(url_for("coordination.referrals.index", plan=plan.code), 303)


def _chosen_topic(topics: Sequence[Topic]) -> Topic | None:
    code = request.args.get("tema")
    if not code:
        return None
    return next((topic for topic in topics if topic.code == code), None) or abort(404)
