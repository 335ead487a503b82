"""One own contribution: where it stands and what its author can still do with it; and the page to reply to another."""

from flask import Blueprint, render_template, url_for
from flask.typing import ResponseReturnValue

from consulta import clock
from consulta.contributions.models import BODY_MAX, Contribution, ContributionState
from consulta.contributions.queries import find_own, root_folio
from consulta.contributions.revisions import own_edit_of
from consulta.errors import NotFound
from consulta.plans.rules import Work, admits
from consulta.web.context import actor, db
from consulta.web.i18n import gettext
from consulta.web.i18n import lazy_gettext as _l
from consulta.web.participant.acts import OwnPages, appeal_page, complete_page, withdraw_page
from consulta.web.participant.drafts import REPLY, CheckForm
from consulta.web.participant.own_path import own_path
from consulta.web.participant.standing import can_edit, can_withdraw, stand

blueprint = Blueprint("contributions", __name__, url_prefix="/aportes/<int:contribution_id>")


@blueprint.get("/")
def show(contribution_id: int) -> ResponseReturnValue:
    contribution = find_mine(contribution_id)
    standing = stand(db(), [contribution])[0]
    return render_template(
        "participant/contributions/show.html",
        contribution=contribution,
        pages=own_pages(contribution_id),
        standing=standing,
        steps=own_path(standing),
        folio=root_folio(db(), contribution),
        may_withdraw=can_withdraw(db(), contribution),
        may_edit=can_edit(db(), contribution),
        own_edit=own_edit_of(db(), contribution_id),
    )


@blueprint.get("/responder")
def show_reply(contribution_id: int) -> ResponseReturnValue:
    parent = db().get(Contribution, contribution_id)
    if parent is None or parent.state is not ContributionState.PUBLISHED:
        raise NotFound("Contribution", contribution_id)
    form = CheckForm(formdata=None, kind=REPLY, parent=str(parent.id))
    form.body.label.text = _l("Su respuesta")
    form.offer_organization()
    return render_template(
        "participant/contributions/reply.html",
        form=form,
        parent=parent,
        folio=root_folio(db(), parent),
        body_max=BODY_MAX,
        is_open=admits(parent.plan, Work.CONTRIBUTE, clock.now()),
    )


@blueprint.route("/retirar", methods=["GET", "POST"])
def take_back(contribution_id: int) -> ResponseReturnValue:
    return withdraw_page(actor(), find_mine(contribution_id), own_pages(contribution_id))


@blueprint.route("/completar", methods=["GET", "POST"])
def fill_in(contribution_id: int) -> ResponseReturnValue:
    return complete_page(actor(), find_mine(contribution_id), own_pages(contribution_id))


@blueprint.route("/reclamar", methods=["GET", "POST"])
def ask_again(contribution_id: int) -> ResponseReturnValue:
    return appeal_page(actor(), find_mine(contribution_id), own_pages(contribution_id))


def own_pages(contribution_id: int) -> OwnPages:
    def address(view: str) -> str:
        return url_for(f"participant.{view}", contribution_id=contribution_id)

    return OwnPages(
        show=address("contributions.show"),
        complete=address("contributions.fill_in"),
        appeal=address("contributions.ask_again"),
        withdraw=address("contributions.take_back"),
        edit=address("editing.edit"),
        discard=address("editing.discard"),
        trail=[("/participar/", gettext("Mi espacio"))],
    )


def find_mine(contribution_id: int) -> Contribution:
    return find_own(db(), actor().person_id, contribution_id)
