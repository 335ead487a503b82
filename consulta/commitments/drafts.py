"""What a commitment's form holds, cleaned, and what is wrong with it."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from datetime import date
from decimal import Decimal
from typing import Any, TypeVar

from consulta.commitments.models import (
    NAME_MAX,
    NAME_MIN,
    TEXT_MAX,
    Commitment,
    CommitmentSource,
    Indicator,
    Milestone,
    OpenGovernmentValue,
    Origin,
    Precision,
)
from consulta.commitments.rules import CORE_VALUES
from consulta.errors import Problem
from consulta.text import clean, clean_line

LINE_MAX = 200
ROW_TEXT_MAX = 500
LONG_TEXTS = ("problem", "description", "contribution", "relevance", "additional")
LINES = ("previous_commitment", "contact_post", "contact_unit", "contact_email", "contact_phone")
ROWS_MAX = 30
BUDGET_LIMIT = Decimal(10) ** 12
_EMAIL = re.compile(r"[^@\s<>,;\"]+@[^@\s<>,;\"]+\.[^@\s<>,;\".]+")

Row = TypeVar("Row", "MilestoneDraft", "IndicatorDraft")


@dataclass(frozen=True)
class MilestoneDraft:
    """A row of the milestones table; one with nothing in it is no row."""

    activity: str
    deliverable: str = ""
    verification: str = ""
    start_on: date | None = None
    end_on: date | None = None
    responsible: str = ""


@dataclass(frozen=True)
class IndicatorDraft:
    """A row of the indicators table; `no_baseline` says that there is none on purpose."""

    name: str
    baseline: str = ""
    no_baseline: bool = False
    target: str = ""
    unit: str = ""


@dataclass(frozen=True)
class CommitmentDraft:
    """Every field that people fill; all but name and lead may wait while it is a draft."""

    name: str
    lead_institution_id: int
    start_on: date | None = None
    start_precision: Precision = Precision.DAY
    end_on: date | None = None
    end_precision: Precision = Precision.DAY
    origin: Origin = Origin.NEW
    previous_commitment: str = ""
    source: CommitmentSource = CommitmentSource.PROPOSALS
    problem: str = ""
    description: str = ""
    contribution: str = ""
    values: tuple[str, ...] = ()
    relevance: str = ""
    additional: str = ""
    budget_usd: Decimal | None = None
    contact_post: str = ""
    contact_unit: str = ""
    contact_email: str = ""
    contact_phone: str = ""
    milestones: tuple[MilestoneDraft, ...] = ()
    indicators: tuple[IndicatorDraft, ...] = ()
    actor_ids: tuple[int, ...] = ()
    # None leaves the linked proposals as they are.
    proposal_ids: tuple[int, ...] | None = None

    def cleaned(self) -> "CommitmentDraft":
        """The same draft with every text in its normal form and empty rows left out."""
        texts: dict[str, Any] = {name: clean(getattr(self, name)) for name in LONG_TEXTS}
        lines: dict[str, Any] = {name: clean_line(getattr(self, name)) for name in ("name", *LINES)}
        milestones = tuple(_clean_row(row) for row in self.milestones)
        indicators = tuple(_clean_row(row) for row in self.indicators)
        return replace(
            self,
            **texts,
            **lines,
            milestones=tuple(row for row in milestones if row != MilestoneDraft("")),
            indicators=tuple(row for row in indicators if row != IndicatorDraft("")),
            actor_ids=tuple(sorted(set(self.actor_ids))),
            proposal_ids=None if self.proposal_ids is None else tuple(sorted(set(self.proposal_ids))),
        )


def _clean_row(row: Row) -> Row:
    texts: dict[str, Any] = {f.name: clean_line(v) for f in fields(row) if isinstance(v := getattr(row, f.name), str)}
    return replace(row, **texts)


def check_draft(draft: CommitmentDraft) -> list[Problem]:
    """What is wrong with a cleaned draft, field by field; what is only missing is for the SMART check to say."""
    problems = []
    if not NAME_MIN <= len(draft.name) <= NAME_MAX:
        code = "text_too_long" if len(draft.name) > NAME_MAX else "text_too_short"
        problems.append(Problem("name", code, {"min": NAME_MIN, "max": NAME_MAX, "length": len(draft.name)}))
    for names, most in ((LONG_TEXTS, TEXT_MAX), (LINES, LINE_MAX)):
        for name in names:
            if (length := len(getattr(draft, name))) > most:
                problems.append(Problem(name, "text_too_long", {"max": most, "length": length}))
    if draft.start_on and draft.end_on and draft.start_on > draft.end_on:
        problems.append(Problem("end_on", "end_before_start"))
    if draft.budget_usd is not None and draft.budget_usd < 0:
        problems.append(Problem("budget_usd", "negative_amount"))
    if draft.budget_usd is not None and draft.budget_usd >= BUDGET_LIMIT:
        problems.append(Problem("budget_usd", "amount_too_large"))
    if draft.contact_email and not _EMAIL.fullmatch(draft.contact_email):
        problems.append(Problem("contact_email", "email_wrong"))
    if draft.origin is Origin.CONTINUED and not draft.previous_commitment:
        problems.append(Problem("previous_commitment", "previous_missing"))
    return problems + _check_values(draft.values) + _check_rows(draft.milestones, draft.indicators)


def _check_values(values: Sequence[str]) -> list[Problem]:
    known = {value.value for value in OpenGovernmentValue}
    if not set(values) <= known:
        return [Problem("values", "unknown_choice")]
    if values and not CORE_VALUES.intersection(values):
        return [Problem("values", "technology_alone")]
    return []


def _check_rows(milestones: Sequence[MilestoneDraft], indicators: Sequence[IndicatorDraft]) -> list[Problem]:
    """Facts say which row (from 0) and column of a table a problem is in."""
    problems = []
    tables: tuple[tuple[str, str, Sequence[MilestoneDraft | IndicatorDraft]], ...] = (
        ("milestones", "activity", milestones),
        ("indicators", "name", indicators),
    )
    for table, first, rows in tables:
        if len(rows) > ROWS_MAX:
            problems.append(Problem(table, "too_many_rows", {"max": ROWS_MAX}))
        for n, row in enumerate(rows):
            if not getattr(row, first):
                problems.append(Problem(table, f"{first}_missing", {"row": n, "column": first}))
            problems += [
                Problem(table, "text_too_long", {"max": ROW_TEXT_MAX, "length": len(text), "row": n, "column": column})
                for column, text in _columns(row).items()
                if isinstance(text, str) and len(text) > ROW_TEXT_MAX
            ]
    for n, step in enumerate(milestones):
        if step.start_on and step.end_on and step.start_on > step.end_on:
            facts = {"activity": step.activity, "row": n, "column": "end_on"}
            problems.append(Problem("milestones", "milestone_end_before_start", facts))
    return problems


def apply_draft(commitment: Commitment, draft: CommitmentDraft) -> None:
    """Write a checked draft on a commitment, rows included; its actors and proposals are the service's to write."""
    for f in fields(draft):
        if f.name not in ("milestones", "indicators", "actor_ids", "proposal_ids", "values"):
            setattr(commitment, f.name, getattr(draft, f.name))
    commitment.values = [value.value for value in OpenGovernmentValue if value.value in draft.values]
    commitment.milestones = [Milestone(position=n, **_columns(row)) for n, row in enumerate(draft.milestones, start=1)]
    commitment.indicators = [
        Indicator(position=n, **{**_columns(row), "baseline": row.baseline or None})
        for n, row in enumerate(draft.indicators, start=1)
    ]


def _columns(row: MilestoneDraft | IndicatorDraft) -> dict[str, Any]:
    return {f.name: getattr(row, f.name) for f in fields(row)}
