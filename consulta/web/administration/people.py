"""People who have an account: who they are, which roles they hold, and whether they may enter."""

from typing import Any, ClassVar

from flask import Blueprint, abort, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from wtforms import SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired

from consulta.errors import NotFound
from consulta.keys import key_of
from consulta.people.models import STAFF_ROLES, Account, Role
from consulta.people.queries import account_of_person, history_of_person, list_accounts, list_institutions
from consulta.people.second_factor import reset_second_factor
from consulta.people.services import (
    disable_account,
    enable_account,
    give_role,
    invite_again,
    invite_person,
    take_role,
)
from consulta.representation.queries import latest_of
from consulta.representation.services import revoke_representation
from consulta.web.administration.wording import ACTS
from consulta.web.context import actor, db, parts
from consulta.web.filters import label
from consulta.web.forms import ActionForm, Form
from consulta.web.i18n import gettext as _
from consulta.web.i18n import lazy_gettext as _l

blueprint = Blueprint("people", __name__)
PAGE_SIZE = 50


class RoleForm(Form):
    """A role, and where; the choices are filled when it is shown."""

    role = SelectField(_l("Rol"), [InputRequired(_l("Elija un rol."))])
    institution = SelectField(_l("Institución"))

    def __init__(self, **values: Any) -> None:
        super().__init__(**values)
        roles = [(role.value, label(role)) for role in Role if role in STAFF_ROLES]
        self.role.choices = [("", _("Elija un rol")), *roles]
        places = [(str(place.id), place.name) for place in list_institutions(db()) if place.is_public_body]
        self.institution.choices = [("", _("Ninguna: en todo el sitio")), *places]

    @property
    def grant(self) -> dict[str, Any]:
        place = self.institution.data
        return {"role": Role(self.role.data), "institution_id": int(place) if place else None}


class InviteForm(RoleForm):
    public_name = StringField(_l("Nombre"), [InputRequired(_l("Escriba el nombre."))])
    email = StringField(_l("Correo electrónico"), [InputRequired(_l("Escriba el correo electrónico."))])


class DisableForm(Form):
    reason = TextAreaField(_l("Motivo para desactivar la cuenta"))


class RevokeForm(Form):
    if_missing: ClassVar = {"reason": _l("Escriba el motivo, que la persona leerá.")}
    reason = TextAreaField(_l("Motivo para revocarla"), id="revoke-reason")


@blueprint.get("/")
def index() -> ResponseReturnValue:
    search = request.args.get("q", "")
    before = request.args.get("antes", "")
    if before and key_of(before) is None:
        abort(404)
    found = list_accounts(db(), search=search, before=key_of(before), limit=PAGE_SIZE)
    accounts, more = found[:PAGE_SIZE], len(found) > PAGE_SIZE
    return ActionForm().page(
        "administration/people/index.html",
        accounts=accounts,
        term_typed=search,
        next_url=url_for(".index", antes=accounts[-1].id, q=search or None) if more else None,
        first_url=url_for(".index", q=search or None) if before else None,
    )


@blueprint.route("/personas/invitar", methods=["GET", "POST"])
def invite() -> ResponseReturnValue:
    form = InviteForm()
    if form.validate_on_submit():
        account = form.attempt(
            lambda: invite_person(
                db(),
                actor=actor(),
                public_name=form.public_name.data or "",
                email=form.email.data or "",
                allows_test=not parts().config.is_production,
                **form.grant,
            )
        )
        if account is not None:
            flash(_("Enviamos la invitación. El enlace sirve durante 7 días."))
            return redirect(url_for(".show", person_id=account.person_id), 303)
    return form.page("administration/people/invite.html")


@blueprint.get("/personas/<int:person_id>")
def show(person_id: int) -> ResponseReturnValue:
    return _page(person_id)


@blueprint.post("/personas/<int:person_id>/roles")
def give(person_id: int) -> ResponseReturnValue:
    form = RoleForm()
    if form.validate_on_submit():
        form.attempt(
            lambda: give_role(db(), actor=actor(), person_id=person_id, version=form.seen_version, **form.grant)
        )
        if form.succeeded:
            return _back(person_id, _("Esta persona tiene un nuevo rol. Debe entrar de nuevo."))
    return _page(person_id, failed=form)


@blueprint.post("/personas/<int:person_id>/roles/<int:membership_id>/quitar")
def take(person_id: int, membership_id: int) -> ResponseReturnValue:
    form = ActionForm()
    if form.validate_on_submit():
        form.attempt(
            lambda: take_role(
                db(), actor=actor(), person_id=person_id, version=form.seen_version, membership_id=membership_id
            )
        )
        if form.succeeded:
            return _back(person_id, _("Quitamos el rol y cerramos sus sesiones."))
    return _page(person_id, failed=form)


@blueprint.post("/personas/<int:person_id>/representacion")
def revoke(person_id: int) -> ResponseReturnValue:
    """Take from a person the representation of an organisation; what was written stays."""
    form, held = RevokeForm(), latest_of(db(), person_id)
    if held is None:
        raise NotFound("Representation", person_id)
    if form.validate_on_submit():
        key, reason = held.id, form.reason.data or ""
        form.attempt(
            lambda: revoke_representation(db(), actor=actor(), representation_id=key, version=None, reason=reason)
        )
        if form.succeeded:
            return _back(person_id, _("Revocó la representación. Le avisamos por correo."))
    return _page(person_id, failed=form)


@blueprint.post("/personas/<int:person_id>/desactivar")
def disable(person_id: int) -> ResponseReturnValue:
    form = DisableForm()
    if form.validate_on_submit():
        reason = form.reason.data or ""
        form.attempt(
            lambda: disable_account(db(), actor=actor(), person_id=person_id, version=form.seen_version, reason=reason)
        )
        if form.succeeded:
            return _back(person_id, _("Desactivamos la cuenta y cerramos sus sesiones."))
    return _page(person_id, failed=form)


@blueprint.post("/personas/<int:person_id>/activar")
def enable(person_id: int) -> ResponseReturnValue:
    form = ActionForm()
    if form.validate_on_submit():
        form.attempt(lambda: enable_account(db(), actor=actor(), person_id=person_id, version=form.seen_version))
        if form.succeeded:
            return _back(person_id, _("La cuenta está activa de nuevo."))
    return _page(person_id, failed=form)


@blueprint.post("/personas/<int:person_id>/invitar")
def remind(person_id: int) -> ResponseReturnValue:
    form = ActionForm()
    if form.validate_on_submit():
        form.attempt(lambda: invite_again(db(), actor=actor(), person_id=person_id))
        if form.succeeded:
            return _back(person_id, _("Enviamos otra invitación. El enlace sirve durante 7 días."))
    return _page(person_id, failed=form)


@blueprint.post("/personas/<int:person_id>/segundo-paso")
def reset(person_id: int) -> ResponseReturnValue:
    """For who lost every second factor: they set up another one when they enter."""
    form = ActionForm()
    if form.validate_on_submit():
        form.attempt(lambda: reset_second_factor(db(), actor=actor(), person_id=person_id))
        if form.succeeded:
            return _back(person_id, _("Quitamos su segundo paso y sus llaves de acceso. Le avisamos por correo."))
    return _page(person_id, failed=form)


def _back(person_id: int, sentence: str) -> ResponseReturnValue:
    flash(sentence)
    return redirect(url_for(".show", person_id=person_id), 303)


def _page(person_id: int, failed: Form | None = None) -> ResponseReturnValue:
    """The page of a person, with the form that failed in its place."""
    account: Account | None = account_of_person(db(), person_id)
    if account is None:
        raise NotFound("Account", person_id)
    blank = {"data": {"version": account.person.version}, "formdata": None}
    form = failed or ActionForm(**blank)
    return form.page(
        "administration/people/show.html",
        shown=account,
        me=actor().person_id,
        person=account.person,
        role_form=failed if isinstance(failed, RoleForm) else RoleForm(**blank),
        disable_form=failed if isinstance(failed, DisableForm) else DisableForm(**blank),
        reason_form=failed if isinstance(failed, RevokeForm) else RevokeForm(**blank),
        action_form=failed if isinstance(failed, ActionForm) else ActionForm(**blank),
        history=history_of_person(db(), account),
        acts=ACTS,
    )
