"""Systematising: the final topic and the one-line summary of a proposal. People's words are never touched."""

from collections.abc import Mapping

from sqlalchemy.orm import Session

from consulta.changes import transaction
from consulta.errors import Invalid, NotInThisState, Problem
from consulta.people.actors import Actor
from consulta.proposals.models import SUMMARY_MAX, SUMMARY_MIN, Proposal, ProposalState
from consulta.proposals.moves import lock_for_systematization, refresh, topic_of_plan
from consulta.text import clean_line

# After systematising, topic and summary may be corrected until the decision.
CORRECTABLE = (ProposalState.SYSTEMATIZED, ProposalState.FORWARDED)
MOVABLE = (ProposalState.RECEIVED, *CORRECTABLE)


def check_summary(summary: str) -> list[Problem]:
    """What is wrong with a cleaned summary."""
    if not summary:
        return [Problem("summary", "summary_missing")]
    if len(summary) < SUMMARY_MIN:
        return [Problem("summary", "text_too_short", {"min": SUMMARY_MIN, "length": len(summary)})]
    if len(summary) > SUMMARY_MAX:
        return [Problem("summary", "text_too_long", {"max": SUMMARY_MAX, "length": len(summary)})]
    return []


def systematize_proposal(
    session: Session, *, actor: Actor, proposal_id: int, version: int | None, topic_id: int, summary: str
) -> Proposal:
    """Give a received proposal its final topic and its summary; where it was received stays as it was."""
    summary = clean_line(summary)
    if problems := check_summary(summary):
        raise Invalid(*problems)
    with transaction(session, actor=actor) as change:
        (proposal,) = lock_for_systematization(change, (proposal_id, version))
        if proposal.state is not ProposalState.RECEIVED:
            raise NotInThisState(proposal, ProposalState.SYSTEMATIZED)
        earlier = proposal.topic_final
        proposal.topic_final = topic_of_plan(change, topic_id, proposal.plan_id)
        proposal.topic_final_id, proposal.summary = topic_id, summary
        change.move(proposal, ProposalState.SYSTEMATIZED, topic=proposal.topic_final.code, summary=summary)
        refresh(change, proposal, earlier)
    return proposal


def correct_proposal(
    session: Session, *, actor: Actor, proposal_id: int, version: int | None, topic_id: int, summary: str
) -> Proposal:
    """Change topic or summary afterwards; the log keeps what they were."""
    summary = clean_line(summary)
    if problems := check_summary(summary):
        raise Invalid(*problems)
    with transaction(session, actor=actor) as change:
        (proposal,) = lock_for_systematization(change, (proposal_id, version))
        if proposal.state not in CORRECTABLE:
            raise NotInThisState(proposal, ProposalState.SYSTEMATIZED)
        earlier, before = proposal.topic_final, proposal.summary
        proposal.topic_final = topic_of_plan(change, topic_id, proposal.plan_id)
        proposal.topic_final_id, proposal.summary = topic_id, summary
        change.edit(
            proposal,
            "proposal.correct",
            topic=[earlier.code if earlier else None, proposal.topic_final.code],
            summary=[before, summary],
        )
        refresh(change, proposal, earlier)
    return proposal


def move_to_topic(
    session: Session, *, actor: Actor, versions: Mapping[int, int | None], topic_id: int
) -> list[Proposal]:
    """Give several proposals the same final topic, all or none; `versions` are those shown, by proposal id."""
    if not versions:
        raise Invalid(Problem("chosen", "nothing_chosen"))
    with transaction(session, actor=actor) as change:
        proposals = lock_for_systematization(change, *versions.items())
        for proposal in proposals:
            if proposal.state not in MOVABLE:
                raise NotInThisState(proposal, proposal.state)
            earlier = proposal.topic_final
            topic = topic_of_plan(change, topic_id, proposal.plan_id)
            proposal.topic_final, proposal.topic_final_id = topic, topic_id
            change.edit(proposal, "proposal.change_topic", topic=[earlier.code if earlier else None, topic.code])
            refresh(change, proposal, earlier)
    return proposals
