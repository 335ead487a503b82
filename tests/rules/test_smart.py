"""The SMART check: each condition alone, and all of them together."""

from datetime import date, timedelta
from typing import Any

import pytest

from consulta.commitments.models import (
    Commitment,
    CommitmentProposal,
    CommitmentSource,
    Grade,
    Indicator,
    Milestone,
)
from consulta.commitments.rules import is_smart, smart_check
from consulta.plans.models import Plan
from consulta.web.smart import MISSING

START, END = date(2018, 7, 1), date(2020, 6, 30)
PLAN = Plan(period_start_on=date(2018, 6, 30), period_end_on=date(2020, 8, 31))


def step(**changes: Any) -> Milestone:
    fields = {"activity": "Publicar", "deliverable": "Catálogo", "verification": "Enlace", "start_on": START}
    return Milestone(**{**fields, "end_on": END, **changes})


def measure(**changes: Any) -> Indicator:
    fields: dict[str, Any] = {"name": "Conjuntos", "baseline": "0", "no_baseline": False, "target": "12", "unit": "n"}
    return Indicator(**{**fields, **changes})


def complete(**changes: Any) -> Commitment:
    fields: dict[str, Any] = {
        "name": "Abrir datos",
        "problem": "p" * 80,
        "description": "d" * 80,
        "contribution": "c" * 40,
        "relevance": "r" * 40,
        "values": ["transparency"],
        "source": CommitmentSource.INSTITUTIONAL,
        "lead_institution_id": 1,
        "contact_post": "Dirección",
        "contact_email": "datos@example.org",
        "start_on": START,
        "end_on": END,
        "milestones": [step(), step()],
        "indicators": [measure()],
    }
    return Commitment(**{**fields, **changes})


def test_a_complete_one_has_the_five_letters() -> None:
    assert [one.grade for one in smart_check(complete(), PLAN)] == [Grade.COMPLETE] * 5
    assert is_smart(complete(), PLAN)


@pytest.mark.parametrize(
    ("changes", "missing"),
    [
        ({"name": "Nueve car"}, {("S", "name")}),
        ({"problem": "p" * 79}, {("S", "problem")}),
        ({"description": "d" * 79}, {("S", "description")}),
        ({"problem": "x" * 80, "description": " " + "x" * 80}, {("S", "distinct_texts")}),
        ({"milestones": [step(deliverable=" "), step(deliverable="")]}, {("S", "deliverable"), ("M", "verification")}),
        ({"milestones": [step()]}, {("M", "two_milestones")}),
        ({"milestones": [step(), step(verification=" ")]}, {("M", "verification")}),
        ({"milestones": [step(), step(deliverable="")]}, {("M", "verification")}),
        ({"indicators": []}, {("M", "indicator")}),
        ({"indicators": [measure(baseline=None)]}, {("M", "indicator")}),
        ({"indicators": [measure(target="")]}, {("M", "indicator")}),
        ({"indicators": [measure(unit="")]}, {("M", "indicator")}),
        ({"lead_institution_id": None}, {("A", "lead")}),
        ({"contact_post": " "}, {("A", "post")}),
        ({"contact_email": ""}, {("A", "email")}),
        ({"values": ["technology"]}, {("R", "values")}),
        ({"relevance": "r" * 39}, {("R", "relevance")}),
        ({"contribution": "c" * 39}, {("R", "contribution")}),
        ({"source": CommitmentSource.PROPOSALS}, {("R", "origin")}),
        ({"start_on": None}, {("T", "dates"), ("T", "inside_plan"), ("T", "milestones_inside")}),
        ({"end_on": PLAN.period_end_on + timedelta(days=1)}, {("T", "inside_plan")}),
        (
            {"start_on": PLAN.period_start_on - timedelta(days=1)},
            {("T", "inside_plan")},
        ),
        ({"milestones": [step(), step(end_on=END + timedelta(days=1))]}, {("T", "milestones_inside")}),
        ({"milestones": [step(), step(start_on=END, end_on=START)]}, {("T", "milestones_inside")}),
        ({"milestones": [step(), step(start_on=None)]}, {("T", "milestones_inside")}),
    ],
)
def test_each_condition_alone(changes: dict[str, Any], missing: set[tuple[str, str]]) -> None:
    found = {(one.letter, code) for one in smart_check(complete(**changes), PLAN) for code in one.missing}
    assert found == missing
    assert not is_smart(complete(**changes), PLAN)


@pytest.mark.parametrize(
    "changes",
    [
        {"indicators": [measure(baseline=None, no_baseline=True)]},
        {"indicators": [measure(unit=""), measure()]},
        {"values": ["technology", "accountability"]},
        {"source": CommitmentSource.PROPOSALS, "proposal_links": [CommitmentProposal(proposal_id=1)]},
        # both ends of the plan are inside
        {"start_on": PLAN.period_start_on, "end_on": PLAN.period_end_on},
        {"milestones": [step(end_on=START), step(start_on=END)]},
    ],
)
def test_what_is_enough(changes: dict[str, Any]) -> None:
    assert is_smart(complete(**changes), PLAN)


def test_an_empty_one_says_everything_that_is_missing() -> None:
    bare = dict.fromkeys(("name", "problem", "description", "contribution", "relevance"), "")
    bare |= {"contact_post": "", "contact_email": ""}
    found = smart_check(
        complete(
            **bare,
            values=[],
            source=CommitmentSource.PROPOSALS,
            lead_institution_id=None,
            start_on=None,
            milestones=[],
            indicators=[],
        ),
        PLAN,
    )
    assert [one.grade for one in found] == [Grade.EMPTY] * 5
    assert {(one.letter, code) for one in found for code in one.missing} == set(MISSING)


def test_some_is_a_letter_in_part() -> None:
    assert smart_check(complete(contact_email=""), PLAN)[2].grade is Grade.PARTIAL
