"""What moderators do: publish, ask for completion, reject, hide and show again; and what the clock does."""

import secrets
from collections.abc import Collection
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from consulta import clock
from consulta.changes import Change, transaction
from consulta.contributions.models import Contribution, ContributionState, RejectionReason, ReportState
from consulta.contributions.moves import (
    lock_contribution,
    move_contribution,
    require_moderation,
)
from consulta.contributions.reports import close_reports
from consulta.contributions.rules import (
    COMPLETION_DAYS,
    NOT_COMPLETED_TEXT,
)
from consulta.errors import GuardRefused, Invalid, NotInThisState, Problem, Refusal
from consulta.moderation.models import Act, Claim, ModerationAct
from consulta.moderation.queries import live_claim
from consulta.moderation.rules import ACTS, MAIL_WAITS, ON_WORDS, problems_of
from consulta.people.actors import Actor
from consulta.permissions import Permission
from consulta.plans.models import Holiday, Plan, Topic
from consulta.plans.rules import Work, add_working_days, admits
from consulta.proposals.models import Proposal, ProposalSource
from consulta.text import clean

State = ContributionState


@dataclass(frozen=True)
class Words:
    """What goes with an act: the code and text of a reason, or what is missing and until when."""

    reason: RejectionReason | None = None
    text: str = ""
    complete_by: date | None = None


def moderate(
    session: Session,
    *,
    actor: Actor,
    contribution_id: int,
    act: Act,
    words: Words | None = None,
    version: int | None = None,
    last_report: int | None = None,
    batch: str | None = None,
) -> Contribution:
    """Do one act of the table; for some seconds whoever did it can take back its `batch`, and nobody is told yet.

    `last_report` is the newest one that was shown with it: what came later waits for a reader. Raises Invalid,
    StaleVersion, NotInThisState, NotNow, and GuardRefused where somebody else has claimed it.
    """
    said = check_words(session, act, words or Words())
    with transaction(session, actor=actor) as change:
        contribution = lock_to_moderate(change, contribution_id, version, ACTS[act].work)
        require_unclaimed(change, contribution)
        do_act(change, contribution, act, said, batch or secrets.token_urlsafe(12), last_report)
    return contribution


def check_words(session: Session, act: Act, words: Words) -> Words:
    """Cleaned words, with the usual due date where none is given. Raises Invalid."""
    today = clock.today()
    complete_by = words.complete_by or (completion_due(session) if act is Act.OBSERVE else today)
    text = clean(words.text)
    _require_good(problems_of(act, words.reason, text, complete_by, today))
    return Words(words.reason if ACTS[act].is_explained else None, text, complete_by if act is Act.OBSERVE else None)


def lock_to_moderate(
    change: Change, contribution_id: int, version: int | None, work: Work = Work.MODERATE
) -> Contribution:
    """Lock a contribution that the actor may moderate now. Raises NotAllowed and NotNow."""
    contribution = lock_contribution(change, contribution_id, seen=version)
    change.require(Permission.CONTRIBUTION_MODERATE, contribution)
    require_moderation(change, contribution.plan, work)
    return contribution


def lock_in_order(change: Change, ids: Collection[int]) -> dict[int, Contribution]:
    """Lock several with all that an act on them touches, kind by kind, so that no two batches wait for each other."""
    found = sa.select(Contribution.id, Contribution.root_id, Contribution.topic_id).where(Contribution.id.in_(ids))
    rows = change.session.execute(found.order_by(Contribution.id)).all()
    roots = sorted({row.root_id or row.id for row in rows})
    locked = {key: change.lock(Contribution, key) for key in [*roots, *(row.id for row in rows if row.root_id)]}
    links = sa.select(ProposalSource.proposal_id).where(ProposalSource.contribution_id.in_([row.id for row in rows]))
    for model, keys in ((Proposal, set(change.session.scalars(links))), (Topic, {row.topic_id for row in rows})):
        for key in sorted(key for key in keys if key is not None):
            change.lock(model, key)
    return {row.id: locked[row.id] for row in rows}


def do_act(
    change: Change, contribution: Contribution, act: Act, words: Words, batch: str, last_report: int | None = None
) -> None:
    """The act itself on a locked contribution: its mail waits, its claim ends, what was read of it in reports is
    answered."""
    rule = ACTS[act]
    if contribution.state not in rule.starts:
        raise NotInThisState(contribution, rule.to or contribution.state)
    kept = keep_act(change, contribution, act, batch, words.reason)
    with change.held(kept.hold_key, change.now + MAIL_WAITS):
        if rule.to is None:
            change.edit(contribution, f"contribution.{act.value}")
            change.stale(contribution.plan)
        else:
            is_read = act is not Act.UNHIDE  # why a text is shown again concerns the team alone
            explanation = (words.reason, words.text or None, words.complete_by) if is_read else (None, None, None)
            contribution.reason, contribution.reason_text, contribution.complete_by = explanation
            name = f"contribution.{act.value}"
            move_contribution(change, contribution, rule.to, act=name, reason=words.text or None)
        if rule.mail:
            change.mail(rule.mail, contribution_id=contribution.id)
    outcome = ReportState.UPHELD if rule.is_explained else ReportState.DISMISSED
    close_reports(change, contribution, outcome, last_report)
    kept.version = contribution.version
    end_claim(change, contribution)


def require_unclaimed(change: Change, contribution: Contribution) -> None:
    """Raise GuardRefused while somebody else is reading it."""
    claim = live_claim(change.session, contribution.id, change.now)
    if claim is not None and claim.person_id != change.actor.person_id:
        raise GuardRefused("claimed_by_other", {"holder": claim.person.public_name})


def end_claim(change: Change, contribution: Contribution) -> None:
    change.session.execute(
        sa.delete(Claim).where(Claim.contribution_id == contribution.id),
        execution_options={"synchronize_session": False},
    )


def keep_act(
    change: Change,
    contribution: Contribution,
    act: Act,
    batch: str,
    reason: RejectionReason | None = None,
    **before: Any,
) -> ModerationAct:
    """The record of an act, with what the contribution was before it; never its words."""
    due = contribution.complete_by
    kept = ModerationAct(
        batch=batch,
        contribution_id=contribution.id,
        plan_id=contribution.plan_id,
        person_id=change.actor.person_id,
        act=act,
        reason=reason,
        done_at=change.now,
        month=clock.local_date(change.now).strftime("%Y-%m"),
        waited_seconds=None if act in ON_WORDS else _waited(change, contribution),
        version=contribution.version,
        before={
            "state": contribution.state.value,
            "reason": contribution.reason.value if contribution.reason else None,
            "reason_text": contribution.reason_text,
            "complete_by": due.isoformat() if due else None,
            "held_for": contribution.held_for,
            **before,
        },
    )
    change.session.add(kept)
    return kept


def _waited(change: Change, contribution: Contribution) -> int | None:
    """How long a first review took, in seconds; None for every later one."""
    earlier = sa.select(ModerationAct.id).where(
        ModerationAct.contribution_id == contribution.id,
        ModerationAct.undone_at.is_(None),
        ModerationAct.act.not_in(ON_WORDS),
    )
    if change.session.scalar(earlier.limit(1)) is not None:
        return None
    return max(0, int((change.now - contribution.received_at).total_seconds()))


def publish_contribution(
    session: Session, *, actor: Actor, contribution_id: int, version: int | None = None
) -> Contribution:
    """Show a pending contribution to everybody."""
    return moderate(session, actor=actor, contribution_id=contribution_id, act=Act.PUBLISH, version=version)


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
    words = Words(text=missing, complete_by=complete_by)
    return moderate(
        session, actor=actor, contribution_id=contribution_id, act=Act.OBSERVE, words=words, version=version
    )


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
    words = Words(reason, public_text)
    return moderate(session, actor=actor, contribution_id=contribution_id, act=Act.REJECT, words=words, version=version)


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
    words = Words(reason, public_text)
    return moderate(session, actor=actor, contribution_id=contribution_id, act=Act.HIDE, words=words, version=version)


def unhide_contribution(
    session: Session, *, actor: Actor, contribution_id: int, reason: str, version: int | None = None
) -> Contribution:
    """Show the words of a hidden contribution again, and say why."""
    words = Words(text=reason)
    return moderate(session, actor=actor, contribution_id=contribution_id, act=Act.UNHIDE, words=words, version=version)


def expire_observed(session: Session, *, actor: Actor, limit: int = 200) -> int:
    """Reject what its author did not complete in time; how many. Each one is a transaction of its own.

    What cannot be rejected now, as in a plan that went back a step, keeps no other waiting.
    """
    today, expired = clock.today(), 0
    late = (Contribution.state == State.OBSERVED, Contribution.complete_by < today)
    plans = session.scalars(sa.select(Plan).where(Plan.id.in_(sa.select(Contribution.plan_id).where(*late))))
    admitting = [plan.id for plan in plans if admits(plan, Work.MODERATE, clock.now())]
    due = sa.select(Contribution.id).where(*late, Contribution.plan_id.in_(admitting))
    for key in session.scalars(due.order_by(Contribution.id).limit(limit)).all():
        with suppress(Refusal):
            expired += _expire(session, actor, key, today)
    return expired


def _expire(session: Session, actor: Actor, contribution_id: int, today: date) -> bool:
    with transaction(session, actor=actor) as change:
        contribution = lock_to_moderate(change, contribution_id, None)
        if contribution.state is not State.OBSERVED or contribution.complete_by is None:
            return False
        if contribution.complete_by >= today:
            return False
        words = Words(RejectionReason.NOT_COMPLETED, NOT_COMPLETED_TEXT)
        do_act(change, contribution, Act.EXPIRE, words, secrets.token_urlsafe(12))
    return True


def completion_due(session: Session) -> date:
    """The last day to complete what is asked for today."""
    holidays = frozenset(session.scalars(sa.select(Holiday.on)))
    return add_working_days(clock.today(), COMPLETION_DAYS, holidays)


def _require_good(problems: list[Problem]) -> None:
    if problems:
        raise Invalid(*problems)
