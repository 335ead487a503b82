"""Recomputing everything that is kept or printed: what does not add up, line by line."""

from collections.abc import Iterator

import sqlalchemy as sa
from sqlalchemy.orm import Session

from consulta.audit.models import AuditEntry
from consulta.contributions.counters import find_drift
from consulta.figures.services import account
from consulta.plans.models import Plan


def find_differences(session: Session) -> Iterator[str]:
    """Sums that do not hold, unexplained figures, figures that changed after the results, counters that drifted."""
    for plan in session.scalars(sa.select(Plan).order_by(Plan.id)).all():
        for public in (True, False):
            accounting = account(session, plan, public=public)
            seen = "public" if public else "internal"
            for one in accounting.sums:
                if not one.holds:
                    yield f"{plan.code}: {seen} sum {one.key}: {one.value} is not {one.total}"
        for figure in accounting.unexplained:
            yield f"{plan.code}: figure {figure.key}: {figure.value}, published {figure.published}, without a note"
        yield from _changed_since_results(session, plan)
    for drift in find_drift(session):
        yield f"{drift.table} {drift.key}: {drift.column} is {drift.kept}, counted {drift.counted}"


def _changed_since_results(session: Session, plan: Plan) -> Iterator[str]:
    """Figures that are no longer those kept in the log when the results were published."""
    entry = session.scalars(
        sa.select(AuditEntry)
        .where(
            AuditEntry.object_type == Plan.__tablename__,
            AuditEntry.object_id == plan.id,
            AuditEntry.act == "results.publish",
        )
        .order_by(AuditEntry.id.desc())
        .limit(1)
    ).one_or_none()
    if entry is None:
        return
    present = {figure.key: figure.value for figure in account(session, plan).figures}
    for key, kept in entry.detail["figures"].items():
        if present.get(key) != kept:
            yield f"{plan.code}: figure {key}: {present.get(key)}, {kept} when results were published"
