"""What every way to sign in ends with, once it knows whose account it is: the second step, if there is one, and in."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from flask import redirect, session, url_for
from flask.typing import ResponseReturnValue

from consulta import clock
from consulta.people.actors import Actor, actor_for
from consulta.people.models import Account
from consulta.people.second_factor import Step, step_after
from consulta.web.context import db, parts
from consulta.web.sign_in import local_path, sign_in
from consulta.web.spaces import first_space

NEXT_KEY, ENTERING_KEY = "next", "entering"
TERM = timedelta(minutes=10)


@dataclass(frozen=True)
class Entering:
    """Somebody who has proven the first factor in this browser, and where they are going."""

    account: Account
    wanted: str | None


def enter(account: Account, wanted: str | None, *, is_proven: bool = False) -> ResponseReturnValue:
    """Sign an account in, or ask for its second step. `is_proven`: what was shown stands for both factors."""
    step = Step.NONE if is_proven else next_step(account)
    if step is Step.NONE:
        return redirect(finish(account, wanted), 303)
    until = clock.now() + TERM
    session[ENTERING_KEY] = {"account": account.id, "until": until.isoformat(), "wanted": local_path(wanted) or ""}
    return redirect(url_for(f"account.second_step.{'verify' if step is Step.CODE else 'set_up'}"), 303)


def next_step(account: Account) -> Step:
    """What this site still asks of who has proven the first factor."""
    return step_after(db(), account, is_required=parts().config.second_factor)


def entering() -> Entering | None:
    """Who is between the first factor and the second in this browser; None when it took too long."""
    kept = session.get(ENTERING_KEY)
    if kept is None or datetime.fromisoformat(kept["until"]) <= clock.now():
        return None
    account = db().get(Account, kept["account"])
    return Entering(account, kept["wanted"] or None) if account is not None and account.is_active else None


def finish(account: Account, wanted: str | None) -> str:
    """Sign in; answers where to go."""
    where = destination(wanted, actor_for(account.person))
    session.pop(ENTERING_KEY, None)
    sign_in(account)
    return where


def destination(typed: str | None, reader: Actor) -> str:
    """Where to go after entering: the page asked for, if it is one of ours, else where the person's work waits."""
    kept = session.pop(NEXT_KEY, None) if NEXT_KEY in session else None
    return local_path(typed) or local_path(kept) or local_path(first_space(reader)) or "/"
