"""What a commitment may become, and the SMART check, letter by letter."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from consulta.commitments.models import Commitment, CommitmentSource, CommitmentState, Grade, OpenGovernmentValue
from consulta.permissions import Permission
from consulta.plans.models import Plan
from consulta.states import StateMachine, Transition

LONG_TEXT_MIN = 80
SHORT_TEXT_MIN = 40
MILESTONES_MIN = 2
# Technology counts only in addition to one of these.
_CORE = (OpenGovernmentValue.TRANSPARENCY, OpenGovernmentValue.PARTICIPATION, OpenGovernmentValue.ACCOUNTABILITY)
CORE_VALUES = frozenset(value.value for value in _CORE)


@dataclass(frozen=True)
class Letter:
    """One letter of the check: what it asks that holds, and what is missing, as codes."""

    letter: str
    present: tuple[str, ...]
    missing: tuple[str, ...]

    @property
    def grade(self) -> Grade:
        if not self.missing:
            return Grade.COMPLETE
        return Grade.PARTIAL if self.present else Grade.EMPTY


def _letter(letter: str, conditions: Mapping[str, bool]) -> Letter:
    present = tuple(code for code, holds in conditions.items() if holds)
    return Letter(letter, present, tuple(code for code in conditions if code not in present))


def smart_check(commitment: Commitment, plan: Plan) -> tuple[Letter, ...]:
    """The five letters; deterministic, from the commitment alone. Every named actor is a registered institution."""
    return (
        _specific(commitment),
        _measurable(commitment),
        _answerable(commitment),
        _relevant(commitment),
        _time_bound(commitment, plan),
    )


def is_smart(commitment: Commitment, plan: Plan) -> bool:
    return all(letter.grade is Grade.COMPLETE for letter in smart_check(commitment, plan))


def _specific(c: Commitment) -> Letter:
    return _letter(
        "S",
        {
            "name": len(c.name.strip()) >= 10,
            "problem": len(c.problem.strip()) >= LONG_TEXT_MIN,
            "description": len(c.description.strip()) >= LONG_TEXT_MIN,
            "distinct_texts": bool(c.problem.strip()) and c.problem.strip() != c.description.strip(),
            "deliverable": any(m.deliverable.strip() for m in c.milestones),
        },
    )


def _measurable(c: Commitment) -> Letter:
    return _letter(
        "M",
        {
            "two_milestones": len(c.milestones) >= MILESTONES_MIN,
            "verification": bool(c.milestones)
            and all(m.deliverable.strip() and m.verification.strip() for m in c.milestones),
            "indicator": any(
                i.name.strip() and (i.no_baseline or (i.baseline or "").strip()) and i.target.strip() and i.unit.strip()
                for i in c.indicators
            ),
        },
    )


def _answerable(c: Commitment) -> Letter:
    return _letter(
        "A",
        {
            "lead": c.lead_institution_id is not None,
            "post": bool(c.contact_post.strip()),
            "email": bool(c.contact_email.strip()),
        },
    )


def _relevant(c: Commitment) -> Letter:
    return _letter(
        "R",
        {
            "values": bool(CORE_VALUES.intersection(c.values)),
            "relevance": len(c.relevance.strip()) >= SHORT_TEXT_MIN,
            "contribution": len(c.contribution.strip()) >= SHORT_TEXT_MIN,
            "origin": c.source is CommitmentSource.INSTITUTIONAL or bool(c.proposal_links),
        },
    )


def _time_bound(c: Commitment, plan: Plan) -> Letter:
    start, end = c.start_on, c.end_on
    dated = start is not None and end is not None and start <= end
    inside = bool(start and end and dated and plan.period_start_on <= start and end <= plan.period_end_on)
    milestones_inside = bool(
        start
        and end
        and c.milestones
        and all(m.start_on and m.end_on and start <= m.start_on <= m.end_on <= end for m in c.milestones)
    )
    return _letter("T", {"dates": dated, "inside_plan": inside, "milestones_inside": milestones_inside})


def _is_smart(commitment: Commitment, facts: Mapping[str, Any]) -> str | None:
    return None if is_smart(commitment, commitment.plan) else "not_smart"


def _is_observed(commitment: Commitment, facts: Mapping[str, Any]) -> str | None:
    return None if commitment.observation else "observation_missing"


def _leaves_none_alone(commitment: Commitment, facts: Mapping[str, Any]) -> str | None:
    """Dropping must not leave a published inclusion without a commitment."""
    return "only_commitment" if facts["orphaned_count"] else None


_S, _EDIT, _VALIDATE = CommitmentState, Permission.COMMITMENT_EDIT, Permission.COMMITMENT_VALIDATE
COMMITMENT_STATES = StateMachine(
    Commitment,
    (
        Transition(None, _S.DRAFT, _EDIT),
        Transition(_S.DRAFT, _S.INSTITUTION_REVIEW, _EDIT),
        Transition(_S.OBSERVED, _S.INSTITUTION_REVIEW, _EDIT),
        Transition(_S.INSTITUTION_REVIEW, _S.OBSERVED, _VALIDATE, _is_observed),
        Transition(_S.INSTITUTION_REVIEW, _S.VALIDATED, _VALIDATE, _is_smart),
        Transition(_S.VALIDATED, _S.DRAFT, _EDIT),
        Transition(_S.VALIDATED, _S.APPROVED, Permission.PLAN_APPROVE),
        Transition(_S.DRAFT, _S.DROPPED, _EDIT, _leaves_none_alone, needs_reason=True),
        Transition(_S.INSTITUTION_REVIEW, _S.DROPPED, _EDIT, _leaves_none_alone, needs_reason=True),
        Transition(_S.OBSERVED, _S.DROPPED, _EDIT, _leaves_none_alone, needs_reason=True),
        Transition(_S.VALIDATED, _S.DROPPED, _EDIT, _leaves_none_alone, needs_reason=True),
    ),
)
