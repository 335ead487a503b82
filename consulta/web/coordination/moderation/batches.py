"""One act on several contributions: what will change and what cannot, with their counts, before anything is done."""

from collections.abc import Sequence

from flask import Blueprint, flash, redirect, request
from flask.typing import ResponseReturnValue
from wtforms import HiddenField

from consulta.keys import key_of
from consulta.moderation import queries
from consulta.moderation.batches import Seen, look_ahead, moderate_many
from consulta.moderation.models import Act
from consulta.moderation.rules import BATCH_ACTS, BATCH_MAX
from consulta.web.context import actor, db
from consulta.web.coordination.moderation.forms import ExplainForm, PlainForm, ReasonForm
from consulta.web.coordination.moderation.places import tray_address, way
from consulta.web.coordination.moderation.words import BATCH_WORDS
from consulta.web.i18n import gettext, ngettext
from consulta.web.wording import SENTENCES

blueprint = Blueprint("batches", __name__, url_prefix="/lote")


class PlainBatchForm(PlainForm):
    """Carries the chosen contributions as `id:version:report`, as they were shown."""

    chosen = HiddenField()


class ReasonBatchForm(ReasonForm):
    chosen = HiddenField()


class ExplainBatchForm(ExplainForm):
    chosen = HiddenField()


BatchForm = PlainBatchForm | ReasonBatchForm | ExplainBatchForm
FORMS: dict[Act, type[BatchForm]] = {
    Act.REJECT: ReasonBatchForm,
    Act.HIDE: ReasonBatchForm,
    Act.UNHIDE: ExplainBatchForm,
}


@blueprint.post("")
def check() -> ResponseReturnValue:
    """What was ticked in the tray, and what the act would do with each: nothing is changed yet."""
    act, chosen = _act(), read_chosen(request.form.getlist("chosen"))
    if act is None or not chosen:
        flash(gettext("Marque al menos un aporte de la lista."), "problem")
        return redirect(tray_address(), 303)
    form = FORMS.get(act, PlainBatchForm)(formdata=None)
    form.chosen.data = _carry(chosen)
    return _page(act, form, chosen)


@blueprint.post("/hacer")
def do() -> ResponseReturnValue:
    """Do it with each that still admits it."""
    act, chosen = _act(), read_chosen((request.form.get("chosen") or "").split(","))
    if act is None:
        return redirect(tray_address(), 303)
    form = FORMS.get(act, PlainBatchForm)()
    if "insert" in request.form and isinstance(form, ReasonBatchForm):
        code = form.text_code
        form.reason_text.data = queries.stored_texts(db()).get(code, form.reason_text.data) if code else ""
        if code is None:
            form.reason.errors, form.status = [gettext("Elija primero un motivo.")], 422
        return _page(act, form, chosen)
    if form.validate_on_submit():
        done = form.attempt(lambda: moderate_many(db(), actor=actor(), act=act, words=form.words, chosen=chosen))
        if done is not None:
            _say(act, len(done.outlook.ready), len(done.outlook.kept), done.batch)
            return redirect(tray_address(), 303)
    return _page(act, form, chosen)


def _page(act: Act, form: BatchForm, chosen: dict[int, Seen]) -> ResponseReturnValue:
    outlook = look_ahead(db(), actor=actor(), act=act, chosen=chosen)
    answer: ResponseReturnValue = form.page(
        "coordination/moderation/batch.html",
        act=act,
        words=BATCH_WORDS[act],
        ready=outlook.ready,
        kept=[(row, str(SENTENCES[code])) for row, code in outlook.kept],
        way=way(),
        texts=queries.stored_texts(db()),
    )
    return answer


def _say(act: Act, done: int, kept: int, batch: str) -> None:
    if not done:
        flash(gettext("No se cambió nada: ninguno lo admite ya."), "problem")
        return
    rest = ngettext("%(num)s se quedó como estaba.", "%(num)s se quedaron como estaban.", kept) if kept else ""
    flash(f"{BATCH_WORDS[act].done(done)} {rest}".rstrip(), f"undo {batch}")


def _act() -> Act | None:
    return next((act for act in BATCH_ACTS if act.value == request.form.get("act")), None)


def read_chosen(rows: Sequence[str]) -> dict[int, Seen]:
    """`id:version:report` as sent; anything else is left out."""
    found: dict[int, Seen] = {}
    for row in rows[:BATCH_MAX]:
        key, version, report = (*row.split(":"), "", "")[:3]
        row_id = key_of(key)
        if row_id is not None:
            found[row_id] = Seen(key_of(version), key_of(report))
    return found


def _carry(chosen: dict[int, Seen]) -> str:
    return ",".join(f"{key}:{_plain(seen.version)}:{_plain(seen.last_report)}" for key, seen in chosen.items())


def _plain(number: int | None) -> str:
    return "" if number is None else str(number)
