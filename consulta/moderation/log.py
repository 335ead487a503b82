"""The log of moderation, as the team and the observers follow it: acts and their public reasons, never notes."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date

import sqlalchemy as sa
from sqlalchemy.orm import Session

from consulta import clock
from consulta.audit.models import AuditEntry
from consulta.contributions.models import Contribution
from consulta.keys import read_place
from consulta.moderation.models import ModerationAct
from consulta.people.models import Person

LOG_PAGE = 30


@dataclass(frozen=True)
class LogRow:
    """One entry with the contribution that it is about."""

    entry: AuditEntry
    contribution: Contribution


@dataclass(frozen=True)
class LogPage:
    rows: Sequence[LogRow]
    following: str | None


def list_log(
    session: Session,
    acts: Collection[str],
    *,
    person_id: int | None = None,
    plan_id: int | None = None,
    since: date | None = None,
    until: date | None = None,
    cursor: str = "",
    size: int = LOG_PAGE,
) -> LogPage:
    """The latest first; `since` and `until` are civil days, both included."""
    statement = (
        sa.select(AuditEntry, Contribution)
        .join(Contribution, Contribution.id == AuditEntry.object_id)
        .where(AuditEntry.object_type == Contribution.__tablename__, AuditEntry.act.in_(acts))
        .order_by(AuditEntry.id.desc())
        .limit(size + 1)
    )
    if person_id is not None:
        statement = statement.where(AuditEntry.person_id == person_id)
    if plan_id is not None:
        statement = statement.where(Contribution.plan_id == plan_id)
    if since is not None:
        statement = statement.where(AuditEntry.at >= clock.start_of_day(since))
    if until is not None:
        statement = statement.where(AuditEntry.at < clock.end_of_day(until))
    if cursor:
        statement = statement.where(AuditEntry.id < read_place(cursor)[1])
    rows = [LogRow(entry, contribution) for entry, contribution in session.execute(statement)]
    following = f"0-{rows[size - 1].entry.id}" if len(rows) > size else None
    return LogPage(rows[:size], following)


def list_moderators(session: Session) -> Sequence[tuple[int, str]]:
    """Those who have moderated something, by name."""
    acted = sa.select(ModerationAct.person_id).where(ModerationAct.person_id.is_not(None))
    statement = sa.select(Person.id, Person.public_name).where(Person.id.in_(acted))
    return [(key, name) for key, name in session.execute(statement.order_by(Person.public_name, Person.id))]
