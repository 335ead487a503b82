"""Sending without an account: from the check page to the mail, and from its link to the receipt."""

from flask import Blueprint, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from consulta import clock
from consulta.contributions.queries import root_folio
from consulta.errors import Invalid, NotFound, Problem
from consulta.guests.models import GuestSubmission
from consulta.guests.services import confirm_submission, send_as_guest
from consulta.guests.tokens import read_link
from consulta.limits.rules import Deed
from consulta.plans.models import Plan
from consulta.plans.rules import Work, admits, may_contribute
from consulta.text import sanitize
from consulta.web.context import actor, db, parts
from consulta.web.forms import Form
from consulta.web.limiting import spend
from consulta.web.participant.composing import ask_to_enter, check_page, edit_page
from consulta.web.participant.drafts import Place, check_draft, find_place, forget_draft
from consulta.web.participant.guest_form import GuestForm
from consulta.web.tracked import begin_tracking


class ConfirmForm(Form):
    """Only a button. What its address holds is known to nobody else, so it needs no token, and a click that comes
    again under a newer session is still the same click."""

    class Meta(Form.Meta):
        csrf = False


blueprint = Blueprint("guests", __name__, url_prefix="/sin-cuenta")


@blueprint.post("")
def send() -> ResponseReturnValue:
    """Keep a checked text until its author confirms it by mail. Who has signed in meanwhile needs none of this."""
    form = GuestForm()
    if actor().is_known:
        return ask_to_enter(form)
    place = find_place(form)
    form.validate()
    if not check_draft(form, place):
        return edit_page(form, place)
    if not form.errors:
        form.attempt(lambda: _keep(form, place))
    if not form.succeeded:
        return check_page(form, place, guest=form)
    forget_draft()
    return redirect(url_for("participant.guests.sent"), 303)


@blueprint.get("/enviado")
def sent() -> ResponseReturnValue:
    """The same page whatever the address was, and whoever has it."""
    return render_template("participant/guests/sent.html")


@blueprint.route("/<token>", methods=["GET", "POST"])
def confirm(token: str) -> ResponseReturnValue:
    """The page of the link in the mail; only its button records the text, and only once."""
    secret_key = parts().config.secret_key
    waiting = read_link(db(), secret_key, token)
    if waiting is None:
        return render_template("participant/guests/expired.html"), 404
    form, key = ConfirmForm(), waiting.id
    if form.validate_on_submit():
        form_key = str(form.form_key.data)
        done = form.attempt(
            lambda: confirm_submission(db(), submission_id=key, form_key=form_key, secret_key=secret_key)
        )
        if done is not None and done.contribution_id is not None and done.confirmed_by == form_key:
            begin_tracking(done.contribution_id, is_new=True)
            return redirect(url_for("tracking.own.receipt"), 303)
        if form.succeeded:
            return redirect(url_for("participant.guests.confirm", token=token), 303)
    if waiting.contribution is not None:
        folio = root_folio(db(), waiting.contribution)
        return render_template("participant/guests/confirmed.html", waiting=waiting, folio=folio)
    return form.page(
        "participant/guests/confirm.html",
        waiting=waiting,
        html=sanitize(waiting.body),
        is_open=_is_open(waiting),
        needs_account=not _plan_of(waiting).takes_guests,
    )


def _keep(form: GuestForm, place: Place) -> None:
    if form.organization.data:
        raise Invalid(Problem("", "organization_needs_account"))
    key = str(form.form_key.data)
    spend(Deed.POST, account=form.email.data or "", use=key)
    spend(Deed.ASK_MAIL, account=form.email.data or "", use=key)
    send_as_guest(
        db(),
        guest=form.guest,
        text=form.text(place),
        sending=form.sending,
        form_key=key,
        allows_test=not parts().config.is_production,
    )


def _plan_of(waiting: GuestSubmission) -> Plan:
    if waiting.topic is not None:
        return waiting.topic.plan
    if waiting.parent is None:
        raise NotFound("Plan")
    return waiting.parent.plan


def _is_open(waiting: GuestSubmission) -> bool:
    now = clock.now()
    if waiting.topic is not None:
        return may_contribute(waiting.topic.plan, waiting.topic, now)
    return admits(_plan_of(waiting), Work.CONTRIBUTE, now)
