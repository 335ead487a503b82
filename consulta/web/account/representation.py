"""The organisation that somebody represents: ask for it, see what became of it, and stop."""

from typing import ClassVar

from flask import Blueprint, flash, redirect, url_for
from flask.typing import ResponseReturnValue

from consulta import clock
from consulta.representation.models import EVIDENCE_MAX, LIVE, Representation, RepresentationState
from consulta.representation.queries import latest_of, list_organizations
from consulta.representation.services import ask_to_represent, stop_representing
from consulta.web.audiences import ask_to_sign_in
from consulta.web.context import actor, db
from consulta.web.fields import LineField, WordsField
from consulta.web.forms import ActionForm, Form
from consulta.web.i18n import gettext as _
from consulta.web.i18n import lazy_gettext as _l
from consulta.web.organization_fields import MISSING_NAME, OrganizationFields

blueprint = Blueprint("representation", __name__)
HERE = "account.representation.show"


@blueprint.before_request
def _only_signed_in() -> ResponseReturnValue | None:
    return None if actor().is_known else ask_to_sign_in()


class RequestForm(OrganizationFields, Form):
    if_missing: ClassVar = {
        "name": MISSING_NAME,
        "post": _l("Escriba su cargo en la organización."),
        "evidence": _l("Diga cómo podemos comprobarlo."),
    }
    post = LineField(_l("Su cargo en la organización"))
    evidence = WordsField(_l("¿Cómo podemos comprobarlo?"))


@blueprint.route("/organizacion", methods=["GET", "POST"])
def show() -> ResponseReturnValue:
    latest = latest_of(db(), actor().person_id)
    form = RequestForm()
    form.offer(list_organizations(db(), clock.today()), blank=_("Elija una organización"))
    if form.validate_on_submit():
        form.attempt(lambda: _ask(form))
        if form.succeeded:
            flash(_("Recibimos su solicitud. Le avisaremos por correo."))
            return redirect(url_for(HERE), 303)
        latest = latest_of(db(), actor().person_id)
    return _page(form, latest)


@blueprint.post("/organizacion/terminar")
def end() -> ResponseReturnValue:
    """Take the request back, or represent nobody any more."""
    latest = latest_of(db(), actor().person_id)
    form = ActionForm()
    if latest is not None and latest.state in LIVE and form.validate_on_submit():
        key, was_held = latest.id, latest.state is RepresentationState.CONFIRMED
        form.attempt(lambda: stop_representing(db(), actor=actor(), representation_id=key))
        if form.succeeded:
            flash(_("Usted ya no representa a la organización.") if was_held else _("Retiró su solicitud."))
    return redirect(url_for(HERE), 303)


def _ask(form: RequestForm) -> Representation:
    return ask_to_represent(
        db(),
        actor=actor(),
        organization=form.chosen,
        post=form.post.data or "",
        evidence=form.evidence.data or "",
    )


def _page(form: RequestForm, latest: Representation | None) -> ResponseReturnValue:
    is_live = latest is not None and latest.state in LIVE
    return form.page("account/representation.html", latest=latest, is_live=is_live, evidence_max=EVIDENCE_MAX)
