"""Recomputing everything that is kept or printed: what does not add up, line by line."""

from collections.abc import Iterator

import sqlalchemy as sa
from sqlalchemy.orm import Session

from consulta.contributions.counters import find_drift
from consulta.figures.services import account
from consulta.plans.models import Plan


def find_differences(session: Session) -> Iterator[str]:
    """Sums that do not hold, figures that differ from what was printed without a note, counters that drifted."""
    for plan in session.scalars(sa.select(Plan).order_by(Plan.id)).all():
        for public in (True, False):
            accounting = account(session, plan, public=public)
            seen = "public" if public else "internal"
            for one in accounting.sums:
                if not one.holds:
                    yield f"{plan.code}: {seen} sum {one.key}: {one.value} is not {one.total}"
        for figure in accounting.unexplained:
            yield f"{plan.code}: figure {figure.key}: {figure.value}, published {figure.published}, without a note"
    for drift in find_drift(session):
        yield f"{drift.table} {drift.key}: {drift.column} is {drift.kept}, counted {drift.counted}"
