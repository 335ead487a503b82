"""Which outcome the answers suggest, and what a decision must say."""

from collections.abc import Sequence

from consulta.decisions.models import Outcome
from consulta.errors import Problem
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
    folded = justification.casefold()
    unnamed = [code for code, name in must_name if code.casefold() not in folded and name.casefold() not in folded]
    if unnamed and not problems:
        problems.append(Problem("justification", "institutions_unnamed", {"institutions": ", ".join(unnamed)}))
    return problems


def is_excluded_without_institution(outcome: Outcome, reasons: Sequence[Reason]) -> bool:
    """Whether a decision may be taken on a proposal that no institution has."""
    return outcome is Outcome.NOT_INCLUDED and bool(reasons) and set(reasons) <= WITHOUT_INSTITUTION
