"""What the answers suggest, and what a decision must say."""

from itertools import chain, combinations, product

import pytest

from consulta.decisions.models import Outcome
from consulta.decisions.rules import (
    check_decision,
    is_excluded_without_institution,
    is_mixed,
    must_name,
    suggested_outcome,
)
from consulta.people.models import Institution
from consulta.referrals.models import Reason, ResponseOutcome

YES, PART, NO = ResponseOutcome.INCLUDE, ResponseOutcome.INCLUDE_PARTIAL, ResponseOutcome.NOT_INCLUDE
ANSWERS = list(chain.from_iterable(product(ResponseOutcome, repeat=size) for size in range(4)))
LONG = "Se decide así por las razones que dieron las instituciones."


@pytest.mark.parametrize("answers", ANSWERS)
def test_only_unanimous_answers_suggest(answers: tuple[ResponseOutcome, ...]) -> None:
    expected = None
    if answers and all(answer is YES for answer in answers):
        expected = Outcome.INCLUDED
    elif answers and all(answer is NO for answer in answers):
        expected = Outcome.NOT_INCLUDED
    assert suggested_outcome(answers) is expected
    assert is_mixed(answers) is (len(set(answers)) > 1)


@pytest.mark.parametrize(
    ("answers", "names"),
    [
        ([], []),
        ([("MH", YES)], []),
        ([("MH", YES), ("MAG", YES)], []),
        ([("MH", PART), ("MAG", PART)], []),
        ([("MH", YES), ("MAG", NO)], ["MAG", "MH"]),
        ([("MH", YES), ("MAG", PART), ("MARN", YES)], ["MAG", "MARN", "MH"]),  # those that agree too
    ],
)
def test_all_are_named_when_answers_differ(answers: list[tuple[str, ResponseOutcome]], names: list[str]) -> None:
    given = [(Institution(code=code, name=f"Ministerio {code}"), outcome) for code, outcome in answers]
    assert [code for code, _ in must_name(given)] == names


@pytest.mark.parametrize(
    ("text", "unnamed"),
    [
        ("El MAG acepta y el MINSAL no tiene presupuesto para ello.", None),
        ("El mag acepta y el minsal no tiene presupuesto para ello.", None),
        ("El Ministerio de Agricultura acepta. MINSAL no, por presupuesto.", None),
        ("El MAG acepta, pero la otra institución no tiene presupuesto.", "MINSAL"),
        ("Se mejora la imagen del sitio; MINSAL no tiene presupuesto.", "MAG"),
        ("Una institución acepta y la otra no tiene presupuesto este año.", "MAG, MINSAL"),
    ],
)
def test_a_name_is_a_whole_word_or_the_full_name(text: str, unnamed: str | None) -> None:
    problems = check_decision(
        outcome=Outcome.PARTIALLY_INCLUDED,
        justification=text,
        reasons=[Reason.NO_BUDGET],
        detail="",
        must_name=[("MAG", "Ministerio de Agricultura"), ("MINSAL", "Ministerio de Salud")],
    )
    assert [problem.facts["institutions"] for problem in problems] == ([unnamed] if unnamed else [])


@pytest.mark.parametrize("outcome", Outcome)
@pytest.mark.parametrize("reasons", [list(pair) for size in range(3) for pair in combinations(Reason, size)])
def test_reasons_are_needed_unless_wholly_included(outcome: Outcome, reasons: list[Reason]) -> None:
    problems = check_decision(outcome=outcome, justification=LONG, reasons=reasons, detail="")
    expected = []
    if outcome is not Outcome.INCLUDED and not reasons:
        expected = ["reasons"]
    elif {Reason.ALREADY_DONE, Reason.OTHER} & set(reasons):
        expected = ["reason_detail"]
    assert [problem.field for problem in problems] == expected
    left_out = bool(reasons) and set(reasons) <= {Reason.OUT_OF_SCOPE, Reason.NO_COMPETENT_INSTITUTION}
    assert is_excluded_without_institution(outcome, reasons) is (outcome is Outcome.NOT_INCLUDED and left_out)
