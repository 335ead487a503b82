"""From the public composer to the receipt: check, keep while signing in, confirm."""

import secrets

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from consulta.contributions.drafts import end_draft
from consulta.contributions.models import BODY_MAX, Contribution
from consulta.contributions.queries import find_own, root_folio
from consulta.contributions.services import reply, submit_contribution
from consulta.errors import NotFound, WindowClosed
from consulta.keys import key_of
from consulta.plans.models import Moderation
from consulta.proposals.models import Proposal
from consulta.text import clean_line, sanitize
from consulta.web.audiences import SIGN_IN_ENDPOINT
from consulta.web.context import actor, db
from consulta.web.participant.drafts import (
    CheckForm,
    ComposeForm,
    Place,
    check_draft,
    find_place,
    forget_draft,
    kept_form,
    offer_choices,
)
from consulta.web.participant.drafts import (
    keep_draft as keep,
)
from consulta.web.participant.guest_form import GuestForm
from consulta.web.participant.sending import spend_post
from consulta.web.participant.similar import similar_to

blueprint = Blueprint("composing", __name__)


@blueprint.post("/revisar")
def check() -> ResponseReturnValue:
    """Show a text as it will be read. Records nothing, so it needs no token."""
    form = CheckForm()
    place = find_place(form)
    if "change" in request.form:
        return edit_page(form, place)
    return check_page(form, place)


@blueprint.get("/revisar")
def show_draft() -> ResponseReturnValue:
    """The draft that waited while its author signed in."""
    form = kept_form()
    if form is None:
        return render_template("participant/composing/no_draft.html")
    return check_page(form, find_place(form))


@blueprint.post("/borrador")
def keep_draft() -> ResponseReturnValue:
    """Keep what was typed in the session and ask to sign in."""
    return ask_to_enter(ComposeForm())


@blueprint.post("/aportes")
def submit() -> ResponseReturnValue:
    """Record a checked text, once for each form key. Of a session that ended meanwhile the text is kept."""
    form = ComposeForm()
    if not actor().is_known:
        return ask_to_enter(form)
    place = find_place(form)
    form.validate()
    if form.errors or not check_draft(form, place):
        return edit_page(form, place)
    form_key = str(form.form_key.data)
    contribution = form.attempt(lambda: _record(form, place, form_key))
    if contribution is None or not form.succeeded:
        return edit_page(form, place)
    forget_draft()
    if form.saved.data:
        end_draft(db(), actor=actor(), place=place.key, seen=form.seen_draft, fields=form.words)
    return redirect(url_for("participant.composing.receipt", key=_receipt_key(contribution)), 303)


@blueprint.get("/recibo/<key>")
def receipt(key: str) -> ResponseReturnValue:
    """The confirmation, which can be opened again later by its author."""
    contribution, proposal = _find_receipt(key)
    return render_template(
        "participant/composing/receipt.html",
        contribution=contribution,
        proposal=proposal,
        folio=proposal.folio if proposal else root_folio(db(), contribution),
    )


def ask_to_enter(form: ComposeForm) -> ResponseReturnValue:
    """Keep what was typed in the session, which lives on through signing in."""
    keep(form)
    target = url_for("participant.composing.show_draft")
    return redirect(target if actor().is_known else url_for(SIGN_IN_ENDPOINT, next=target), 303)


def _record(form: ComposeForm, place: Place, form_key: str) -> Contribution:
    spend_post(form_key)
    if place.parent_id is not None:
        return reply(
            db(),
            actor=actor(),
            parent_id=place.parent_id,
            body=form.body.data or "",
            form_key=form_key,
            organization_id=form.organization_id,
            sending=form.sending,
        )
    if place.topic_id is None:
        raise NotFound("Topic")
    institution = place.institution(form.suggested_institution.data or "")
    return submit_contribution(
        db(),
        actor=actor(),
        topic_id=place.topic_id,
        title=form.title.data or "",
        body=form.body.data or "",
        form_key=form_key,
        suggested_institution_id=institution.id if institution else None,
        suggested_institution_text=form.suggestion,
        organization_id=form.organization_id,
        sending=form.sending,
    )


def edit_page(form: ComposeForm, place: Place) -> ResponseReturnValue:
    offer_choices(form, place)
    return form.page("participant/composing/edit.html", place=place, body_max=BODY_MAX)


def check_page(form: ComposeForm, place: Place, guest: GuestForm | None = None) -> ResponseReturnValue:
    """The text as it will be read, or the form again with what is wrong.

    A visitor can send it without an account; `guest` is that form when it comes back with something to correct.
    """
    if not check_draft(form, place):
        return edit_page(form, place)
    if not place.is_open:
        form.attempt(lambda: _refuse(place))
        return edit_page(form, place)
    form.offer_organization()
    asked = {"organization"} if form.organization.choices else set()
    institution = place.institution(form.suggested_institution.data or "")
    return (guest or form).page(
        "participant/composing/check.html",
        guest=None if actor().is_known or not place.plan.takes_guests else guest or GuestForm(formdata=None),
        organization=form.organization if form.organization.choices else None,
        # What is chosen on the page itself does not go along with it twice.
        draft={name: typed for name, typed in form.draft.items() if name not in asked},
        # A key for this check: sending it twice records once, and a changed text gets another.
        form_key=secrets.token_urlsafe(18),
        place=place,
        title=clean_line(form.title.data or ""),
        html=sanitize(form.body.data or ""),
        institution=institution.name if institution else form.suggestion,
        similar=similar_to(place, form),
        reads_before=place.topic is None or place.topic.moderation is Moderation.BEFORE,
    )


def _refuse(place: Place) -> None:
    raise WindowClosed(place.plan)


def _receipt_key(contribution: Contribution) -> str:
    return str(contribution.id if contribution.is_reply else contribution.proposal_links[0].proposal.folio)


def _find_receipt(key: str) -> tuple[Contribution, Proposal | None]:
    """An own contribution by its folio, or by its id when it is a reply. Raises NotFound."""
    reply_id = key_of(key)
    if reply_id is not None:
        return find_own(db(), actor().person_id, reply_id), None
    proposal = db().query(Proposal).filter_by(folio=key).one_or_none()
    if proposal is None:
        raise NotFound("Proposal", key)
    return find_own(db(), actor().person_id, proposal.first_source.id), proposal
