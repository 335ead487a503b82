"""The pages where somebody asks to be erased, with an account or without: what goes, what stays, and a day to think."""

from collections.abc import Callable
from dataclasses import dataclass

from flask import flash, redirect
from flask.typing import ResponseReturnValue
from wtforms import BooleanField, SelectMultipleField
from wtforms.widgets import CheckboxInput, ListWidget

from consulta import clock
from consulta.contributions.models import Contribution
from consulta.keys import key_of
from consulta.people.models import Person
from consulta.privacy.models import Erasure
from consulta.privacy.queries import Holdings, holdings_of
from consulta.privacy.subjects import persons_with
from consulta.web.context import db
from consulta.web.filters import long_date
from consulta.web.forms import ActionForm, Form
from consulta.web.i18n import gettext as _
from consulta.web.i18n import lazy_gettext as _l

ALL = "todos"


class ErasureForm(Form):
    texts = SelectMultipleField(
        _l("Textos que hablan de usted"),
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
        validate_choice=False,
    )
    is_sure = BooleanField(_l("Entiendo que después de 24 horas no se puede deshacer."))

    @property
    def text_ids(self) -> list[int]:
        return [key for key in map(key_of, self.texts.data or ()) if key is not None]

    @property
    def all_texts(self) -> bool:
        return ALL in (self.texts.data or ())


@dataclass(frozen=True)
class Place:
    """Where the question is asked and called off, and where whoever leaves it as it is goes on."""

    here: str
    keep: str
    back: str
    has_account: bool


def erasure_page(
    person: Person, erasure: Erasure | None, place: Place, ask: Callable[[ErasureForm], Erasure]
) -> ResponseReturnValue:
    """The question; or, once it was asked, how long it waits and how to call it off."""
    if erasure is not None and erasure.due_at is not None:
        return waiting_page(ActionForm(), erasure, place)
    form, holdings = ErasureForm(), holdings_of(db(), persons_with(db(), person))
    form.texts.choices = _choices(holdings)
    if form.validate_on_submit() and form.attempt(lambda: ask(form)) is not None:
        return redirect(place.here, 303)
    return form.page("account/erasure.html", holdings=holdings, place=place)


def waiting_page(form: Form, erasure: Erasure, place: Place) -> ResponseReturnValue:
    has_begun = erasure.due_at is not None and erasure.due_at <= clock.now()
    return form.page("account/erasure_waits.html", erasure=erasure, place=place, has_begun=has_begun)


def keep_page(erasure: Erasure, place: Place, call_off: Callable[[], None]) -> ResponseReturnValue:
    """Call it off; too late, the page says so."""
    form = ActionForm()
    if form.validate_on_submit():
        form.attempt(call_off)
        if form.succeeded:
            flash(_("No borraremos nada. Sus datos siguen como estaban."))
            return redirect(place.back, 303)
    return waiting_page(form, erasure, place)


def _choices(holdings: Holdings) -> list[tuple[str, str]]:
    if not holdings.texts:
        return []
    return [(ALL, _("Todos mis textos")), *((str(text.id), _name(text)) for text in holdings.texts)]


def _name(text: Contribution) -> str:
    day = long_date(text.received_at)
    if text.is_reply:
        return _("Respuesta del %(day)s: «%(title)s»", day=day, title=text.display_title)
    return _("Propuesta del %(day)s: «%(title)s»", day=day, title=text.display_title)
