"""Sending proposals to institutions, and a look at what would be sent."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date

import sqlalchemy as sa
from sqlalchemy.orm import Session

from consulta import clock
from consulta.changes import Change, transaction
from consulta.errors import GuardRefused, Invalid, NotFound, NotNow, Problem
from consulta.folios import DISPATCH
from consulta.follows.models import EventKind
from consulta.people.actors import Actor
from consulta.people.models import Institution
from consulta.permissions import Permission
from consulta.plans.models import Plan
from consulta.plans.rules import Work, add_working_days, admits
from consulta.proposals.models import Proposal, ProposalState
from consulta.referrals.models import Dispatch, Referral, ReferralState
from consulta.referrals.moves import mark_stale, require_work
from consulta.referrals.queries import holidays, institutions_by_id, live_pairs
from consulta.referrals.rules import can_receive, check_dispatch, check_due_date
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
    _insist_on_letter(len(wanted), len(receivers), cover_text)
    content = {"plan": plan_id, "proposals": wanted, "institutions": receivers, "cover": cover_text, "due": due_on}
    with transaction(session, actor=actor) as change:
        change.require(Permission.PROPOSAL_REFER)
        claim = change.claim(form_key, **content)
        if claim.earlier:
            return _by_folio(session, claim.earlier.split())
        proposals = _lock_proposals(change, plan_id, wanted)
        plan = require_work(change, plan_id, Work.REFER)
        institutions, due = _judge(session, plan, proposals, receivers, due_on, clock.local_date(change.now))
        dispatches = [_send(change, plan, place, proposals, cover_text, due, external_ref) for place in institutions]
        for proposal in proposals:
            if proposal.state is ProposalState.SYSTEMATIZED:
                change.move(proposal, ProposalState.FORWARDED, facts={"sent_count": len(dispatches)})
            change.mail("proposal_forwarded", proposal_id=proposal.id)
            change.tell(EventKind.PROPOSAL_FORWARDED, proposal)
            change.index(proposal)
        mark_stale(change, plan, proposals)
        claim.fill(" ".join(dispatch.folio for dispatch in dispatches))
    return dispatches


@dataclass(frozen=True)
class DispatchReview:
    """What would be sent: each of the proposals to each of the institutions, due on a day."""

    cover_text: str
    due_on: date
    institutions: Sequence[Institution]


def review_dispatch(
    session: Session,
    *,
    plan: Plan,
    proposals: Sequence[Proposal],
    institution_ids: Collection[int],
    cover_text: str,
    due_on: date | None,
) -> DispatchReview:
    """Check a letter as sending would, without sending it. Raises Invalid, NotNow or GuardRefused."""
    cover_text = clean(cover_text)
    receivers = sorted(set(institution_ids))
    _insist_on_letter(len(proposals), len(receivers), cover_text)
    if not admits(plan, Work.REFER, clock.now()):
        raise NotNow(plan, Work.REFER.value)
    institutions, due = _judge(session, plan, proposals, receivers, due_on, clock.today())
    return DispatchReview(cover_text, due, institutions)


def _insist_on_letter(proposal_count: int, institution_count: int, cover_text: str) -> None:
    problems = check_dispatch(proposal_count=proposal_count, institution_count=institution_count, cover_text=cover_text)
    if problems:
        raise Invalid(*problems)


def _judge(
    session: Session,
    plan: Plan,
    proposals: Sequence[Proposal],
    institution_ids: Sequence[int],
    asked: date | None,
    today: date,
) -> tuple[list[Institution], date]:
    """The institutions and the due date of a letter, when all of it can be sent."""
    unsendable = [proposal.folio for proposal in proposals if proposal.state not in SENDABLE]
    if unsendable:
        raise GuardRefused("not_sendable", {"folios": ", ".join(unsendable)})
    institutions = institutions_by_id(session, institution_ids)
    if len(institutions) != len(institution_ids) or not all(can_receive(place, today) for place in institutions):
        raise Invalid(Problem("institutions", "institution_unavailable"))
    days_off = holidays(session)
    due_on = asked or add_working_days(today, plan.response_days, days_off)
    if problems := check_due_date(due_on=due_on, today=today, holidays=days_off):
        raise Invalid(*problems)
    # Never two live referrals of one proposal at one institution; the unique index stands behind this.
    if doubles := live_pairs(session, proposals, institutions):
        raise GuardRefused("already_referred", {"pairs": "; ".join(f"{folio}, {code}" for folio, code in doubles)})
    return institutions, due_on


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
    return proposals


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
