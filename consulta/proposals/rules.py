"""What a proposal may become, and what the public sees of it before results are published."""

from collections.abc import Mapping
from typing import Any

from consulta.contributions.models import ContributionState
from consulta.permissions import Permission
from consulta.proposals.models import Proposal, ProposalState
from consulta.states import StateMachine, Transition

# States in which a proposal counts as admitted once its source is moderated.
ADMITTED = (
    ProposalState.RECEIVED,
    ProposalState.SYSTEMATIZED,
    ProposalState.MERGED,
    ProposalState.FORWARDED,
    ProposalState.DECIDED,
)


def public_state(proposal: Proposal, *, was_referred: bool) -> ProposalState:
    """The state that may be shown: until results are public, a decided one reads as before its decision."""
    if proposal.state is ProposalState.DECIDED and not proposal.plan.has_results:
        return ProposalState.FORWARDED if was_referred else ProposalState.SYSTEMATIZED
    return proposal.state


def has_published_source(proposal: Proposal) -> bool:
    """Hiding a source later keeps the proposal admitted, so a hidden one counts as published here."""
    return any(s.state in (ContributionState.PUBLISHED, ContributionState.HIDDEN) for s in proposal.sources)


def _can_be_systematized(proposal: Proposal, facts: Mapping[str, Any]) -> str | None:
    if not has_published_source(proposal):
        return "source_unpublished"
    return None if proposal.topic_final_id and proposal.summary else "systematization_incomplete"


def _can_be_merged(proposal: Proposal, facts: Mapping[str, Any]) -> str | None:
    main: Proposal = facts["main"]
    if main.id == proposal.id:
        return "merge_with_itself"
    if main.plan_id != proposal.plan_id:
        return "merge_across_plans"
    if not has_published_source(proposal) or not has_published_source(main):
        return "source_unpublished"
    if main.state in (ProposalState.MERGED, ProposalState.VOIDED, ProposalState.INADMISSIBLE, ProposalState.WITHDRAWN):
        return "main_not_available"
    return "is_main_of_others" if facts["merged_count"] else None


def _can_be_unmerged(proposal: Proposal, facts: Mapping[str, Any]) -> str | None:
    if proposal.plan.has_results:
        return "results_are_public"
    return None if proposal.topic_final_id and proposal.summary else "systematization_incomplete"


def _only_extra_source(proposal: Proposal, facts: Mapping[str, Any]) -> str | None:
    if facts["merged_count"]:
        return "is_main_of_others"
    return None if facts["undoes_split_or_take"] else "not_a_split_or_take"


def _was_sent(proposal: Proposal, facts: Mapping[str, Any]) -> str | None:
    return None if facts["sent_count"] else "nothing_sent"


def _none_live(proposal: Proposal, facts: Mapping[str, Any]) -> str | None:
    return "referral_live" if facts["live_count"] else None


def _can_be_decided(proposal: Proposal, facts: Mapping[str, Any]) -> str | None:
    return "referrals_pending" if facts["pending_count"] else None


def _outside_competence(proposal: Proposal, facts: Mapping[str, Any]) -> str | None:
    return None if facts["excluded_without_institution"] else "needs_institution"


def _results_private(proposal: Proposal, facts: Mapping[str, Any]) -> str | None:
    return "results_are_public" if proposal.plan.has_results else None


_S, _SYSTEMATIZE, _DECIDE = ProposalState, Permission.PROPOSAL_SYSTEMATIZE, Permission.PROPOSAL_DECIDE
PROPOSAL_STATES = StateMachine(
    Proposal,
    (
        Transition(None, _S.RECEIVED, None),
        Transition(_S.RECEIVED, _S.INADMISSIBLE, None),
        Transition(_S.INADMISSIBLE, _S.RECEIVED, None),
        Transition(_S.RECEIVED, _S.WITHDRAWN, None),
        Transition(_S.RECEIVED, _S.SYSTEMATIZED, _SYSTEMATIZE, _can_be_systematized),
        Transition(_S.RECEIVED, _S.MERGED, _SYSTEMATIZE, _can_be_merged),
        Transition(_S.SYSTEMATIZED, _S.MERGED, _SYSTEMATIZE, _can_be_merged),
        Transition(_S.RECEIVED, _S.VOIDED, _SYSTEMATIZE, _only_extra_source, needs_reason=True),
        Transition(_S.SYSTEMATIZED, _S.VOIDED, _SYSTEMATIZE, _only_extra_source, needs_reason=True),
        Transition(_S.MERGED, _S.SYSTEMATIZED, _SYSTEMATIZE, _can_be_unmerged, needs_reason=True),
        Transition(_S.SYSTEMATIZED, _S.FORWARDED, None, _was_sent),
        Transition(_S.FORWARDED, _S.SYSTEMATIZED, None, _none_live),
        Transition(_S.FORWARDED, _S.DECIDED, _DECIDE, _can_be_decided),
        Transition(_S.SYSTEMATIZED, _S.DECIDED, _DECIDE, _outside_competence),
        Transition(_S.DECIDED, _S.FORWARDED, _DECIDE, _results_private, needs_reason=True),
        Transition(_S.DECIDED, _S.SYSTEMATIZED, _DECIDE, _results_private, needs_reason=True),
    ),
)
