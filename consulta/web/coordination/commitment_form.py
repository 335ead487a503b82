"""The form of a commitment: its fields, its two tables of rows, and the draft they make."""

import re
from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Any

import wtforms
from wtforms import BooleanField, DecimalField, FieldList, FormField, SelectMultipleField, StringField
from wtforms.validators import InputRequired
from wtforms.widgets import CheckboxInput, ListWidget

from consulta.commitments.drafts import CommitmentDraft, IndicatorDraft, MilestoneDraft, apply_draft
from consulta.commitments.models import (
    Commitment,
    CommitmentProposal,
    CommitmentSource,
    Indicator,
    Milestone,
    OpenGovernmentValue,
    Origin,
    Precision,
)
from consulta.errors import Invalid, Problem
from consulta.keys import key_of
from consulta.people.models import Institution
from consulta.web.fields import ChoiceField, DayField, LineField, WordsField, options
from consulta.web.filters import short_date
from consulta.web.forms import Difference, Form
from consulta.web.i18n import gettext
from consulta.web.i18n import lazy_gettext as _l
from consulta.web.wording import problem_sentence

BLANK_ROWS = 2


class RowsField(FieldList):  # type: ignore[type-arg]  # it is no generic class when it runs
    """A table of rows; always shows some empty ones at its end."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.type = "FieldList"  # how the macros know a table

    def _extract_indices(self, prefix: str, formdata: Any) -> Iterator[int]:
        found = re.compile(rf"{re.escape(prefix)}-([0-9]{{1,3}})-")
        return (int(match[1]) for match in map(found.match, formdata) if match)

    def written(self) -> list[Any]:
        """The rows in which something was typed."""
        return [entry for entry in self.entries if any(_is_typed(value) for value in entry.data.values())]

    def keep_blank_rows(self) -> None:
        """Have rows to write in after the last one that is filled."""
        filled = [n for n, entry in enumerate(self.entries) if entry in self.written()]
        blank = len(self.entries) - (filled[-1] + 1 if filled else 0)
        for _ in range(BLANK_ROWS - blank):
            self.append_entry()


def _is_typed(value: object) -> bool:
    return bool(value.strip()) if isinstance(value, str) else bool(value)


class AmountField(DecimalField):
    """An amount in dollars, with or without commas."""

    data: Any

    def process_formdata(self, valuelist: list[str]) -> None:
        typed = re.sub(r"[\s,$]", "", valuelist[0]) if valuelist else ""
        if typed and not re.fullmatch(r"-?[0-9]{1,18}(\.[0-9]{1,6})?", typed):
            self.data = None
            raise ValueError(gettext("Escriba la cantidad solo con números, por ejemplo 1,250.00."))
        self.data = Decimal(typed).quantize(Decimal("0.01")) if typed else None


class KeysField(SelectMultipleField):
    """Rows of a table, chosen with check boxes; keys that no row could have are refused."""

    data: Any
    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()

    def __init__(self, label: Any, **kwargs: Any) -> None:
        super().__init__(label, coerce=int, **kwargs)
        self.type = "SelectMultipleField" if self.validate_choice else "KeysField"

    def process_formdata(self, valuelist: list[str]) -> None:
        if any(key_of(value) is None for value in valuelist):
            raise ValueError(gettext("Elija una opción de la lista."))
        super().process_formdata(valuelist)

    def pre_validate(self, form: Any) -> None:
        choices: Any = self.choices or ()
        known = {choice[0] for choice in choices}
        if self.validate_choice and not known.issuperset(self.data or ()):
            raise wtforms.ValidationError(gettext("Elija una opción de la lista."))


class ValuesField(SelectMultipleField):
    """Codes chosen with check boxes."""

    data: Any
    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.type = "SelectMultipleField"

    def pre_validate(self, form: Any) -> None:
        """The rules know which values there are."""


class MilestoneRow(wtforms.Form):
    activity = LineField(_l("Actividad"))
    deliverable = LineField(_l("Producto entregable"))
    verification = LineField(_l("Medio de verificación"))
    start_on = DayField(_l("Inicio"), [wtforms.validators.Optional()])
    end_on = DayField(_l("Término"), [wtforms.validators.Optional()])
    responsible = LineField(_l("Responsable"))


class IndicatorRow(wtforms.Form):
    name = LineField(_l("Indicador"))
    baseline = LineField(_l("Línea base"))
    no_baseline = BooleanField(_l("No hay línea base"))
    target = LineField(_l("Meta"))
    unit = LineField(_l("Unidad de medida"))


class CommitmentForm(Form):
    """Every field of the commitment's form."""

    name = LineField(_l("Nombre del compromiso"), [InputRequired(_l("Escriba el nombre del compromiso."))])
    lead_institution_id = ChoiceField(
        _l("Institución responsable de la implementación"),
        [InputRequired(_l("Elija la institución responsable."))],
        coerce=int,
    )
    start_on = DayField(_l("Fecha de inicio"), [wtforms.validators.Optional()])
    start_precision = ChoiceField(_l("Precisión del inicio"), coerce=Precision, default=Precision.DAY)
    end_on = DayField(_l("Fecha de término"), [wtforms.validators.Optional()])
    end_precision = ChoiceField(_l("Precisión del término"), coerce=Precision, default=Precision.DAY)
    origin = ChoiceField(_l("¿Es un compromiso nuevo?"), coerce=Origin, default=Origin.NEW)
    previous_commitment = LineField(_l("Plan y compromiso de los que viene"))
    source = ChoiceField(_l("Procedencia"), coerce=CommitmentSource, default=CommitmentSource.PROPOSALS)
    problem = WordsField(_l("¿Cuál es la problemática que el compromiso aborda?"))
    description = WordsField(_l("¿Cuál es el compromiso?"))
    contribution = WordsField(_l("¿Cómo contribuirá a resolver la problemática?"))
    values = ValuesField(_l("Valores de gobierno abierto"))
    relevance = WordsField(_l("¿Por qué es relevante frente a esos valores?"))
    additional = WordsField(_l("Información adicional"))
    budget_usd = AmountField(_l("Presupuesto en dólares"), [wtforms.validators.Optional()])
    contact_post = LineField(_l("Cargo"))
    contact_unit = LineField(_l("Unidad"))
    contact_email = LineField(_l("Correo electrónico"))
    contact_phone = LineField(_l("Teléfono"))
    milestones = RowsField(FormField(MilestoneRow), _l("Hitos"))
    indicators = RowsField(FormField(IndicatorRow), _l("Indicadores"))
    state_actor_ids = KeysField(_l("Otros actores del Estado"))
    other_actor_ids = KeysField(_l("Sociedad civil, sector privado y otros"))
    proposal_ids = KeysField(_l("Propuestas vinculadas"), validate_choice=False)
    buscar = StringField(_l("Buscar por folio o por palabra"))

    def __init__(
        self, institutions: Sequence[Institution], commitment: Commitment | None = None, **kwargs: Any
    ) -> None:
        kept: dict[str, Any] = dict.fromkeys(("values", "state_actor_ids", "other_actor_ids", "proposal_ids"), ())
        if commitment is not None:
            actors = [link.institution for link in commitment.actors]
            kept["state_actor_ids"] = [row.id for row in actors if row.is_public_body]
            kept["other_actor_ids"] = [row.id for row in actors if not row.is_public_body]
            kept["proposal_ids"] = [link.proposal_id for link in commitment.proposal_links]
        super().__init__(obj=commitment, **{**kept, **kwargs})
        bodies = [(row.id, row.name) for row in institutions if row.is_public_body]
        self.lead_institution_id.choices = [("", gettext("Elija una institución")), *bodies]
        self.state_actor_ids.choices = bodies
        self.other_actor_ids.choices = [(row.id, row.name) for row in institutions if not row.is_public_body]
        self.start_precision.choices = self.end_precision.choices = options(Precision)
        self.origin.choices, self.source.choices = options(Origin), options(CommitmentSource)
        self.values.choices = options(OpenGovernmentValue)
        self.keep_blank_rows()

    def keep_blank_rows(self) -> None:
        self.milestones.keep_blank_rows()
        self.indicators.keep_blank_rows()

    def draft(self) -> CommitmentDraft:
        """What was typed, as the services take it; a field that could not be read is as if it were empty."""
        texts = {name: getattr(self, name).data or "" for name in _TEXTS}
        return CommitmentDraft(
            **texts,
            lead_institution_id=self.lead_institution_id.data or 0,
            start_on=self.start_on.data,
            start_precision=self.start_precision.data or Precision.DAY,
            end_on=self.end_on.data,
            end_precision=self.end_precision.data or Precision.DAY,
            origin=self.origin.data or Origin.NEW,
            source=self.source.data or CommitmentSource.PROPOSALS,
            values=tuple(self.values.data or ()),
            budget_usd=self.budget_usd.data,
            milestones=tuple(MilestoneDraft(**_row(entry)) for entry in self.milestones.written()),
            indicators=tuple(IndicatorDraft(**_row(entry)) for entry in self.indicators.written()),
            actor_ids=(*(self.state_actor_ids.data or ()), *(self.other_actor_ids.data or ())),
            proposal_ids=tuple(self.proposal_ids.data or ()),
        )

    def sketch(self) -> Commitment:
        """A commitment that is nowhere stored, to be checked while it is written."""
        draft = self.draft().cleaned()
        commitment = Commitment()
        apply_draft(commitment, draft)
        commitment.lead_institution_id = self.lead_institution_id.data
        commitment.proposal_links = [CommitmentProposal(proposal_id=key) for key in draft.proposal_ids or ()]
        return commitment

    def _take_problems(self, refusal: Invalid) -> None:
        """A problem of a row goes beside its own field."""
        others = []
        for problem in refusal.problems:
            if "row" in problem.facts:
                self._take_row_problem(problem)
            elif problem.field in ("milestones", "indicators"):
                self.form_problems.append(problem_sentence(problem))
            else:
                others.append(problem)
        self.status = 422
        super()._take_problems(Invalid(*others))

    def _take_row_problem(self, problem: Problem) -> None:
        table = self._fields[problem.field]
        field = table.written()[problem.facts["row"]].form[problem.facts["column"]]
        field.errors = [*field.errors, problem_sentence(problem)]
        table.errors = [entry.errors for entry in table.entries]

    def _compare(self, subject: object) -> list[Difference]:
        """Typed and present values, the rows of the tables written as lines."""
        if not isinstance(subject, Commitment):
            return []
        present = {name: getattr(subject, name) or "" for name in _TEXTS}
        rows = [
            Difference(str(getattr(self, name).label.text), str(getattr(self, name).data or ""), present[name])
            for name in _TEXTS
        ]
        typed = _spoken(self.sketch(), self)
        rows += [Difference(one, typed[one], kept) for one, kept in _spoken(subject, self).items()]
        return [row for row in rows if row.typed != row.present]


_TEXTS = (
    "name",
    "previous_commitment",
    "problem",
    "description",
    "contribution",
    "relevance",
    "additional",
    "contact_post",
    "contact_unit",
    "contact_email",
    "contact_phone",
)


def _row(entry: Any) -> dict[str, Any]:
    return {name: ("" if value is None and not name.endswith("_on") else value) for name, value in entry.data.items()}


def _spoken(commitment: Commitment, form: CommitmentForm) -> dict[str, str]:
    """What is not plain text, in words, by its label."""
    choices: Any = form.lead_institution_id.choices
    institutions = dict(choices)
    proposals = len(commitment.proposal_links)
    return {
        str(form.lead_institution_id.label.text): str(institutions.get(commitment.lead_institution_id, "")),
        str(form.start_on.label.text): short_date(commitment.start_on),
        str(form.end_on.label.text): short_date(commitment.end_on),
        str(form.budget_usd.label.text): "" if commitment.budget_usd is None else f"{commitment.budget_usd:,.2f}",
        str(form.milestones.label.text): "; ".join(_milestone_line(row) for row in commitment.milestones),
        str(form.indicators.label.text): "; ".join(_indicator_line(row) for row in commitment.indicators),
        str(form.proposal_ids.label.text): str(proposals),
    }


def _milestone_line(row: Milestone) -> str:
    parts = (row.activity, row.deliverable, row.verification, short_date(row.start_on), short_date(row.end_on))
    return ", ".join(part for part in (*parts, row.responsible) if part)


def _indicator_line(row: Indicator) -> str:
    return ", ".join(part for part in (row.name, row.baseline, row.target, row.unit) if part)
