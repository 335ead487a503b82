"""The one contribution that a browser follows without an account: a part of its session, for an hour."""

from datetime import datetime, timedelta

from flask import session

from consulta import clock
from consulta.web.server_sessions import current_session

KEY = "tracked"
LASTS = timedelta(hours=1)


def begin_tracking(contribution_id: int, *, is_new: bool = False) -> None:
    """Open a contribution to this browser; `is_new` shows its code, which happens once."""
    current = current_session()
    if current.holder is None:
        current.renew()
    until = clock.now() + LASTS
    session[KEY] = {"contribution": contribution_id, "until": until.isoformat(), "is_new": is_new}


def tracked_id() -> int | None:
    """The contribution that is open here; None when there is none, or its hour is over."""
    return session[KEY]["contribution"] if _is_open() else None


def is_new() -> bool:
    """Whether its author has only just confirmed it here."""
    return _is_open() and bool(session[KEY]["is_new"])


def end_tracking() -> None:
    session.pop(KEY, None)


def _is_open() -> bool:
    return KEY in session and datetime.fromisoformat(session[KEY]["until"]) > clock.now()
