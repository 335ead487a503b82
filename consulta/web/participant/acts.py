"""What an author can still do with one contribution: take it back, complete it, ask that it be read again.

The same pages serve who has an account and who follows it by folio and code; `OwnPages` says where they are.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from flask import flash, redirect
from flask.typing import ResponseReturnValue
from wtforms import StringField, TextAreaField

from consulta.contributions.models import BODY_MAX, PUBLIC_TEXT_MAX, Contribution
from consulta.contributions.services import appeal, complete, withdraw
from consulta.people.actors import Actor
from consulta.web.context import db
from consulta.web.forms import ActionForm, Form
from consulta.web.i18n import gettext
from consulta.web.i18n import lazy_gettext as _l
from consulta.web.participant.standing import can_appeal, can_complete, can_withdraw, has_voice


@dataclass(frozen=True)
class OwnPages:
    """Addresses of the pages of one contribution for its author; `trail` leads back to where they came from."""

    show: str
    complete: str
    appeal: str
    withdraw: str
    edit: str
    discard: str
    trail: Sequence[tuple[str, str]]


class CompleteForm(Form):
    title = StringField(_l("Título"))
    body = TextAreaField(_l("Su texto completo"))


class AppealForm(Form):
    text = TextAreaField(_l("¿Por qué pide que lo revisemos de nuevo?"))


def withdraw_page(author: Actor, contribution: Contribution, pages: OwnPages) -> ResponseReturnValue:
    form, key = ActionForm(version=str(contribution.version)), contribution.id
    if form.validate_on_submit():
        form.attempt(lambda: withdraw(db(), actor=author, contribution_id=key, version=form.seen_version))
        if form.succeeded:
            note = gettext("En su lugar queda una nota.") if contribution.published_at else ""
            flash(f"{gettext('Retiramos su aporte.')} {note}".rstrip())
            return redirect(pages.show, 303)
    return form.page(
        "participant/contributions/withdraw.html",
        contribution=contribution,
        pages=pages,
        allowed=can_withdraw(db(), contribution),
    )


def complete_page(author: Actor, contribution: Contribution, pages: OwnPages) -> ResponseReturnValue:
    form, key = CompleteForm(obj=contribution), contribution.id
    if form.validate_on_submit():
        form.attempt(
            lambda: complete(
                db(),
                actor=author,
                contribution_id=key,
                version=form.seen_version,
                title=form.title.data or "",
                body=form.body.data or "",
            )
        )
        if form.succeeded:
            flash(gettext("Recibimos su texto completo. El equipo lo leerá de nuevo."))
            return redirect(pages.show, 303)
    return form.page(
        "participant/contributions/complete.html",
        contribution=contribution,
        pages=pages,
        allowed=can_complete(db(), contribution),
        has_voice=has_voice(db(), contribution),
        body_max=BODY_MAX,
    )


def appeal_page(author: Actor, contribution: Contribution, pages: OwnPages) -> ResponseReturnValue:
    form, key = AppealForm(version=str(contribution.version)), contribution.id
    if form.validate_on_submit():
        form.attempt(
            lambda: appeal(
                db(), actor=author, contribution_id=key, version=form.seen_version, text=form.text.data or ""
            )
        )
        if form.succeeded:
            flash(gettext("Recibimos su reclamo. El equipo leerá su aporte de nuevo."))
            return redirect(pages.show, 303)
    return form.page(
        "participant/contributions/appeal.html",
        contribution=contribution,
        pages=pages,
        allowed=can_appeal(db(), contribution),
        has_voice=has_voice(db(), contribution),
        text_max=PUBLIC_TEXT_MAX,
    )
