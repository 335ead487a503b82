"""What was reported: who reads it next, and closing reports when a moderator has read what they say."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from consulta.changes import Change
from consulta.contributions.models import Contribution, HeldFor, Report, ReportReason, ReportState
from consulta.contributions.rules import LOST
from consulta.errors import Problem

# Hidden until somebody of the team has read it.
URGENT = frozenset({ReportReason.PERSONAL_DATA, ReportReason.THREAT})
# Reasons that say little without words.
UNCLEAR = frozenset({ReportReason.OTHER})


@dataclass(frozen=True)
class Reported:
    """What open reports say of a contribution, how many they are, when the first one came, and the id of the last."""

    reasons: Sequence[ReportReason]
    count: int
    since: datetime
    last_id: int


def open_reports(session: Session, contribution_id: int) -> Sequence[Report]:
    """What is said of a contribution and waits, in order."""
    statement = sa.select(Report).where(Report.contribution_id == contribution_id, Report.state == ReportState.OPEN)
    return session.scalars(statement.order_by(Report.id)).all()


def read_reports(session: Session, ids: Collection[int]) -> dict[int, Reported]:
    """What is said of each of some contributions that has open reports."""
    if not ids:
        return {}
    statement = sa.select(Report).where(Report.contribution_id.in_(ids), Report.state == ReportState.OPEN)
    found: dict[int, list[Report]] = {}
    for report in session.scalars(statement.order_by(Report.id)):
        found.setdefault(report.contribution_id, []).append(report)
    return {
        key: Reported(list(dict.fromkeys(one.reason for one in said)), len(said), said[0].reported_at, said[-1].id)
        for key, said in found.items()
    }


def own_report(session: Session, person_id: int | None, contribution_id: int) -> Report | None:
    """What this person said of a contribution, whatever became of it; nothing is known to be a visitor's."""
    if person_id is None:
        return None
    statement = sa.select(Report).where(Report.contribution_id == contribution_id, Report.person_id == person_id)
    return session.scalars(statement).one_or_none()


def close_reports(
    change: Change, contribution: Contribution, outcome: ReportState, last_seen: int | None = None
) -> int:
    """A moderator has read the contribution, or its author withdrew it: what became of its open reports. How many.

    Those after `last_seen` came while the moderator was reading, and stay open; without it all are closed.
    """
    opened = (Report.contribution_id == contribution.id, Report.state == ReportState.OPEN)
    closed = change.session.execute(
        sa.update(Report)
        .where(*opened, sa.true() if last_seen is None else Report.id <= last_seen)
        .values(state=outcome, closed_at=change.now)
        .returning(Report.id),
        execution_options={"synchronize_session": False},
    ).all()
    if closed:
        if change.session.scalar(sa.select(Report.id).where(*opened).limit(1)) is None:
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
    if LOST in note:
        problems.append(Problem("note", "text_unreadable"))
    if len(note) > longest:
        problems.append(Problem("note", "text_too_long", {"max": longest, "length": len(note)}))
    return problems
