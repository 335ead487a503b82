"""What moderators do: publish, ask for completion, reject, hide and show again, redact; and what the clock does."""

from datetime import date

import sqlalchemy as sa
from sqlalchemy.orm import Session

from consulta import clock
from consulta.changes import Change, transaction
from consulta.contributions.models import Contribution, ContributionState, RejectionReason
from consulta.contributions.moves import (
    fed_proposals,
    lock_contribution,
    lock_frame,
    move_contribution,
    require_moderation,
)
from consulta.contributions.revisions import withhold_revisions
from consulta.contributions.rules import (
    COMPLETION_DAYS,
    IN_THREAD,
    NOT_COMPLETED_TEXT,
    REDACTABLE,
    check_completion,
    check_public_text,
    check_redaction,
)
from consulta.errors import Invalid, NotInThisState, Problem
from consulta.people.actors import Actor
from consulta.permissions import Permission
from consulta.plans.models import Holiday
from consulta.plans.rules import add_working_days
from consulta.text import clean, clean_line, sanitize

State = ContributionState


def publish_contribution(
    session: Session, *, actor: Actor, contribution_id: int, version: int | None = None
) -> Contribution:
    """Show a pending contribution to everybody."""
    with transaction(session, actor=actor) as change:
        contribution = _lock(change, contribution_id, version)
        _require_state(contribution, State.PENDING, State.PUBLISHED)
        _explain(contribution)
        move_contribution(change, contribution, State.PUBLISHED, act="contribution.publish")
        change.mail("contribution_published", contribution_id=contribution.id)
    return contribution


def observe_contribution(
    session: Session,
    *,
    actor: Actor,
    contribution_id: int,
    missing: str,
    complete_by: date | None = None,
    version: int | None = None,
) -> Contribution:
    """Ask the author for what is `missing`, by a day; ten working days from today unless another is given."""
    missing = clean(missing)
    due = complete_by or completion_due(session)
    _require_good(check_completion(text=missing, complete_by=due, today=clock.today()))
    with transaction(session, actor=actor) as change:
        contribution = _lock(change, contribution_id, version)
        _explain(contribution, text=missing, complete_by=due)
        move_contribution(change, contribution, State.OBSERVED, act="contribution.observe", reason=missing)
        change.mail("contribution_observed", contribution_id=contribution.id)
    return contribution


def reject_contribution(
    session: Session,
    *,
    actor: Actor,
    contribution_id: int,
    reason: RejectionReason | None,
    public_text: str,
    version: int | None = None,
) -> Contribution:
    """Not admit a contribution, with a reason and a sentence that everybody may read."""
    text = _checked_explanation(reason, public_text)
    with transaction(session, actor=actor) as change:
        contribution = _lock(change, contribution_id, version)
        _explain(contribution, reason, text)
        move_contribution(change, contribution, State.REJECTED, act="contribution.reject", reason=text)
        change.mail("contribution_rejected", contribution_id=contribution.id)
    return contribution


def hide_contribution(
    session: Session,
    *,
    actor: Actor,
    contribution_id: int,
    reason: RejectionReason | None,
    public_text: str,
    version: int | None = None,
) -> Contribution:
    """Take the words of a published contribution off every page; a note with the reason stays in their place."""
    text = _checked_explanation(reason, public_text)
    with transaction(session, actor=actor) as change:
        contribution = _lock(change, contribution_id, version)
        _explain(contribution, reason, text)
        move_contribution(change, contribution, State.HIDDEN, act="contribution.hide", reason=text)
        change.mail("contribution_hidden", contribution_id=contribution.id)
    return contribution


def unhide_contribution(
    session: Session, *, actor: Actor, contribution_id: int, reason: str, version: int | None = None
) -> Contribution:
    """Show the words of a hidden contribution again, and say why."""
    reason = clean(reason)
    with transaction(session, actor=actor) as change:
        contribution = _lock(change, contribution_id, version)
        _require_state(contribution, State.HIDDEN, State.PUBLISHED)
        _explain(contribution)
        move_contribution(change, contribution, State.PUBLISHED, act="contribution.unhide", reason=reason)
        change.mail("contribution_published", contribution_id=contribution.id)
    return contribution


def redact_contribution(
    session: Session,
    *,
    actor: Actor,
    contribution_id: int,
    public_title: str,
    public_body: str,
    note: str,
    version: int | None = None,
) -> Contribution:
    """Take personal data out of what is shown. What was received stays as it is, and the note says what left."""
    title, body, note = clean_line(public_title), clean(public_body), clean(note)
    _require_good(check_redaction(title=title, body=body, note=note))
    html = sanitize(body)
    with transaction(session, actor=actor) as change:
        contribution = _lock(change, contribution_id, version)
        if contribution.state not in REDACTABLE:
            raise NotInThisState(contribution, contribution.state)
        proposals = fed_proposals(change, contribution)
        plan, topic = lock_frame(change, contribution.plan_id, contribution.topic_id)
        for proposal in proposals:
            if proposal.title == contribution.public_title:
                proposal.title = title or None
            change.index(proposal)
        contribution.public_title, contribution.public_body = title or None, body
        contribution.public_html, contribution.redaction_note = html, note
        withhold_revisions(change, contribution)
        change.edit(contribution, "contribution.redact", reason=note)
        change.stale(plan, topic if contribution.state in IN_THREAD else None)
    return contribution


def expire_observed(session: Session, *, actor: Actor, limit: int = 200) -> int:
    """Reject what its author did not complete in time; how many. Each one is a transaction of its own."""
    today = clock.today()
    due = sa.select(Contribution.id).where(Contribution.state == State.OBSERVED, Contribution.complete_by < today)
    keys = list(session.scalars(due.order_by(Contribution.id).limit(limit)))
    return sum(_expire(session, actor, key, today) for key in keys)


def _expire(session: Session, actor: Actor, contribution_id: int, today: date) -> bool:
    with transaction(session, actor=actor) as change:
        contribution = _lock(change, contribution_id, None)
        if contribution.state is not State.OBSERVED or contribution.complete_by is None:
            return False
        if contribution.complete_by >= today:
            return False
        _explain(contribution, RejectionReason.NOT_COMPLETED, NOT_COMPLETED_TEXT)
        move_contribution(change, contribution, State.REJECTED, act="contribution.expire", reason=NOT_COMPLETED_TEXT)
        change.mail("contribution_rejected", contribution_id=contribution.id)
    return True


def completion_due(session: Session) -> date:
    """The last day to complete what is asked for today."""
    holidays = frozenset(session.scalars(sa.select(Holiday.on)))
    return add_working_days(clock.today(), COMPLETION_DAYS, holidays)


def _lock(change: Change, contribution_id: int, version: int | None) -> Contribution:
    contribution = lock_contribution(change, contribution_id, seen=version)
    change.require(Permission.CONTRIBUTION_MODERATE, contribution)
    require_moderation(change, contribution.plan)
    return contribution


def _require_state(contribution: Contribution, from_state: ContributionState, to: ContributionState) -> None:
    """Publishing and showing again end in the same state, but are different acts."""
    if contribution.state is not from_state:
        raise NotInThisState(contribution, to)


def _explain(
    contribution: Contribution,
    reason: RejectionReason | None = None,
    text: str | None = None,
    complete_by: date | None = None,
) -> None:
    """What the author and the public read about its new state; nothing where it needs no words."""
    contribution.reason, contribution.reason_text, contribution.complete_by = reason, text, complete_by


def _checked_explanation(reason: RejectionReason | None, public_text: str) -> str:
    text = clean(public_text)
    problems = check_public_text(text=text)
    if reason is None:
        problems.insert(0, Problem("reason", "reason_code_missing"))
    _require_good(problems)
    return text


def _require_good(problems: list[Problem]) -> None:
    if problems:
        raise Invalid(*problems)
