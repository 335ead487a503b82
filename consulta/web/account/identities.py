"""The accounts of identity providers that open the own account."""

from flask import Blueprint, flash, redirect, url_for
from flask.typing import ResponseReturnValue

from consulta.people.identities import own_identities, unlink_identity
from consulta.web.account.fresh import needs_fresh
from consulta.web.account.provider_clients import provider_clients
from consulta.web.audiences import ask_to_sign_in
from consulta.web.context import actor, db
from consulta.web.forms import ActionForm
from consulta.web.i18n import gettext as _

blueprint = Blueprint("identities", __name__)


@blueprint.before_request
def _only_signed_in() -> ResponseReturnValue | None:
    return None if actor().is_known else ask_to_sign_in()


@blueprint.get("/vinculadas")
def index() -> ResponseReturnValue:
    return _page(ActionForm())


@blueprint.post("/vinculadas/<int:identity_id>/quitar")
@needs_fresh
def remove(identity_id: int) -> ResponseReturnValue:
    form = ActionForm()
    if form.validate_on_submit():
        form.attempt(lambda: unlink_identity(db(), actor=actor(), identity_id=identity_id))
        if form.succeeded:
            flash(_("Esa cuenta ya no abre la suya."))
            return redirect(url_for("account.identities.index"), 303)
    return _page(form)


def _page(form: ActionForm) -> ResponseReturnValue:
    offered = [(name, client.provider.label) for name, client in provider_clients().items()]
    return form.page("account/identities.html", identities=own_identities(db(), actor()), offered=offered)
