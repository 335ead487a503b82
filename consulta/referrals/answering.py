"""What a liaison does with a referral: acknowledge, answer (and correct the answer), or return it."""

from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from consulta import clock
from consulta.changes import Change, transaction
from consulta.errors import Invalid, Problem
from consulta.people.actors import Actor
from consulta.people.models import Institution
from consulta.permissions import Permission
from consulta.plans.rules import Work
from consulta.referrals.models import Reason, Referral, ReferralState, Response, ResponseOutcome
from consulta.referrals.moves import lock_referral, mark_stale, release_proposal
from consulta.referrals.rules import can_receive, check_reason, check_response
from consulta.text import Sanitized, clean, clean_line, sanitize


@dataclass(frozen=True)
class Answer:
    """An answer that keeps the rules, as it will be kept and shown."""

    outcome: ResponseOutcome
    reasons: tuple[Reason, ...]
    reason_detail: str
    justification: str
    justification_html: Sanitized


def prepare_answer(
    *, outcome: ResponseOutcome, reasons: Sequence[Reason], reason_detail: str, justification: str
) -> Answer:
    """Clean and check what was typed, without storing anything. Raises Invalid.

    Reasons say why something is left out, so a full inclusion has none.
    """
    justification, reason_detail = clean(justification), clean_line(reason_detail)
    if outcome is ResponseOutcome.INCLUDE:
        reasons, reason_detail = (), ""
    if problems := check_response(outcome=outcome, justification=justification, reasons=reasons, detail=reason_detail):
        raise Invalid(*problems)
    return Answer(outcome, tuple(reasons), reason_detail, justification, sanitize(justification))


def acknowledge_referral(session: Session, *, actor: Actor, referral_id: int, version: int | None) -> Referral:
    """Confirm that the institution received it."""
    with transaction(session, actor=actor) as change:
        referral = _lock(change, referral_id, version)
        change.move(referral, ReferralState.ACKNOWLEDGED)
        referral.acknowledged_at = change.now
        mark_stale(change, referral.proposal.plan, [referral.proposal])
    return referral


def respond_to_referral(
    session: Session,
    *,
    actor: Actor,
    referral_id: int,
    version: int | None,
    outcome: ResponseOutcome,
    reasons: Sequence[Reason] = (),
    reason_detail: str = "",
    justification: str,
    form_key: str | None = None,
    external_ref: str | None = None,
    provenance_note: str | None = None,
) -> Response:
    """Answer with a public justification; answering again keeps the old version and adds the next one.

    What an answer says stays private until results are published; that there is one is public at once.
    """
    answer = prepare_answer(outcome=outcome, reasons=reasons, reason_detail=reason_detail, justification=justification)
    with transaction(session, actor=actor) as change:
        claim = change.claim(
            form_key,
            referral=referral_id,
            outcome=outcome.value,
            reasons=[reason.value for reason in answer.reasons],
            detail=answer.reason_detail,
            justification=answer.justification,
        )
        if claim.earlier:
            return session.get_one(Response, int(claim.earlier))
        referral = _lock(change, referral_id, version)
        if referral.state is ReferralState.ANSWERED:
            change.edit(referral, "referral.answer_edited")
        else:
            change.move(referral, ReferralState.ANSWERED)
            referral.answered_at, referral.ended_at = change.now, None
            mark_stale(change, referral.proposal.plan, [referral.proposal])
        response = _add_version(change, referral, answer)
        response.external_ref, response.provenance_note = external_ref, provenance_note
        claim.fill(response.id)
    return response


def return_referral(
    session: Session,
    *,
    actor: Actor,
    referral_id: int,
    version: int | None,
    reason: str,
    suggested_institution_id: int | None = None,
) -> Referral:
    """Say that it is not the institution's to answer, and perhaps whose it is; the coordinator confirms that."""
    reason = clean(reason)
    if problems := check_reason(reason=reason):
        raise Invalid(*problems)
    with transaction(session, actor=actor, reason=reason) as change:
        referral = _lock(change, referral_id, version)
        _check_suggestion(change, referral, suggested_institution_id)
        change.move(referral, ReferralState.RETURNED)
        referral.return_reason, referral.ended_at = reason, change.now
        referral.suggested_institution_id = suggested_institution_id
        release_proposal(change, referral.proposal)
        mark_stale(change, referral.proposal.plan, [referral.proposal])
        change.index(referral.proposal)
        change.mail("referral_returned", referral_id=referral.id)
    return referral


def _lock(change: Change, referral_id: int, version: int | None) -> Referral:
    return lock_referral(change, referral_id, seen=version, permission=Permission.REFERRAL_ANSWER, work=Work.RESPOND)


def _add_version(change: Change, referral: Referral, answer: Answer) -> Response:
    last = change.session.scalar(sa.select(sa.func.max(Response.number)).where(Response.referral_id == referral.id))
    response = Response(
        referral_id=referral.id,
        number=(last or 0) + 1,
        outcome=answer.outcome,
        reasons=[reason.value for reason in answer.reasons],
        reason_detail=answer.reason_detail or None,
        justification=answer.justification,
        justification_html=answer.justification_html,
        answered_by_id=change.actor.person_id,
        answered_at=change.now,
    )
    change.create(response, "response.written", number=response.number)
    return response


def _check_suggestion(change: Change, referral: Referral, suggested_id: int | None) -> None:
    if suggested_id is None:
        return
    suggested = change.session.get(Institution, suggested_id)
    if suggested is None or not can_receive(suggested, clock.local_date(change.now)):
        raise Invalid(Problem("suggested_institution", "institution_unavailable"))
    if suggested_id == referral.institution_id:
        raise Invalid(Problem("suggested_institution", "suggested_itself"))
