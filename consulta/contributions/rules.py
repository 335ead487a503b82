"""What a contribution may become, and what its text must be."""

from collections.abc import Mapping
from typing import Any

from consulta.contributions.models import (
    BODY_MAX,
    BODY_MIN,
    REPLY_MIN,
    SUGGESTION_MAX,
    TITLE_MAX,
    Contribution,
    ContributionState,
)
from consulta.errors import Problem
from consulta.permissions import Permission
from consulta.states import StateMachine, Transition

COMPLETION_DAYS = 10
NOT_MODERATED = (ContributionState.PENDING, ContributionState.OBSERVED)
# In these a contribution has a place in its thread: its words, or a tombstone that says what happened.
IN_THREAD = (ContributionState.PUBLISHED, ContributionState.HIDDEN, ContributionState.WITHDRAWN)


def check_text(*, title: str, body: str, is_reply: bool, suggestion: str = "") -> list[Problem]:
    """What is wrong with cleaned text, field by field."""
    problems = []
    shortest = REPLY_MIN if is_reply else BODY_MIN
    if not body:
        problems.append(Problem("body", "reply_missing" if is_reply else "body_missing"))
    elif len(body) < shortest:
        problems.append(Problem("body", "text_too_short", {"min": shortest, "length": len(body)}))
    elif len(body) > BODY_MAX:
        problems.append(Problem("body", "text_too_long", {"max": BODY_MAX, "length": len(body)}))
    if len(title) > TITLE_MAX:
        problems.append(Problem("title", "text_too_long", {"max": TITLE_MAX, "length": len(title)}))
    if len(suggestion) > SUGGESTION_MAX:
        problems.append(
            Problem("suggested_institution", "text_too_long", {"max": SUGGESTION_MAX, "length": len(suggestion)})
        )
    return problems


def _may_publish(contribution: Contribution, facts: Mapping[str, Any]) -> str | None:
    return None if contribution.public_body.strip() else "public_text_missing"


def _is_observed(contribution: Contribution, facts: Mapping[str, Any]) -> str | None:
    return None if contribution.reason_text and contribution.complete_by else "completion_unexplained"


def _is_explained(contribution: Contribution, facts: Mapping[str, Any]) -> str | None:
    return None if contribution.reason and contribution.reason_text else "rejection_unexplained"


def _may_appeal(contribution: Contribution, facts: Mapping[str, Any]) -> str | None:
    if facts["appealed_before"]:
        return "appealed_already"
    return "results_are_public" if contribution.plan.has_results else None


def _may_withdraw(contribution: Contribution, facts: Mapping[str, Any]) -> str | None:
    """Only while every proposal it feeds is still `received` and none is the main one of a merge."""
    return "already_processed" if facts["in_process"] else None


_S, _MODERATE = ContributionState, Permission.CONTRIBUTION_MODERATE
CONTRIBUTION_STATES = StateMachine(
    Contribution,
    (
        Transition(None, _S.PENDING, None),
        Transition(None, _S.PUBLISHED, None, _may_publish),
        Transition(_S.PENDING, _S.PUBLISHED, _MODERATE, _may_publish),
        Transition(_S.PENDING, _S.OBSERVED, _MODERATE, _is_observed),
        Transition(_S.OBSERVED, _S.PENDING, Permission.CONTRIBUTION_COMPLETE),
        Transition(_S.PENDING, _S.REJECTED, _MODERATE, _is_explained),
        Transition(_S.OBSERVED, _S.REJECTED, _MODERATE, _is_explained),
        Transition(_S.REJECTED, _S.PENDING, Permission.CONTRIBUTION_COMPLETE, _may_appeal),
        Transition(_S.PUBLISHED, _S.HIDDEN, _MODERATE, _is_explained),
        Transition(_S.HIDDEN, _S.PUBLISHED, _MODERATE, needs_reason=True),
        Transition(_S.PENDING, _S.WITHDRAWN, Permission.CONTRIBUTION_WITHDRAW, _may_withdraw),
        Transition(_S.OBSERVED, _S.WITHDRAWN, Permission.CONTRIBUTION_WITHDRAW, _may_withdraw),
        Transition(_S.PUBLISHED, _S.WITHDRAWN, Permission.CONTRIBUTION_WITHDRAW, _may_withdraw),
        Transition(_S.HIDDEN, _S.WITHDRAWN, Permission.CONTRIBUTION_WITHDRAW, _may_withdraw),
    ),
)
