"""Referrals of the own institution: the list, one referral, and the acts on it."""

from datetime import date

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from consulta import clock
from consulta.people.models import Institution
from consulta.plans.rules import Work, admits
from consulta.referrals.answering import (
    Answer,
    acknowledge_referral,
    prepare_answer,
    respond_to_referral,
    return_referral,
)
from consulta.referrals.models import AWAITING, Referral, ReferralState
from consulta.referrals.queries import Group, find_referral, page_of_group, receivers
from consulta.web.context import actor, db
from consulta.web.forms import ActionForm
from consulta.web.i18n import gettext as _
from consulta.web.i18n import ngettext
from consulta.web.institution.forms import RespondForm, ReturnForm
from consulta.web.institution.trays import own_counts, own_ids, own_institutions
from consulta.web.public.cursors import cursor, read_cursor
from consulta.web.referral_rows import GROUPS, group_label, rows_of

blueprint = Blueprint("referrals", __name__)
ANSWERABLE = (*AWAITING, ReferralState.NO_ANSWER, ReferralState.ANSWERED)


@blueprint.get("/")
def index() -> ResponseReturnValue:
    group = GROUPS.get(request.args.get("estado", ""), Group.AWAITING)
    chosen = _chosen_institution()
    ids = [chosen.id] if chosen else own_ids()
    scope = f"institution:{group.value}:{chosen.code if chosen else ''}"
    position = read_cursor(scope, 2)
    after = (date.fromordinal(position[0]), position[1]) if position else None
    page = page_of_group(db(), group, today=clock.today(), institution_ids=ids, after=after)
    next_page = cursor(scope, page.next_after[0].toordinal(), page.next_after[1]) if page.next_after else None
    return render_template(
        "institution/referrals/index.html",
        rows=rows_of(page.referrals),
        group=group,
        heading=group_label(group),
        summary=_summary(),
        institutions=own_institutions(),
        chosen=chosen,
        slug=request.args.get("estado", "por-responder") if request.args.get("estado") in GROUPS else "por-responder",
        next_page=next_page,
        is_first=after is None,
    )


@blueprint.get("/remisiones/<int:referral_id>")
def show(referral_id: int) -> ResponseReturnValue:
    return _page_of(_own(referral_id), ActionForm())


@blueprint.post("/remisiones/<int:referral_id>/recibir")
def acknowledge(referral_id: int) -> ResponseReturnValue:
    referral, form = _own(referral_id), ActionForm()
    if form.validate_on_submit():
        form.attempt(
            lambda: acknowledge_referral(db(), actor=actor(), referral_id=referral_id, version=form.seen_version)
        )
        if form.succeeded:
            flash(_("Quedó constancia de que su institución recibió la propuesta."))
            return redirect(url_for(".show", referral_id=referral_id), 303)
    return _page_of(_own(referral.id), form)


@blueprint.route("/remisiones/<int:referral_id>/responder", methods=["GET", "POST"])
def respond(referral_id: int) -> ResponseReturnValue:
    """Write, look at it as the public will, and only then send."""
    referral = _own(referral_id)
    form = RespondForm.of(referral)
    if form.validate_on_submit() and "change" not in request.form:
        answer = form.attempt(lambda: prepare_answer(**form.values()))
        if answer is not None and "confirm" not in request.form:
            return _check_page(referral, form, answer)
        if answer is not None:
            sent = form.attempt(
                lambda: respond_to_referral(
                    db(),
                    actor=actor(),
                    referral_id=referral_id,
                    version=form.seen_version,
                    form_key=form.form_key.data,
                    **form.values(),
                )
            )
            if sent is not None:
                flash(_("Su respuesta quedó guardada. Será pública cuando se publiquen los resultados."))
                return redirect(url_for(".show", referral_id=referral_id), 303)
    if request.method != "POST" and not _can_answer(referral):
        return redirect(url_for(".show", referral_id=referral_id), 303)
    return form.page("institution/referrals/respond.html", row=rows_of([referral])[0], referral=referral)


@blueprint.route("/remisiones/<int:referral_id>/devolver", methods=["GET", "POST"])
def give_back(referral_id: int) -> ResponseReturnValue:
    referral = _own(referral_id)
    form = ReturnForm.of(referral, receivers(db(), clock.today()))
    if form.validate_on_submit():
        form.attempt(
            lambda: return_referral(
                db(),
                actor=actor(),
                referral_id=referral_id,
                version=form.seen_version,
                reason=form.reason.data or "",
                suggested_institution_id=form.suggested_institution.data,
            )
        )
        if form.succeeded:
            flash(_("La propuesta volvió al punto de contacto, que buscará la institución competente."))
            return redirect(url_for(".show", referral_id=referral_id), 303)
    if request.method != "POST" and referral.state not in AWAITING:
        return redirect(url_for(".show", referral_id=referral_id), 303)
    return form.page("institution/referrals/return.html", row=rows_of([referral])[0], referral=referral)


def _summary() -> str:
    """What there is to do, in one sentence."""
    counts = own_counts()
    waiting, late = counts[Group.AWAITING], counts[Group.OVERDUE]
    sentence = ngettext("%(num)s propuesta espera su respuesta.", "%(num)s propuestas esperan su respuesta.", waiting)
    if not late:
        return sentence
    return f"{sentence} " + ngettext("%(num)s está atrasada.", "%(num)s están atrasadas.", late)


def _own(referral_id: int) -> Referral:
    """404 for what was sent to others."""
    return find_referral(db(), referral_id, own_ids()) or abort(404)


def _can_answer(referral: Referral) -> bool:
    return referral.state in ANSWERABLE and admits(referral.proposal.plan, Work.RESPOND, clock.now())


def _page_of(referral: Referral, form: ActionForm) -> ResponseReturnValue:
    form.version.data = str(referral.version)
    return form.page(
        "institution/referrals/show.html",
        row=rows_of([referral])[0],
        referral=referral,
        can_answer=_can_answer(referral),
        can_return=_can_answer(referral) and referral.state in AWAITING,
        can_acknowledge=_can_answer(referral) and referral.state is ReferralState.SENT,
    )


def _check_page(referral: Referral, form: RespondForm, answer: Answer) -> ResponseReturnValue:
    return render_template("institution/referrals/check.html", form=form, referral=referral, answer_given=answer)


def _chosen_institution() -> Institution | None:
    """The one that `?institucion=` names among the liaison's own; an unknown one is not found."""
    code = request.args.get("institucion")
    if not code:
        return None
    return next((place for place in own_institutions() if place.code == code), None) or abort(404)
