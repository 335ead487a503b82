"""One contribution that asks several things, a reply that proposes something, and undoing either.

The topic's counters count what people posted, so none of this changes them.
"""

from sqlalchemy.orm import Session

from consulta import folios
from consulta.changes import Change, transaction
from consulta.contributions.models import TITLE_MAX, Contribution, ContributionState
from consulta.contributions.moves import lock_contribution
from consulta.errors import GuardRefused, Invalid, Problem
from consulta.people.actors import Actor
from consulta.plans.rules import check_line
from consulta.proposals.models import Proposal, ProposalSource, ProposalState
from consulta.proposals.moves import first_proposal_id, insist_on_work, lock_for_systematization, merged_count, refresh
from consulta.text import clean, clean_line


def split_contribution(
    session: Session,
    *,
    actor: Actor,
    contribution_id: int,
    title: str,
    form_key: str | None = None,
    external_ref: str | None = None,
) -> Proposal:
    """Make another proposal of a contribution that asks several things; it counts, and shares the source."""
    return _make_another(
        session,
        actor=actor,
        contribution_id=contribution_id,
        title=title,
        act="proposal.split",
        form_key=form_key,
        external_ref=external_ref,
    )


def take_reply(
    session: Session,
    *,
    actor: Actor,
    contribution_id: int,
    title: str,
    form_key: str | None = None,
    external_ref: str | None = None,
) -> Proposal:
    """Make a proposal of a published reply; it counts in the channel of the reply."""
    return _make_another(
        session,
        actor=actor,
        contribution_id=contribution_id,
        title=title,
        act="proposal.take",
        form_key=form_key,
        external_ref=external_ref,
    )


def void_proposal(session: Session, *, actor: Actor, proposal_id: int, version: int | None, reason: str) -> Proposal:
    """Undo a split or a take: the proposal stays listed, outside every count, and its source stays in place."""
    reason = clean(reason)
    if not reason:
        raise Invalid(Problem("reason", "reason_missing"))
    with transaction(session, actor=actor, reason=reason) as change:
        (proposal,) = lock_for_systematization(change, (proposal_id, version))
        source = proposal.first_source
        facts = {
            "undoes_split_or_take": source.is_reply or first_proposal_id(change, source) != proposal.id,
            "merged_count": merged_count(change, proposal),
        }
        change.move(proposal, ProposalState.VOIDED, facts=facts)
        refresh(change, proposal)
    return proposal


def _make_another(
    session: Session,
    *,
    actor: Actor,
    contribution_id: int,
    title: str,
    act: str,
    form_key: str | None,
    external_ref: str | None,
) -> Proposal:
    title = clean_line(title)
    if problems := check_line("title", title, TITLE_MAX):
        raise Invalid(*problems)
    with transaction(session, actor=actor) as change:
        source = lock_contribution(change, contribution_id)
        content = {"act": act, "contribution": contribution_id, "title": title}
        claim = change.claim(form_key, **content)
        if claim.earlier:
            return change.lock(Proposal, int(claim.earlier))
        insist_on_work(change, source.plan_id)
        _judge_source(change, source, taking=act == "proposal.take")
        proposal = _new_proposal(change, source, title, act, external_ref)
        claim.fill(proposal.id)
    return proposal


def _judge_source(change: Change, source: Contribution, *, taking: bool) -> None:
    if source.state is not ContributionState.PUBLISHED:
        raise GuardRefused("source_unpublished")
    is_a_source = first_proposal_id(change, source) is not None
    if taking and not source.is_reply:
        raise GuardRefused("not_a_reply")
    if taking and is_a_source:
        raise GuardRefused("reply_is_proposal")
    if not taking and not is_a_source:
        raise GuardRefused("not_a_source")


def _new_proposal(change: Change, source: Contribution, title: str, act: str, external_ref: str | None) -> Proposal:
    proposal = Proposal(
        folio=change.folio(folios.PROPOSAL),
        plan_id=source.plan_id,
        topic_received_id=source.topic_id,
        channel=source.channel,
        received_at=source.received_at,
        late=source.late,
        title=title,
        external_ref=external_ref,
        state=ProposalState.RECEIVED,
        source_links=[ProposalSource(contribution_id=source.id, position=1)],
    )
    change.create(proposal, act, folio=proposal.folio, contribution=source.id)
    refresh(change, proposal)
    return proposal
