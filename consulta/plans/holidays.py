"""Days on which public offices do not count a term."""

from collections.abc import Sequence
from datetime import date

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from consulta.changes import transaction
from consulta.errors import Invalid, NotFound, Problem
from consulta.people.actors import Actor
from consulta.permissions import Permission
from consulta.plans.models import Holiday
from consulta.text import clean_line

LABEL_MAX = 80


def add_holiday(session: Session, *, actor: Actor, on: date, label: str) -> Holiday:
    """Add a day off. Terms already given keep the last day that was said."""
    name = clean_line(label)
    if not name:
        raise Invalid(Problem("label", "missing"))
    if len(name) > LABEL_MAX:
        raise Invalid(Problem("label", "name_too_long", {"max": LABEL_MAX}))
    try:
        with transaction(session, actor=actor) as change:
            change.require(Permission.SITE_ADMINISTER)
            if session.scalar(sa.select(Holiday.id).where(Holiday.on == on)) is not None:
                raise Invalid(Problem("on", "holiday_taken"))
            holiday = Holiday(on=on, label=name)
            change.create(holiday, "holiday.add", on=on.isoformat(), label=name)
    except IntegrityError:
        raise Invalid(Problem("on", "holiday_taken")) from None
    return holiday


def remove_holiday(session: Session, *, actor: Actor, holiday_id: int) -> None:
    with transaction(session, actor=actor) as change:
        change.require(Permission.SITE_ADMINISTER)
        holiday = session.get(Holiday, holiday_id)
        if holiday is None:
            raise NotFound("Holiday", holiday_id)
        change.record("holiday.remove", holiday, on=holiday.on.isoformat(), label=holiday.label)
        session.delete(holiday)


def list_holidays(session: Session) -> Sequence[Holiday]:
    """Every day off, the latest year first."""
    return session.scalars(sa.select(Holiday).order_by(Holiday.on.desc())).all()
