"""Who asks to represent an organisation, and who does: confirm, decline, revoke."""

from collections.abc import Sequence
from typing import Any, ClassVar

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from consulta import clock
from consulta.people.models import Institution
from consulta.permissions import Permission, require
from consulta.representation.models import Representation, RepresentationState
from consulta.representation.queries import find_representation, list_organizations, list_representations
from consulta.representation.services import confirm_representation, decline_representation, revoke_representation
from consulta.representation.similar import look_alike
from consulta.web.context import actor, db
from consulta.web.fields import WordsField
from consulta.web.forms import Form
from consulta.web.i18n import gettext
from consulta.web.i18n import lazy_gettext as _l
from consulta.web.organization_fields import MISSING_NAME, OrganizationFields

blueprint = Blueprint("representations", __name__, url_prefix="/organizaciones")
HERE = "coordination.representations.index"


class ConfirmForm(OrganizationFields, Form):
    if_missing: ClassVar = {"name": MISSING_NAME}


class ReasonForm(Form):
    if_missing: ClassVar = {"reason": _l("Escriba el motivo, que la persona leerá.")}
    reason = WordsField(_l("Motivo"))


@blueprint.before_request
def _only_who_judges() -> None:
    """What people say of themselves here is for nobody else of the team."""
    require(actor(), Permission.REPRESENTATION_JUDGE)


@blueprint.get("")
def index() -> ResponseReturnValue:
    return render_template(
        "coordination/representations/index.html",
        waiting=list_representations(db(), RepresentationState.WAITING),
        held=list_representations(db(), RepresentationState.CONFIRMED),
    )


@blueprint.get("/<int:representation_id>")
def show(representation_id: int) -> ResponseReturnValue:
    return _page(representation_id)


@blueprint.post("/<int:representation_id>/confirmar")
def confirm(representation_id: int) -> ResponseReturnValue:
    form = ConfirmForm()
    form.offer(list_organizations(db(), clock.today()), blank=gettext("Agregarla a la lista"))
    if form.validate_on_submit():
        done = form.attempt(
            lambda: confirm_representation(
                db(),
                actor=actor(),
                representation_id=representation_id,
                version=form.seen_version,
                organization=form.chosen,
            )
        )
        if done is not None:
            flash(gettext("Confirmó la representación. Le avisamos por correo a la persona."))
            return redirect(url_for(HERE), 303)
    return _page(representation_id, failed=form)


@blueprint.post("/<int:representation_id>/no-confirmar")
def decline(representation_id: int) -> ResponseReturnValue:
    form = ReasonForm()
    if form.validate_on_submit():
        form.attempt(lambda: decline_representation(db(), **_judged(form, representation_id)))
        if form.succeeded:
            flash(gettext("No se confirmó. La persona lee el motivo."))
            return redirect(url_for(HERE), 303)
    return _page(representation_id, failed=form)


@blueprint.post("/<int:representation_id>/revocar")
def revoke(representation_id: int) -> ResponseReturnValue:
    form = ReasonForm()
    if form.validate_on_submit():
        form.attempt(lambda: revoke_representation(db(), **_judged(form, representation_id)))
        if form.succeeded:
            flash(gettext("Revocó la representación. Lo que ya se escribió queda como está."))
            return redirect(url_for(HERE), 303)
    return _page(representation_id, failed=form)


def _judged(form: ReasonForm, representation_id: int) -> dict[str, Any]:
    return {
        "actor": actor(),
        "representation_id": representation_id,
        "version": form.seen_version,
        "reason": form.reason.data or "",
    }


def _page(representation_id: int, failed: Form | None = None) -> ResponseReturnValue:
    """One request, with the form that failed in its place."""
    asked = find_representation(db(), representation_id)
    known = list_organizations(db(), clock.today())
    reason_form = ReasonForm(formdata=None, data={"version": asked.version})
    form = failed or reason_form
    return form.page(
        "coordination/representations/show.html",
        asked=asked,
        is_own=asked.person_id == actor().person_id,
        alike=[] if asked.institution_id else look_alike(known, asked.new_code or "", asked.new_name or ""),
        confirming=failed if isinstance(failed, ConfirmForm) else _confirming(asked, known),
        explaining=failed
        if isinstance(failed, ReasonForm)
        else ReasonForm(formdata=None, data={"version": asked.version}),
    )


def _confirming(asked: Representation, known: Sequence[Institution]) -> ConfirmForm:
    """The form as the person filled it."""
    words = {"name": asked.new_name, "code": asked.new_code, "kind": asked.new_kind, "version": asked.version}
    form = ConfirmForm(formdata=None, data={**words, "organization": asked.institution_id})
    form.offer(known, blank=gettext("Agregarla a la lista"))
    return form
