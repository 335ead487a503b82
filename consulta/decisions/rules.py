"""Which outcome the answers suggest, and what a decision must say."""

import re
from collections.abc import Sequence

from consulta.decisions.models import Outcome
from consulta.errors import Problem
from consulta.people.models import Institution
from consulta.referrals.models import Reason, ResponseOutcome
from consulta.referrals.rules import check_justification, check_reasons

# The only ones with which a proposal that was sent to nobody may be decided.
WITHOUT_INSTITUTION = frozenset({Reason.OUT_OF_SCOPE, Reason.NO_COMPETENT_INSTITUTION})


def suggested_outcome(answers: Sequence[ResponseOutcome]) -> Outcome | None:
    """All include: included; all not: not included; anything else is for the coordinator to choose."""
    given = set(answers)
    if given == {ResponseOutcome.INCLUDE}:
        return Outcome.INCLUDED
    if given == {ResponseOutcome.NOT_INCLUDE}:
        return Outcome.NOT_INCLUDED
    return None


def is_mixed(answers: Sequence[ResponseOutcome]) -> bool:
    return len(set(answers)) > 1


def must_name(answers: Sequence[tuple[Institution, ResponseOutcome]]) -> list[tuple[str, str]]:
    """(code, name) of each institution that a justification has to name: all that answered, when they differ."""
    if not is_mixed([outcome for _, outcome in answers]):
        return []
    return sorted({(institution.code, institution.name) for institution, _ in answers})


def check_decision(
    *,
    outcome: Outcome,
    justification: str,
    reasons: Sequence[Reason],
    detail: str,
    must_name: Sequence[tuple[str, str]] = (),
) -> list[Problem]:
    """What is wrong with a cleaned decision; `must_name` are (code, name) of institutions that disagreed."""
    problems = check_justification(justification=justification)
    problems += check_reasons(is_full=outcome is Outcome.INCLUDED, reasons=reasons, detail=detail)
    unnamed = [code for code, name in must_name if not _names(justification, code, name)]
    if unnamed and not problems:
        problems.append(Problem("justification", "institutions_unnamed", {"institutions": ", ".join(unnamed)}))
    return problems


def _names(text: str, code: str, name: str) -> bool:
    """Whether a text names an institution, by its acronym as a word of its own or by its name."""
    return name.casefold() in text.casefold() or bool(re.search(rf"\b{re.escape(code)}\b", text, re.IGNORECASE))


def is_excluded_without_institution(outcome: Outcome, reasons: Sequence[Reason]) -> bool:
    """Whether a decision may be taken on a proposal that no institution has."""
    return outcome is Outcome.NOT_INCLUDED and bool(reasons) and set(reasons) <= WITHOUT_INSTITUTION
