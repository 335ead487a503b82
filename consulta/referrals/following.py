"""What the coordinator does with a referral after sending it: extend, cancel, mark as without answer."""

from datetime import date

from sqlalchemy.orm import Session

from consulta import clock
from consulta.changes import transaction
from consulta.errors import GuardRefused, Invalid
from consulta.people.actors import Actor
from consulta.permissions import Permission
from consulta.plans.rules import Work
from consulta.referrals.models import Referral, ReferralState
from consulta.referrals.moves import lock_referral, mark_stale, release_proposal
from consulta.referrals.queries import holidays
from consulta.referrals.rules import check_due_date, check_reason, refuse_extension
from consulta.text import clean


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
        if problems := check_due_date(due_on=due_on, today=today, holidays=holidays(session), after=before):
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
