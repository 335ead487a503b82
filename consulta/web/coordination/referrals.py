"""«Remisiones»: the board of what was sent, one referral, and what the coordinator does with it."""

from datetime import date

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from wtforms import TextAreaField
from wtforms.validators import InputRequired

from consulta import clock
from consulta.permissions import Permission, require
from consulta.plans.rules import Work, add_working_days, admits
from consulta.plans.team import all_plans
from consulta.referrals.following import cancel_referral, extend_referral, mark_no_answer
from consulta.referrals.models import AWAITING, Referral
from consulta.referrals.queries import (
    count_groups,
    find_dispatch,
    find_referral,
    holidays,
    page_of_group,
    referred_institutions,
)
from consulta.referrals.rules import is_overdue, refuse_extension
from consulta.web.context import actor, db
from consulta.web.coordination.plan_choice import chosen_plan
from consulta.web.fields import DayField
from consulta.web.forms import ActionForm, Form
from consulta.web.i18n import gettext as _
from consulta.web.i18n import lazy_gettext as _l
from consulta.web.public.cursors import cursor, read_cursor
from consulta.web.referral_rows import GROUPS, group_label, rows_of

blueprint = Blueprint("referrals", __name__, url_prefix="/remisiones")


class ExtendForm(Form):
    due_on = DayField(_l("Nueva fecha límite"), [InputRequired(_l("Diga la nueva fecha límite."))])
    reason = TextAreaField(_l("Motivo de la ampliación"))


class CancelForm(Form):
    reason = TextAreaField(_l("Motivo"))


@blueprint.get("")
def index() -> ResponseReturnValue:
    plans = all_plans(db())
    plan = chosen_plan(plans, Work.REFER)
    if plan is None:
        return render_template("coordination/referrals/index.html", plan=None)
    slug = request.args.get("estado", "")
    slug = slug if slug in GROUPS else "por-responder"
    institutions = referred_institutions(db(), plan.id)
    code = request.args.get("institucion", "")
    chosen = next((place for place in institutions if place.code == code), None)
    ids = [chosen.id] if chosen else None
    scope = f"board:{plan.code}:{slug}:{chosen.code if chosen else ''}"
    position = read_cursor(scope, 2)
    after = (date.fromordinal(position[0]), position[1]) if position else None
    page = page_of_group(db(), GROUPS[slug], today=clock.today(), plan_id=plan.id, institution_ids=ids, after=after)
    counts = count_groups(db(), today=clock.today(), plan_id=plan.id, institution_ids=ids)
    return render_template(
        "coordination/referrals/index.html",
        plan=plan,
        plans=plans,
        slug=slug,
        groups=[(name, group_label(group), counts[group]) for name, group in GROUPS.items()],
        heading=group_label(GROUPS[slug]),
        institutions=institutions,
        chosen=chosen,
        rows=rows_of(page.referrals),
        next_page=cursor(scope, page.next_after[0].toordinal(), page.next_after[1]) if page.next_after else None,
        is_first=after is None,
    )


@blueprint.get("/oficios/<folio>")
def letter(folio: str) -> ResponseReturnValue:
    dispatch = find_dispatch(db(), folio) or abort(404)
    return render_template("coordination/referrals/letter.html", dispatch=dispatch, rows=rows_of(dispatch.referrals))


@blueprint.get("/<int:referral_id>")
def show(referral_id: int) -> ResponseReturnValue:
    return _page_of(_find(referral_id), ActionForm())


@blueprint.post("/<int:referral_id>/sin-respuesta")
def give_up(referral_id: int) -> ResponseReturnValue:
    form = ActionForm()
    if form.validate_on_submit():
        form.attempt(lambda: mark_no_answer(db(), actor=actor(), referral_id=referral_id, version=form.seen_version))
        if form.succeeded:
            flash(_("Quedó marcada sin respuesta. La institución aún puede responder antes de los resultados."))
            return redirect(url_for(".show", referral_id=referral_id), 303)
    return _page_of(_find(referral_id), form)


@blueprint.route("/<int:referral_id>/ampliar", methods=["GET", "POST"])
def extend(referral_id: int) -> ResponseReturnValue:
    require(actor(), Permission.PROPOSAL_REFER)
    referral = _find(referral_id)
    start = max(referral.due_on, clock.today())
    form = ExtendForm(data={"version": referral.version, "due_on": add_working_days(start, 5, holidays(db()))})
    if form.validate_on_submit() and form.due_on.data:
        form.attempt(
            lambda: extend_referral(
                db(),
                actor=actor(),
                referral_id=referral_id,
                version=form.seen_version,
                due_on=form.due_on.data or start,
                reason=form.reason.data or "",
            )
        )
        if form.succeeded:
            flash(_("El plazo se amplió."))
            return redirect(url_for(".show", referral_id=referral_id), 303)
    return form.page("coordination/referrals/extend.html", referral=_find(referral_id))


@blueprint.route("/<int:referral_id>/anular", methods=["GET", "POST"])
def cancel(referral_id: int) -> ResponseReturnValue:
    require(actor(), Permission.PROPOSAL_REFER)
    referral = _find(referral_id)
    form = CancelForm(data={"version": referral.version})
    if form.validate_on_submit():
        form.attempt(
            lambda: cancel_referral(
                db(),
                actor=actor(),
                referral_id=referral_id,
                version=form.seen_version,
                reason=form.reason.data or "",
            )
        )
        if form.succeeded:
            flash(_("La remisión quedó anulada."))
            return redirect(url_for(".show", referral_id=referral_id), 303)
    return form.page("coordination/referrals/cancel.html", referral=_find(referral_id))


def _find(referral_id: int) -> Referral:
    return find_referral(db(), referral_id) or abort(404)


def _page_of(referral: Referral, form: ActionForm) -> ResponseReturnValue:
    form.version.data = str(referral.version)
    is_awaited = referral.state in AWAITING and admits(referral.proposal.plan, Work.REFER, clock.now())
    return form.page(
        "coordination/referrals/show.html",
        referral=referral,
        row=rows_of([referral])[0],
        is_awaited=is_awaited,
        can_extend=is_awaited and refuse_extension(referral) is None,
        can_give_up=is_awaited and is_overdue(referral, clock.today()),
    )
