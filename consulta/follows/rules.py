"""How soon each mode tells, and when the digests go out."""

from datetime import datetime, time, timedelta

from consulta import clock
from consulta.follows.models import Mode

# Digests go out when people have breakfast; the weekly one on Mondays.
DIGEST_HOUR = time(7)
MONDAY = 0
# Who was just told by mail is told of what follows by one more, this long after: fifty proposals published in a row
# are two mails, not fifty.
QUIET_TIME = timedelta(minutes=1)
# Topics and proposals together; who follows everything is served by the topics.
FOLLOWS_MAX = 500
# What a page suggests: a topic has news all the time, a proposal now and then.
TOPIC_MODE, PROPOSAL_MODE, ANSWERS_MODE = Mode.DAILY, Mode.AT_ONCE, Mode.AT_ONCE

_SOONEST = {mode: rank for rank, mode in enumerate(Mode)}


def rank_of(mode: Mode) -> int:
    """The lower, the sooner somebody hears."""
    return _SOONEST[mode]


def last_digest(mode: Mode, now: datetime) -> datetime:
    """The latest moment, not after `now`, at which a digest was due; what was told before belongs in it."""
    local = now.astimezone(clock.LOCAL_ZONE)
    due = datetime.combine(local.date(), DIGEST_HOUR, clock.LOCAL_ZONE)
    if due > local:
        due -= timedelta(days=1)
    if mode is Mode.WEEKLY:
        due -= timedelta(days=(due.weekday() - MONDAY) % 7)
    return due
