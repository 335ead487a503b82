"""The forms of the moderation pages, and the table of what each one does."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from wtforms import HiddenField
from wtforms.validators import InputRequired

from consulta.contributions.editing import accept_edit, reject_edit
from consulta.contributions.models import Contribution, ContributionState, RejectionReason
from consulta.contributions.moderation import Words, moderate
from consulta.contributions.reporting import uphold_hiding
from consulta.keys import key_of
from consulta.moderation.models import COMPLETION, Act
from consulta.moderation.rules import ACTS
from consulta.plans.rules import Work
from consulta.web.context import actor, db
from consulta.web.fields import ChoiceField, DayField, LineField, WordsField, options
from consulta.web.forms import Form
from consulta.web.i18n import gettext
from consulta.web.i18n import lazy_gettext as _l


class ActForm(Form):
    """One act on one contribution, with the newest report of it that the page showed: 0 where it showed none."""

    last_report = HiddenField()

    @property
    def seen_report(self) -> int | None:
        return key_of(self.last_report.data)


class ObserveForm(ActForm):
    reason_text = WordsField(_l("Qué falta"))
    complete_by = DayField(_l("Puede completarlo hasta"), [InputRequired(_l("Diga hasta qué día puede completarlo."))])

    @property
    def words(self) -> Words:
        return Words(text=self.reason_text.data or "", complete_by=self.complete_by.data)

    @property
    def text_code(self) -> str | None:
        """Which stored text it begins from."""
        return COMPLETION


class ReasonForm(ActForm):
    """Why a contribution is rejected or hidden, for everybody to read."""

    reason = ChoiceField(_l("Motivo"), coerce=RejectionReason)
    reason_text = WordsField(_l("Texto público"))

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.reason.choices = options(RejectionReason, blank=gettext("Elija un motivo"))

    @property
    def words(self) -> Words:
        return Words(self.reason.data, self.reason_text.data or "")

    @property
    def text_code(self) -> str | None:
        return self.reason.data.value if self.reason.data else None


class ExplainForm(ActForm):
    reason = WordsField(_l("Motivo"))

    @property
    def words(self) -> Words:
        return Words(text=self.reason.data or "")


class PlainForm(ActForm):
    """An act that needs no words."""

    words = Words()


class RedactForm(Form):
    public_title = LineField(_l("Título público"))
    public_body = WordsField(_l("Texto público"))
    redaction_note = WordsField(_l("Qué se quitó"))


class NoteForm(Form):
    text = WordsField(_l("Nota para el equipo"), id="note-text")


@dataclass(frozen=True)
class Doing:
    """One kind of act as the page offers it: its form, what it runs, and what is said when it is done.

    `act` is one of the table of acts; without one, `run` does it. Both can be taken back for some seconds.
    """

    form: type[Any]
    done: Any
    act: Act | None = None
    run: Callable[[int, Any, str], Contribution] | None = None
    # Whether the next of the tray follows, or the same stays in front.
    goes_on: bool = True
    is_protection: bool = False

    @property
    def work(self) -> Work:
        """What the plan must still admit."""
        if self.act is not None:
            return ACTS[self.act].work
        return Work.PROTECT if self.is_protection else Work.MODERATE

    def do(self, contribution_id: int, form: Any, batch: str) -> Contribution:
        if self.run is not None:
            return self.run(contribution_id, form, batch)
        assert self.act is not None
        return moderate(
            db(),
            actor=actor(),
            contribution_id=contribution_id,
            act=self.act,
            words=form.words,
            version=form.seen_version,
            last_report=form.seen_report,
            batch=batch,
        )


def _common(contribution_id: int, form: Any, batch: str) -> dict[str, Any]:
    return {"actor": actor(), "contribution_id": contribution_id, "version": form.seen_version, "batch": batch}


def _accept(contribution_id: int, form: Any, batch: str) -> Contribution:
    return accept_edit(db(), **_common(contribution_id, form, batch))


def _decline(contribution_id: int, form: Any, batch: str) -> Contribution:
    said = form.words
    return reject_edit(db(), reason=said.reason, text=said.text, **_common(contribution_id, form, batch))


def _keep_hidden(contribution_id: int, form: Any, batch: str) -> Contribution:
    said = form.words
    return uphold_hiding(db(), reason=said.reason, public_text=said.text, **_common(contribution_id, form, batch))


# By the last part of the address that does it.
DOINGS: Mapping[str, Doing] = {
    "publicar": Doing(PlainForm, _l("Se publicó."), Act.PUBLISH),
    "observar": Doing(ObserveForm, _l("Pedimos al autor que lo complete."), Act.OBSERVE),
    "rechazar": Doing(ReasonForm, _l("No se admitió. Su autor recibe el motivo."), Act.REJECT),
    "revisado": Doing(PlainForm, _l("Se dio por revisado. Sigue publicado."), Act.REVIEW),
    "ocultar": Doing(ReasonForm, _l("Se ocultó. En su lugar se lee el motivo."), Act.HIDE),
    "mostrar": Doing(ExplainForm, _l("Se lee de nuevo."), Act.UNHIDE, goes_on=False),
    "mantener-oculto": Doing(
        ReasonForm, _l("Sigue oculto, ahora con su motivo."), run=_keep_hidden, is_protection=True
    ),
    "publicar-cambio": Doing(PlainForm, _l("Se publicó el texto nuevo."), run=_accept),
    "rechazar-cambio": Doing(ReasonForm, _l("Sigue el texto anterior. Su autor recibe el motivo."), run=_decline),
}


def possible(
    contribution: Contribution, *, is_unreviewed: bool, is_reported: bool, has_edit: bool, is_appealed: bool
) -> tuple[str, ...]:
    """What can be done with a contribution as it stands, what is most likely first."""
    match contribution.state:
        case ContributionState.PENDING:
            return ("publicar", "observar", "rechazar")
        case ContributionState.OBSERVED:
            return ("rechazar",)
        case ContributionState.HIDDEN:
            return ("mostrar", "mantener-oculto") if is_reported or is_appealed else ("mostrar",)
        case ContributionState.PUBLISHED:
            edits = ("publicar-cambio", "rechazar-cambio") if has_edit else ()
            return edits + (("revisado",) if is_unreviewed or is_reported else ()) + ("ocultar",)
        case _:
            return ()
