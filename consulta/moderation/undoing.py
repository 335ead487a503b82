"""Taking an act back within seconds: everything is as it was, nobody was told, and the log tells both."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from consulta.changes import Change, transaction
from consulta.contributions.counters import recount
from consulta.contributions.models import Contribution, ContributionState, RejectionReason
from consulta.contributions.moderation import lock_in_order
from consulta.contributions.moves import fed_proposals, in_process, lock_frame, require_moderation
from consulta.contributions.reports import reopen_reports
from consulta.contributions.restoring import put_words_back
from consulta.contributions.rules import may_be_undone
from consulta.errors import GuardRefused, NotFound
from consulta.moderation.models import Act, ModerationAct
from consulta.moderation.rules import is_recent, work_of
from consulta.people.actors import Actor
from consulta.permissions import Permission
from consulta.proposals.models import Proposal, ProposalState


@dataclass(frozen=True)
class Undone:
    """What is as it was before, and what somebody changed meanwhile and so stays."""

    contributions: Sequence[Contribution]
    kept: Sequence[Contribution]


def undo_acts(session: Session, *, actor: Actor, batch: str) -> Undone:
    """Take back the acts of a batch. What was changed meanwhile stays as it is.

    Raises NotFound, and GuardRefused when nothing of it can be taken back any more.
    """
    with transaction(session, actor=actor) as change:
        change.require(Permission.CONTRIBUTION_MODERATE)
        statement = sa.select(ModerationAct).where(ModerationAct.batch == batch).order_by(ModerationAct.id)
        acts = [act for act in session.scalars(statement) if act.undone_at is None]
        if not acts:
            raise NotFound("ModerationAct", batch)
        locked = lock_in_order(change, [act.contribution_id for act in acts])
        undone, kept, refusal = [], [], "undo_changed"
        for act in acts:
            contribution = locked[act.contribution_id]
            missing = _undo(change, act, contribution)
            session.flush()
            if missing is None:
                undone.append(contribution)
            else:
                kept.append(contribution)
                refusal = missing
        if not undone:
            raise GuardRefused(refusal)
    return Undone(undone, kept)


def _undo(change: Change, act: ModerationAct, contribution: Contribution) -> str | None:
    """Take one act back, or say why not."""
    if contribution.version != act.version:
        return "undo_changed"
    require_moderation(change, contribution.plan, work_of(act.act))
    proposals = fed_proposals(change, contribution)
    plan, topic = lock_frame(change, contribution.plan_id, contribution.topic_id)
    facts = {
        "by_same_person": act.person_id is not None and act.person_id == change.actor.person_id,
        "in_time": is_recent(act.done_at, change.now) and change.is_waiting(act.hold_key),
        "in_use": act.act is Act.PUBLISH and _is_in_use(change.session, contribution, proposals),
    }
    state = contribution.state
    try:
        _move_back(change, act, contribution, proposals, facts)
    except GuardRefused as refusal:
        return refusal.code
    change.call_back(act.hold_key)
    reopen_reports(change, contribution, act.done_at)
    for proposal in proposals:
        if proposal.state is ProposalState.INADMISSIBLE:
            change.move(proposal, ProposalState.RECEIVED)
        change.index(proposal)
    recount(change, contribution, state)
    change.stale(plan, topic)
    act.undone_at = change.now
    return None


def _move_back(
    change: Change,
    act: ModerationAct,
    contribution: Contribution,
    proposals: Sequence[Proposal],
    facts: Mapping[str, Any],
) -> None:
    """State, reason, due date and words as they were."""
    before, name = act.before, "contribution.undo"
    state = ContributionState(before["state"])
    if state is contribution.state:
        if missing := may_be_undone(contribution, facts):
            raise GuardRefused(missing)
        put_words_back(change, contribution, proposals, act)
        change.edit(contribution, name, undone=act.act.value)
    else:
        change.move_back(contribution, state, act=name, facts=facts, undone=act.act.value)
        if act.act is Act.PUBLISH:
            contribution.published_at = None
    contribution.reason = RejectionReason(before["reason"]) if before["reason"] else None
    contribution.reason_text, contribution.held_for = before["reason_text"], before["held_for"]
    contribution.complete_by = date.fromisoformat(before["complete_by"]) if before["complete_by"] else None


def _is_in_use(session: Session, contribution: Contribution, proposals: Sequence[Proposal]) -> bool:
    """Whether somebody has answered or supported what was shown, or begun to work with it."""
    answers = sa.select(Contribution.id).where(Contribution.parent_id == contribution.id).limit(1)
    return contribution.support_count > 0 or in_process(session, proposals) or session.scalar(answers) is not None
