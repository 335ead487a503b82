"""What a proposal may become."""

from typing import Any

import pytest

from consulta.contributions.models import Contribution, ContributionState
from consulta.plans.models import Plan, PlanState
from consulta.proposals.models import Proposal, ProposalSource, ProposalState
from consulta.proposals.rules import PROPOSAL_STATES
from consulta.proposals.services import check_summary
from consulta.states import Guard

S = ProposalState


def proposal(key: int = 1, state: S = S.RECEIVED, source: ContributionState | None = None, **changes: Any) -> Proposal:
    contribution = Contribution(state=source or ContributionState.PUBLISHED)
    plan = Plan(id=1, state=PlanState.OPEN)
    fields: dict[str, Any] = {"plan_id": 1, "plan": plan, "topic_final_id": 1, "summary": "Publicar los contratos"}
    return Proposal(
        id=key, state=state, source_links=[ProposalSource(contribution=contribution)], **{**fields, **changes}
    )


def guard_of(from_state: S, to_state: S) -> Guard:
    step = PROPOSAL_STATES.find(from_state, to_state)
    assert step is not None
    assert step.guard is not None
    return step.guard


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({}, None),
        ({"source": ContributionState.PENDING}, "source_unpublished"),
        # hiding a text keeps its proposal admitted
        ({"source": ContributionState.HIDDEN}, None),
        ({"topic_final_id": None}, "systematization_incomplete"),
        ({"summary": None}, "systematization_incomplete"),
    ],
)
def test_systematising_asks_for_source_topic_and_summary(changes: dict[str, Any], code: str | None) -> None:
    assert guard_of(S.RECEIVED, S.SYSTEMATIZED)(proposal(**changes), {}) == code


@pytest.mark.parametrize(
    ("main", "merged_count", "code"),
    [
        (proposal(2), 0, None),
        (proposal(2, S.FORWARDED), 0, None),
        (proposal(1), 0, "merge_with_itself"),
        (proposal(2, plan_id=9), 0, "merge_across_plans"),
        (proposal(2, source=ContributionState.PENDING), 0, "source_unpublished"),
        # no chains, upwards or downwards
        (proposal(2, S.MERGED), 0, "main_not_available"),
        (proposal(2), 1, "is_main_of_others"),
        (proposal(2, S.VOIDED), 0, "main_not_available"),
    ],
)
def test_merging_makes_no_chains(main: Proposal, merged_count: int, code: str | None) -> None:
    assert guard_of(S.RECEIVED, S.MERGED)(proposal(1), {"main": main, "merged_count": merged_count}) == code


@pytest.mark.parametrize(
    ("undoes", "merged_count", "code"),
    [(True, 0, None), (False, 0, "not_a_split_or_take"), (True, 1, "is_main_of_others")],
)
def test_voiding_only_undoes_a_split_or_a_take(undoes: bool, merged_count: int, code: str | None) -> None:
    facts = {"undoes_split_or_take": undoes, "merged_count": merged_count}
    assert guard_of(S.SYSTEMATIZED, S.VOIDED)(proposal(), facts) == code


@pytest.mark.parametrize(
    ("summary", "code"),
    [("", "summary_missing"), ("a" * 9, "text_too_short"), ("a" * 10, None), ("a" * 201, "text_too_long")],
)
def test_a_summary_is_one_line_of_the_right_length(summary: str, code: str | None) -> None:
    assert [problem.code for problem in check_summary(summary)] == ([code] if code else [])
