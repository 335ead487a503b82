"""Reporting a contribution (denuncia), and what a moderator says of one that a report has hidden."""

import secrets
from datetime import timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from consulta.changes import Change, transaction
from consulta.contributions.models import (
    REPORT_NOTE_MAX,
    Contribution,
    ContributionState,
    HeldFor,
    RejectionReason,
    Report,
    ReportReason,
    ReportState,
    Revision,
)
from consulta.contributions.moderation import end_claim, keep_act, lock_to_moderate, require_unclaimed
from consulta.contributions.moves import lock_contribution, move_contribution
from consulta.contributions.reports import URGENT, check_report, close_reports, open_reports, own_report
from consulta.contributions.rules import check_public_text
from consulta.errors import GuardRefused, Invalid, NotInThisState, Problem
from consulta.limits.rules import HIDING
from consulta.moderation.models import Act
from consulta.moderation.queries import waits_for_answer
from consulta.moderation.rules import MAIL_WAITS
from consulta.people.actors import REPORT_RULE, Actor
from consulta.permissions import Permission
from consulta.plans.rules import Work
from consulta.text import clean

# What everybody reads in place of the words until a moderator has read them: that somebody said so, not that it is so.
HIDDEN_AT_ONCE = {
    ReportReason.PERSONAL_DATA: (
        RejectionReason.PERSONAL_DATA,
        "Alguien avisó que el texto puede mostrar datos personales. "
        "El equipo lo revisará en un máximo de 24 horas y dirá aquí si vuelve a mostrarse.",
    ),
    ReportReason.THREAT: (
        RejectionReason.OFFENSIVE,
        "Alguien avisó que el texto puede contener una amenaza. "
        "El equipo lo revisará en un máximo de 24 horas y dirá aquí si vuelve a mostrarse.",
    ),
}


def report_contribution(
    session: Session, *, actor: Actor, contribution_id: int, reason: ReportReason | None, note: str = ""
) -> Report:
    """Say that a contribution should not be there. A person is heard once; a second time answers the first.

    Personal data and threats are hidden at once and then read by somebody; but not where one account says so of very
    many, nor again where a moderator has already seen the same reason to be wrong of the same words, nor for a visitor,
    whom nobody knows. Who reports is kept with the report alone: the log names the rule. Raises Invalid, NotFound, and
    GuardRefused for the own words and for what is not shown.
    """
    note = clean(note)
    if problems := check_report(reason, note, REPORT_NOTE_MAX):
        raise Invalid(*problems)
    with transaction(session, actor=actor) as change:
        change.require(Permission.CONTRIBUTION_REPORT)
        contribution = lock_contribution(change, contribution_id)
        earlier = own_report(session, actor.person_id, contribution_id)
        if earlier is not None:
            return earlier
        _require_reportable(contribution, actor)
        report = Report(
            contribution_id=contribution.id,
            person_id=actor.person_id,
            reason=reason,
            note=note or None,
            reported_at=change.now,
            state=ReportState.OPEN,
        )
        change.actor = REPORT_RULE
        change.create(report, "report.file", contribution_id=contribution.id, code=report.reason.value)
        if HeldFor.REPORTED.value not in contribution.held_for:
            contribution.held_for = [*contribution.held_for, HeldFor.REPORTED.value]
        if actor.is_known and report.reason in URGENT and _may_hide(session, report):
            _hide(change, contribution, report.reason)
    return report


def uphold_hiding(
    session: Session,
    *,
    actor: Actor,
    contribution_id: int,
    version: int | None,
    reason: RejectionReason | None,
    public_text: str,
    batch: str | None = None,
) -> Contribution:
    """Leave hidden what a report has hidden, or what its author asked to have read again, with the reason of somebody
    who read it; for some seconds its `batch` can be taken back."""
    text = clean(public_text)
    problems = check_public_text(text=text)
    if reason is None:
        problems.insert(0, Problem("reason", "reason_code_missing"))
    if problems:
        raise Invalid(*problems)
    with transaction(session, actor=actor) as change:
        contribution = lock_to_moderate(change, contribution_id, version, Work.PROTECT)
        require_unclaimed(change, contribution)
        is_appealed = waits_for_answer(session, contribution)
        is_asked = is_appealed or open_reports(session, contribution_id)
        if contribution.state is not ContributionState.HIDDEN or not is_asked:
            raise NotInThisState(contribution, ContributionState.HIDDEN)
        kept = keep_act(change, contribution, Act.HIDE, batch or secrets.token_urlsafe(12), reason)
        contribution.reason, contribution.reason_text = reason, text
        close_reports(change, contribution, ReportState.UPHELD)
        change.edit(contribution, "contribution.hide", reason=text)
        change.stale(contribution.plan, contribution.topic)
        with change.held(kept.hold_key, change.now + MAIL_WAITS):
            name = "contribution_kept_hidden" if is_appealed else "contribution_hidden"
            change.mail(name, contribution_id=contribution.id)
        kept.version = contribution.version
        end_claim(change, contribution)
    return contribution


def _require_reportable(contribution: Contribution, actor: Actor) -> None:
    if contribution.state is not ContributionState.PUBLISHED:
        raise GuardRefused("report_not_shown")
    if contribution.person_id == actor.person_id:
        raise GuardRefused("report_own")


def _may_hide(session: Session, report: Report) -> bool:
    """Whether an urgent report hides at once: its author has not hidden many lately, and nobody found it wrong."""
    lately = sa.select(sa.func.count(Report.id)).where(
        Report.person_id == report.person_id,
        Report.reason.in_(URGENT),
        Report.reported_at > report.reported_at - timedelta(seconds=HIDING.seconds),
    )
    return (session.scalar(lately) or 0) <= HIDING.most and not _was_wrong_before(session, report)


def _was_wrong_before(session: Session, report: Report) -> bool:
    """Whether a moderator has read the present words for the same reason, and found nothing."""
    changed = sa.select(Revision.id).where(
        Revision.contribution_id == Report.contribution_id, Revision.replaced_at > Report.closed_at
    )
    dismissed = sa.select(Report.id).where(
        Report.contribution_id == report.contribution_id,
        Report.reason == report.reason,
        Report.state == ReportState.DISMISSED,
        ~changed.exists(),
    )
    return session.scalar(dismissed.limit(1)) is not None


def _hide(change: Change, contribution: Contribution, reason: ReportReason) -> None:
    code, text = HIDDEN_AT_ONCE[reason]
    kept = keep_act(change, contribution, Act.REPORT, secrets.token_urlsafe(12), code)
    contribution.reason, contribution.reason_text, contribution.complete_by = code, text, None
    move_contribution(change, contribution, ContributionState.HIDDEN, act="contribution.hide", reason=text)
    change.mail("contribution_hidden", contribution_id=contribution.id)
    kept.version = contribution.version
