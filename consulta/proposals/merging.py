"""Merging: several proposals that ask the same follow one main proposal, and the way back.

Only `main_proposal` changes: the sources stay where people wrote them, and every author is told.
"""

from collections.abc import Mapping

from sqlalchemy.orm import Session

from consulta.changes import transaction
from consulta.errors import Invalid, Problem
from consulta.follows.models import EventKind
from consulta.people.actors import Actor
from consulta.proposals.models import Proposal, ProposalState
from consulta.proposals.moves import lock_for_systematization, merged_count, refresh, topic_of_plan
from consulta.proposals.services import check_summary
from consulta.text import clean, clean_line


def merge_proposals(
    session: Session, *, actor: Actor, main_id: int, main_version: int | None, versions: Mapping[int, int | None]
) -> Proposal:
    """Merge proposals (`versions` are those shown, by id) into a main one, all or none."""
    if not versions:
        raise Invalid(Problem("chosen", "nothing_chosen"))
    keys = {**versions, main_id: main_version}
    with transaction(session, actor=actor) as change:
        locked = dict(zip(keys, lock_for_systematization(change, *keys.items()), strict=True))
        main = locked[main_id]
        for proposal in (locked[key] for key in versions):
            facts = {"main": main, "merged_count": merged_count(change, proposal)}
            change.move(proposal, ProposalState.MERGED, facts=facts, main=main.folio)
            proposal.main_proposal_id = main.id
            session.flush()
            change.mail("proposal_merged", proposal_id=proposal.id, main_id=main.id)
            change.tell(EventKind.PROPOSAL_MERGED, proposal)
            refresh(change, proposal)
        change.edit(main, "proposal.receive_merge", merged=[locked[key].folio for key in versions])
        refresh(change, main)
    return main


def unmerge_proposal(
    session: Session,
    *,
    actor: Actor,
    proposal_id: int,
    version: int | None,
    reason: str,
    topic_id: int | None = None,
    summary: str = "",
) -> Proposal:
    """Undo a merge; a proposal that was never systematised needs its topic and summary now."""
    summary, reason = clean_line(summary), clean(reason)
    problems = [] if reason else [Problem("reason", "reason_missing")]
    if summary:
        problems += check_summary(summary)
    if problems:
        raise Invalid(*problems)
    main_id = _main_of(session, proposal_id)
    with transaction(session, actor=actor, reason=reason) as change:
        keys = [(proposal_id, version)] + ([(main_id, None)] if main_id and main_id != proposal_id else [])
        proposal, *others = lock_for_systematization(change, *keys)
        earlier = proposal.topic_final
        if topic_id is not None:
            proposal.topic_final = topic_of_plan(change, topic_id, proposal.plan_id)
            proposal.topic_final_id = topic_id
        proposal.summary = summary or proposal.summary
        if proposal.state is ProposalState.MERGED:
            _insist_on_topic_and_summary(proposal)
        main_folio = others[0].folio if others else None
        change.move(proposal, ProposalState.SYSTEMATIZED, act="proposal.unmerge", main=main_folio)
        proposal.main_proposal = None
        proposal.main_proposal_id = None
        session.flush()
        refresh(change, proposal, earlier)
        for main in others:
            change.mail("proposal_unmerged", proposal_id=proposal.id, main_id=main.id)
            change.tell(EventKind.PROPOSAL_UNMERGED, proposal)
            change.edit(main, "proposal.lose_merge", unmerged=proposal.folio)
            refresh(change, main)
    return proposal


def _main_of(session: Session, proposal_id: int) -> int | None:
    """Read before the transaction, to lock both in order; the move judges again what it finds."""
    proposal = session.get(Proposal, proposal_id)
    return proposal.main_proposal_id if proposal else None


def _insist_on_topic_and_summary(proposal: Proposal) -> None:
    problems = [] if proposal.topic_final_id else [Problem("topic_final_id", "topic_missing")]
    problems += [] if proposal.summary else [Problem("summary", "summary_missing")]
    if problems:
        raise Invalid(*problems)
