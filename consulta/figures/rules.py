"""The sums that must hold, and how a published figure compares with the computed one."""

from collections.abc import Sequence
from dataclasses import dataclass

from consulta.errors import Problem
from consulta.figures.models import FigureStatus

NOTE_MAX = 1000
LINE_MAX = 200
VALUE_MAX = 1_000_000_000


@dataclass(frozen=True)
class Sum:
    """One equation of the accounting: `value` must equal the sum of `parts` (or be at most it, when `at_most`)."""

    key: str
    value: int
    parts: tuple[tuple[str, int], ...]
    at_most: bool = False

    @property
    def total(self) -> int:
        return sum(n for _, n in self.parts)

    @property
    def holds(self) -> bool:
        return self.value <= self.total if self.at_most else self.value == self.total


def compare(value: int, published: int | None, *, ambiguous: bool) -> tuple[int | None, FigureStatus]:
    """The difference (value − published) and its status; `ambiguous` is a judgement that equality does not settle."""
    if published is None:
        return None, FigureStatus.AMBIGUOUS if ambiguous else FigureStatus.NOT_PUBLISHED
    difference = value - published
    if ambiguous:
        return difference, FigureStatus.AMBIGUOUS
    return difference, FigureStatus.MISMATCH if difference else FigureStatus.MATCH


def broken(sums: Sequence[Sum]) -> list[Sum]:
    return [one for one in sums if not one.holds]


def value_of_terms(terms: dict[str, list[int]]) -> int:
    """The value that a source's own terms give: their sum, or their product."""
    if "product" in terms:
        result = 1
        for term in terms["product"]:
            result *= term
        return result
    return sum(terms["sum"])


def check_note(note: str) -> list[Problem]:
    """What is wrong with the cleaned sentence that explains a figure."""
    return check_text("note", note, NOTE_MAX) if note else [Problem("note", "missing")]


def check_text(field: str, text: str, longest: int) -> list[Problem]:
    return [Problem(field, "text_too_long", {"max": longest, "length": len(text)})] if len(text) > longest else []


def check_figure(*, label: str, published_value: int | None, source: str, note: str) -> list[Problem]:
    """What is wrong with a cleaned figure that somebody printed; without a value it says that there is none."""
    problems = [] if label else [Problem("label", "missing")]
    problems += [] if source else [Problem("source", "missing")]
    if published_value is not None and abs(published_value) > VALUE_MAX:
        problems.append(Problem("published_value", "value_unreadable"))
    problems += check_text("label", label, LINE_MAX) + check_text("source", source, LINE_MAX)
    return problems + check_text("note", note, NOTE_MAX)
