"""Who took part in a plan, in totals; and what one person told."""

import enum
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from consulta import clock
from consulta.contributions.models import Contribution, ContributionState
from consulta.demographics.models import AgeRange, Demographics, Department, Sex
from consulta.demographics.rules import NEWCOMERS, SMALLEST_SHOWN, SMALLEST_WHOLE, hidden_groups
from consulta.people.models import Person, PersonKind
from consulta.plans.models import Plan


@dataclass(frozen=True)
class Group:
    """People who told the same. `count` is None where it is not shown, `is_small` where that is for its own size."""

    member: enum.Enum
    count: int | None
    is_small: bool


@dataclass(frozen=True)
class Division:
    """The people of a plan by one thing that they may tell. `not_stated` is None where it would give others away."""

    kind: str
    groups: tuple[Group, ...]
    not_stated: int | None


@dataclass(frozen=True)
class Participants:
    """Everybody who took part before a moment; without divisions while they are too few."""

    whole: int
    divisions: tuple[Division, ...]

    @property
    def are_silent(self) -> bool:
        """Whether nobody told anything."""
        return all(group.count == 0 for division in self.divisions for group in division.groups)


def own_demographics(session: Session, person_id: int | None) -> Demographics | None:
    return session.scalars(sa.select(Demographics).where(Demographics.person_id == person_id)).one_or_none()


def participants_of(session: Session, plan: Plan, before: datetime) -> Participants:
    """Persons with something public in the plan, by what they told. One query.

    Both what they wrote and what they told count from `before` on, a moment that is the same all day, and what they
    told counts for `NEWCOMERS` more at a time: otherwise the totals before and after somebody writes would say what
    that person told. Until then it counts as not stated. What was told after the end of the plan is of another time:
    people grow older, and move.
    """
    told_before = min(before, clock.start_of_day(plan.period_end_on + timedelta(days=1)))
    since = sa.func.min(Contribution.received_at)
    wrote = (
        sa.select(
            Contribution.person_id,
            sa.func.row_number().over(order_by=(since, Contribution.person_id)).label("place"),
            sa.func.count().over().label("whole"),
        )
        .join(Person, Person.id == Contribution.person_id)
        .where(
            Contribution.plan_id == plan.id,
            Contribution.state == ContributionState.PUBLISHED,
            Contribution.received_at < before,
            Person.kind == PersonKind.PERSON,
        )
        .group_by(Contribution.person_id)
        .subquery()
    )
    is_counted = wrote.c.place <= wrote.c.whole - wrote.c.whole % NEWCOMERS
    told = sa.and_(Demographics.person_id == wrote.c.person_id, Demographics.consent_at < told_before, is_counted)
    columns = (Demographics.sex, Demographics.age_range, Demographics.department)
    query = sa.select(*columns, sa.func.count().label("n")).select_from(wrote).outerjoin(Demographics, told)
    rows = session.execute(query.group_by(*columns)).all()
    whole = sum(row.n for row in rows)
    if whole < SMALLEST_WHOLE:
        return Participants(whole, ())
    kinds: tuple[tuple[str, Iterable[enum.Enum]], ...] = (
        ("sex", Sex),
        ("age_range", AgeRange),
        ("department", Department),
    )
    return Participants(whole, tuple(_divide(kind, members, rows) for kind, members in kinds))


def organizations_of(session: Session, plan: Plan, before: datetime) -> int:
    """Organisations with something public in the plan: what they sent themselves, or somebody wrote on their behalf."""
    is_one = Person.kind == PersonKind.ORGANIZATION
    known = sa.case((is_one, Person.institution_id), else_=Contribution.organization_id)
    unlisted = sa.case((sa.and_(is_one, Person.institution_id.is_(None)), Person.id))
    statement = (
        sa.select(sa.func.count(sa.distinct(known)) + sa.func.count(sa.distinct(unlisted)))
        .select_from(Contribution)
        .join(Person, Person.id == Contribution.person_id)
        .where(
            Contribution.plan_id == plan.id,
            Contribution.state == ContributionState.PUBLISHED,
            Contribution.received_at < before,
        )
    )
    return session.execute(statement).scalar_one()


def _divide(kind: str, members: Iterable[enum.Enum], rows: Iterable[Any]) -> Division:
    found: Counter[enum.Enum | None] = Counter()
    for row in rows:
        found[getattr(row, kind)] += row.n
    counts = {member: found[member] for member in members}
    hidden, hides_rest = hidden_groups(counts)
    groups = tuple(
        Group(member, None if member in hidden else n, 0 < n < SMALLEST_SHOWN) for member, n in counts.items()
    )
    return Division(kind, groups, None if hides_rest else found[None])
