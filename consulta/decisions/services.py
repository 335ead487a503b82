"""Deciding a proposal, and reopening a decision. Nothing of it is public, or told, before results are published."""

from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from consulta.changes import Change, transaction
from consulta.decisions.models import Decision, Outcome
from consulta.decisions.rules import check_decision, is_excluded_without_institution, must_name
from consulta.errors import GuardRefused, Invalid, NotInThisState
from consulta.people.actors import Actor
from consulta.permissions import Permission
from consulta.plans.rules import Work
from consulta.proposals.models import Proposal, ProposalState
from consulta.referrals.models import ENDED_WITHOUT_ANSWER, PENDING, Reason, Referral, Response
from consulta.referrals.moves import require_work
from consulta.referrals.rules import check_reason
from consulta.text import Sanitized, clean, clean_line, sanitize


@dataclass(frozen=True)
class _Wording:
    """What was typed, cleaned and checked."""

    outcome: Outcome
    reasons: tuple[Reason, ...]
    reason_detail: str
    justification: str
    justification_html: Sanitized


def decide_proposal(
    session: Session,
    *,
    actor: Actor,
    proposal_id: int,
    version: int | None,
    outcome: Outcome,
    reasons: Sequence[Reason] = (),
    reason_detail: str = "",
    justification: str,
    form_key: str | None = None,
    external_ref: str | None = None,
    provenance_note: str | None = None,
) -> Decision:
    """Decide with a public justification, which names every institution when their answers differ.

    Raises Invalid, StaleVersion, NotAllowed, NotNow, NotInThisState, KeyReused, or GuardRefused while an answer is
    awaited or when a proposal that no institution has is not left out for its scope or for lack of competence.
    """
    wording = _prepare(outcome, reasons, reason_detail, justification)
    with transaction(session, actor=actor) as change:
        change.require(Permission.PROPOSAL_DECIDE)
        claim = change.claim(
            form_key,
            proposal=proposal_id,
            outcome=outcome.value,
            reasons=[reason.value for reason in wording.reasons],
            detail=wording.reason_detail,
            justification=wording.justification,
        )
        if claim.earlier:
            return session.get_one(Decision, int(claim.earlier))
        proposal = change.lock(Proposal, proposal_id, seen=version)
        require_work(change, proposal.plan_id, Work.DECIDE)
        referrals = _referrals(change, proposal)
        facts = {
            "pending_count": sum(referral.state in PENDING for referral in referrals),
            "excluded_without_institution": is_excluded_without_institution(outcome, wording.reasons),
        }
        change.move(proposal, ProposalState.DECIDED, facts=facts)
        _check_named(wording, referrals)
        decision = _add_decision(change, proposal, wording)
        decision.external_ref, decision.provenance_note = external_ref, provenance_note
        claim.fill(decision.id)
    return decision


def reopen_decision(session: Session, *, actor: Actor, proposal_id: int, version: int | None, reason: str) -> Proposal:
    """Take a decision back before results are published; it stays in the history of the proposal."""
    reason = clean(reason)
    if problems := check_reason(reason=reason):
        raise Invalid(*problems)
    with transaction(session, actor=actor, reason=reason) as change:
        change.require(Permission.PROPOSAL_DECIDE)
        proposal = change.lock(Proposal, proposal_id, seen=version)
        if proposal.plan.has_results:
            raise GuardRefused("results_are_public")
        require_work(change, proposal.plan_id, Work.DECIDE)
        has_referrals = any(r.state not in ENDED_WITHOUT_ANSWER for r in _referrals(change, proposal))
        target = ProposalState.FORWARDED if has_referrals else ProposalState.SYSTEMATIZED
        if proposal.state is not ProposalState.DECIDED:
            raise NotInThisState(proposal, target)  # there are automatic moves to both states that are not this act
        change.move(proposal, target, act="proposal.reopened")
        decision = change.session.scalars(
            sa.select(Decision).where(Decision.proposal_id == proposal.id, Decision.superseded_at.is_(None))
        ).one()
        decision.superseded_at = change.now
        change.record("decision.superseded", decision)
    return proposal


def _prepare(outcome: Outcome, reasons: Sequence[Reason], detail: str, justification: str) -> _Wording:
    """Reasons say why something is left out, so a full inclusion has none."""
    justification, detail = clean(justification), clean_line(detail)
    if outcome is Outcome.INCLUDED:
        reasons, detail = (), ""
    if problems := check_decision(outcome=outcome, justification=justification, reasons=reasons, detail=detail):
        raise Invalid(*problems)
    return _Wording(outcome, tuple(reasons), detail, justification, sanitize(justification))


def _referrals(change: Change, proposal: Proposal) -> list[Referral]:
    """Every referral of the proposal with its institution and answers; who changes one locks the proposal first."""
    return list(
        change.session.scalars(
            sa.select(Referral)
            .where(Referral.proposal_id == proposal.id)
            .order_by(Referral.id)
            .options(sa.orm.selectinload(Referral.institution), sa.orm.selectinload(Referral.responses))
        )
    )


def _check_named(wording: _Wording, referrals: Sequence[Referral]) -> None:
    """Raise Invalid unless the justification names every institution, when their answers differ."""
    answers: list[Response] = [referral.response for referral in referrals if referral.response is not None]
    problems = check_decision(
        outcome=wording.outcome,
        justification=wording.justification,
        reasons=wording.reasons,
        detail=wording.reason_detail,
        must_name=must_name([(answer.referral.institution, answer.outcome) for answer in answers]),
    )
    if problems:
        raise Invalid(*problems)


def _add_decision(change: Change, proposal: Proposal, wording: _Wording) -> Decision:
    last = change.session.scalar(sa.select(sa.func.max(Decision.number)).where(Decision.proposal_id == proposal.id))
    decision = Decision(
        proposal_id=proposal.id,
        number=(last or 0) + 1,
        outcome=wording.outcome,
        reasons=[reason.value for reason in wording.reasons],
        reason_detail=wording.reason_detail or None,
        justification=wording.justification,
        justification_html=wording.justification_html,
        decided_by_id=change.actor.person_id,
        decided_at=change.now,
    )
    change.create(decision, "decision.taken", number=decision.number, outcome=wording.outcome.value)
    return decision
