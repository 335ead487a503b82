"""What was reported: who reads it next, and closing reports when a moderator has read what they say."""

from collections.abc import Collection, Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from consulta.changes import Change
from consulta.contributions.models import Contribution, HeldFor, Report, ReportReason, ReportState
from consulta.errors import Problem

# Hidden until somebody of the team has read it.
URGENT = frozenset({ReportReason.PERSONAL_DATA, ReportReason.THREAT})
# Reasons that say little without words.
UNCLEAR = frozenset({ReportReason.OTHER})


def open_reports(session: Session, contribution_id: int) -> Sequence[Report]:
    """What is said of a contribution and waits, in order."""
    statement = sa.select(Report).where(Report.contribution_id == contribution_id, Report.state == ReportState.OPEN)
    return session.scalars(statement.order_by(Report.id)).all()


def report_counts(session: Session, ids: Collection[int]) -> dict[int, int]:
    """How many open reports each of some contributions has; those without any are left out."""
    if not ids:
        return {}
    counted = (
        sa.select(Report.contribution_id, sa.func.count())
        .where(Report.contribution_id.in_(ids), Report.state == ReportState.OPEN)
        .group_by(Report.contribution_id)
    )
    return dict(session.execute(counted).all())


def own_report(session: Session, person_id: int | None, contribution_id: int) -> Report | None:
    """What this person said of a contribution, whatever became of it."""
    statement = sa.select(Report).where(Report.contribution_id == contribution_id, Report.person_id == person_id)
    return session.scalars(statement).one_or_none()


def close_reports(change: Change, contribution: Contribution, outcome: ReportState) -> int:
    """A moderator has read the contribution, or its author withdrew it: what became of its open reports. How many."""
    closed = change.session.execute(
        sa.update(Report)
        .where(Report.contribution_id == contribution.id, Report.state == ReportState.OPEN)
        .values(state=outcome, closed_at=change.now)
        .returning(Report.id),
        execution_options={"synchronize_session": False},
    ).all()
    if closed:
        contribution.held_for = [code for code in contribution.held_for if code != HeldFor.REPORTED.value]
        change.record(f"report.{outcome.value}", contribution, count=len(closed))
    return len(closed)


def reopen_reports(change: Change, contribution: Contribution, closed_at: datetime) -> None:
    """The act that closed reports at that moment was taken back."""
    change.session.execute(
        sa.update(Report)
        .where(Report.contribution_id == contribution.id, Report.closed_at == closed_at)
        .values(state=ReportState.OPEN, closed_at=None),
        execution_options={"synchronize_session": False},
    )


def check_report(reason: ReportReason | None, note: str, longest: int) -> list[Problem]:
    """What is missing in a report, field by field; `note` is cleaned."""
    problems = []
    if reason is None:
        problems.append(Problem("reason", "report_reason_missing"))
    if reason in UNCLEAR and not note:
        problems.append(Problem("note", "report_note_missing"))
    if len(note) > longest:
        problems.append(Problem("note", "text_too_long", {"max": longest, "length": len(note)}))
    return problems
