"""The one clock: aware times in UTC, and the civil date of El Salvador.

Everything that asks for the time asks here, so that a test, a loader or a drill can set it.
"""

import math
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, date, datetime, time, timedelta, timezone

# El Salvador keeps UTC-6 the whole year and has no daylight saving time.
LOCAL_ZONE = timezone(timedelta(hours=-6), "America/El_Salvador")

_fixed: ContextVar[datetime | None] = ContextVar("fixed_clock", default=None)


def now() -> datetime:
    """The present moment, aware, in UTC."""
    return _fixed.get() or datetime.now(UTC)


def today() -> date:
    """The civil date in El Salvador."""
    return local_date(now())


def local_date(moment: datetime) -> date:
    """The civil date in El Salvador at an aware `moment`."""
    return moment.astimezone(LOCAL_ZONE).date()


def start_of_day(day: date) -> datetime:
    """The first instant of a civil day (00:00, inclusive), in UTC."""
    return datetime.combine(day, time.min, LOCAL_ZONE).astimezone(UTC)


def end_of_day(day: date) -> datetime:
    """The first instant after a civil day (exclusive): a window closes at 23:59:59.999… of its last day."""
    return start_of_day(day + timedelta(days=1))


def seconds_until(moment: datetime) -> int:
    """Whole seconds from now to a moment, rounded up; at least one."""
    return max(1, math.ceil((moment - now()).total_seconds()))


@contextmanager
def set_to(moment: datetime) -> Iterator[None]:
    """Make `now()` answer `moment` inside the block; used to load what happened on other days."""
    if moment.tzinfo is None:
        raise ValueError("the clock needs an aware time")
    token = _fixed.set(moment.astimezone(UTC))
    try:
        yield
    finally:
        _fixed.reset(token)
