"""What the coordinator does with referrals: send, extend, cancel, mark as without answer."""

from collections.abc import Collection, Sequence
from datetime import date

import sqlalchemy as sa
from sqlalchemy.orm import Session

from consulta import clock, receipts
from consulta.changes import Change, transaction
from consulta.errors import GuardRefused, Invalid, NotFound, Problem
from consulta.folios import DISPATCH
from consulta.people.actors import Actor
from consulta.people.models import Institution
from consulta.permissions import Permission
from consulta.plans.models import Holiday, Plan
from consulta.plans.rules import Work, add_working_days
from consulta.proposals.models import Proposal, ProposalState
from consulta.referrals.models import ENDED_WITHOUT_ANSWER, Dispatch, Referral, ReferralState
from consulta.referrals.moves import claim_form, lock_referral, mark_stale, release_proposal, require_work
from consulta.referrals.rules import can_receive, check_dispatch, check_due_date, check_reason, refuse_extension
from consulta.text import clean

SENDABLE = (ProposalState.SYSTEMATIZED, ProposalState.FORWARDED)


def dispatch_proposals(
    session: Session,
    *,
    actor: Actor,
    plan_id: int,
    proposal_ids: Collection[int],
    institution_ids: Collection[int],
    cover_text: str,
    due_on: date | None = None,
    form_key: str | None = None,
    external_ref: str | None = None,
) -> list[Dispatch]:
    """Send every proposal to every institution: one letter each, carrying a referral per proposal.

    Without `due_on` the term of the plan counts from today. Raises Invalid, NotFound, NotAllowed, NotNow, KeyReused,
    or GuardRefused when a proposal cannot be sent or already is at one of the institutions.
    """
    cover_text = clean(cover_text)
    wanted, receivers = sorted(set(proposal_ids)), sorted(set(institution_ids))
    problems = check_dispatch(proposal_count=len(wanted), institution_count=len(receivers), cover_text=cover_text)
    if problems:
        raise Invalid(*problems)
    digest = receipts.digest_of(plan=plan_id, proposals=wanted, institutions=receivers, cover=cover_text, due=due_on)
    with transaction(session, actor=actor) as change:
        change.require(Permission.PROPOSAL_REFER)
        receipt = claim_form(change, form_key, digest)
        if receipt is not None and receipt.reference:
            return _by_folio(session, receipt.reference.split())
        proposals = _lock_proposals(change, plan_id, wanted)
        plan = change.lock(Plan, plan_id)
        require_work(change, plan, Work.REFER)
        institutions = _receivers(change, receivers)
        due = _due_date(change, plan, due_on)
        _refuse_doubles(change, proposals, institutions)
        dispatches = [_send(change, plan, place, proposals, cover_text, due, external_ref) for place in institutions]
        for proposal in proposals:
            if proposal.state is ProposalState.SYSTEMATIZED:
                change.move(proposal, ProposalState.FORWARDED, facts={"sent_count": len(dispatches)})
            change.mail("proposal_forwarded", proposal_id=proposal.id)
            change.index(proposal)
        mark_stale(change, plan, proposals)
        if receipt is not None:
            receipt.reference = " ".join(dispatch.folio for dispatch in dispatches)
    return dispatches


def extend_referral(
    session: Session, *, actor: Actor, referral_id: int, version: int | None, due_on: date, reason: str
) -> Referral:
    """Give one later date, once, with a reason. Raises Invalid or GuardRefused."""
    reason = clean(reason)
    if problems := check_reason(reason=reason):
        raise Invalid(*problems)
    with transaction(session, actor=actor, reason=reason) as change:
        referral = lock_referral(
            change, referral_id, seen=version, permission=Permission.PROPOSAL_REFER, work=Work.REFER
        )
        if missing := refuse_extension(referral):
            raise GuardRefused(missing)
        before, today = referral.due_on, clock.local_date(change.now)
        if problems := check_due_date(due_on=due_on, today=today, holidays=_holidays(change), after=before):
            raise Invalid(*problems)
        referral.due_on, referral.extended_from, referral.extension_reason = due_on, before, reason
        change.edit(referral, "referral.extended", before=before.isoformat(), after=due_on.isoformat())
        mark_stale(change, referral.proposal.plan, [referral.proposal])
    return referral


def cancel_referral(session: Session, *, actor: Actor, referral_id: int, version: int | None, reason: str) -> Referral:
    """Take a referral back before it is answered; a proposal that nobody has left can be sent again."""
    reason = clean(reason)
    if problems := check_reason(reason=reason):
        raise Invalid(*problems)
    with transaction(session, actor=actor, reason=reason) as change:
        referral = lock_referral(
            change, referral_id, seen=version, permission=Permission.PROPOSAL_REFER, work=Work.REFER
        )
        change.move(referral, ReferralState.CANCELLED)
        referral.ended_at = change.now
        release_proposal(change, referral.proposal)
        mark_stale(change, referral.proposal.plan, [referral.proposal])
        change.index(referral.proposal)
    return referral


def mark_no_answer(session: Session, *, actor: Actor, referral_id: int, version: int | None) -> Referral:
    """Stop waiting for an institution whose term is over; a late answer still replaces this."""
    with transaction(session, actor=actor) as change:
        referral = lock_referral(
            change, referral_id, seen=version, permission=Permission.PROPOSAL_REFER, work=Work.REFER
        )
        change.move(referral, ReferralState.NO_ANSWER, facts={"today": clock.local_date(change.now)})
        referral.ended_at = change.now
        mark_stale(change, referral.proposal.plan, [referral.proposal])
    return referral


def _by_folio(session: Session, folios: Sequence[str]) -> list[Dispatch]:
    return list(session.scalars(sa.select(Dispatch).where(Dispatch.folio.in_(folios)).order_by(Dispatch.id)))


def _lock_proposals(change: Change, plan_id: int, proposal_ids: Sequence[int]) -> list[Proposal]:
    """The proposals to send, locked in one statement and in one order."""
    proposals = list(
        change.session.scalars(
            sa.select(Proposal)
            .where(Proposal.id.in_(proposal_ids), Proposal.plan_id == plan_id)
            .order_by(Proposal.id)
            .with_for_update()
            .execution_options(populate_existing=True)
        )
    )
    if len(proposals) != len(proposal_ids):
        raise NotFound("Proposal", proposal_ids)
    unsendable = [proposal.folio for proposal in proposals if proposal.state not in SENDABLE]
    if unsendable:
        raise GuardRefused("not_sendable", {"folios": ", ".join(unsendable)})
    return proposals


def _receivers(change: Change, institution_ids: Sequence[int]) -> list[Institution]:
    today = clock.local_date(change.now)
    found = change.session.scalars(
        sa.select(Institution).where(Institution.id.in_(institution_ids)).order_by(Institution.code)
    ).all()
    if len(found) != len(institution_ids) or not all(can_receive(institution, today) for institution in found):
        raise Invalid(Problem("institutions", "institution_unavailable"))
    return list(found)


def _holidays(change: Change) -> frozenset[date]:
    return frozenset(change.session.scalars(sa.select(Holiday.on)))


def _due_date(change: Change, plan: Plan, asked: date | None) -> date:
    today, holidays = clock.local_date(change.now), _holidays(change)
    due_on = asked or add_working_days(today, plan.response_days, holidays)
    if problems := check_due_date(due_on=due_on, today=today, holidays=holidays):
        raise Invalid(*problems)
    return due_on


def _refuse_doubles(change: Change, proposals: Sequence[Proposal], institutions: Sequence[Institution]) -> None:
    """Never two live referrals of one proposal at one institution; the unique index stands behind this."""
    rows = change.session.execute(
        sa.select(Proposal.folio, Institution.code)
        .join(Referral, Referral.proposal_id == Proposal.id)
        .join(Institution, Institution.id == Referral.institution_id)
        .where(
            Proposal.id.in_([proposal.id for proposal in proposals]),
            Institution.id.in_([institution.id for institution in institutions]),
            Referral.state.not_in(ENDED_WITHOUT_ANSWER),
        )
        .order_by(Proposal.folio, Institution.code)
    ).all()
    if rows:
        pairs = "; ".join(f"{row.folio}, {row.code}" for row in rows)
        raise GuardRefused("already_referred", {"pairs": pairs})


def _send(
    change: Change,
    plan: Plan,
    institution: Institution,
    proposals: Sequence[Proposal],
    cover_text: str,
    due_on: date,
    external_ref: str | None,
) -> Dispatch:
    """One letter with its referrals, sent at once."""
    reference = f"{external_ref}/{institution.code}" if external_ref else None
    dispatch = Dispatch(
        folio=change.folio(DISPATCH),
        plan_id=plan.id,
        institution_id=institution.id,
        cover_text=cover_text,
        sent_at=change.now,
        sent_by_id=change.actor.person_id,
        due_on=due_on,
        external_ref=reference,
    )
    change.create(dispatch, "dispatch.sent", institution=institution.code, referrals=len(proposals))
    for proposal in proposals:
        referral = Referral(
            dispatch_id=dispatch.id,
            proposal_id=proposal.id,
            institution_id=institution.id,
            state=ReferralState.PENDING_SEND,
            due_on=due_on,
            external_ref=f"{reference}/{proposal.external_ref or proposal.folio}" if reference else None,
        )
        change.create(referral, "referral.created", dispatch=dispatch.folio)
        change.move(referral, ReferralState.SENT, dispatch=dispatch.folio)
        referral.sent_at = change.now
    change.mail("referral_dispatched", dispatch_id=dispatch.id)
    return dispatch
