"""One act on several contributions: seen and counted before, done together, each with its own entry in the log."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from consulta import clock
from consulta.changes import transaction
from consulta.contributions.models import Contribution
from consulta.contributions.moderation import Words, check_words, do_act, lock_in_order
from consulta.moderation.models import Act, Claim
from consulta.moderation.queries import find_many, live_claims
from consulta.moderation.rules import ACTS, BATCH_MAX
from consulta.people.actors import Actor
from consulta.permissions import Permission, allows
from consulta.plans.rules import admits


@dataclass(frozen=True)
class Seen:
    """What a page showed of a contribution: its version, and the newest report of it; None for what it does not say."""

    version: int | None = None
    last_report: int | None = None


@dataclass(frozen=True)
class Outlook:
    """What an act would change, and what it would leave as it is, each with the code of why."""

    ready: Sequence[Contribution]
    kept: Sequence[tuple[Contribution, str]]


@dataclass(frozen=True)
class Done:
    """What an act changed; `batch` takes it back for some seconds."""

    batch: str
    outlook: Outlook


def look_ahead(session: Session, *, actor: Actor, act: Act, chosen: Mapping[int, Seen]) -> Outlook:
    """What would come of an act now, without doing it."""
    now = clock.now()
    return _judge(actor, act, chosen, find_many(session, chosen), live_claims(session, chosen, now), now)


def moderate_many(session: Session, *, actor: Actor, act: Act, words: Words, chosen: Mapping[int, Seen]) -> Done:
    """Do one act on each that still admits it, as it was seen; the others stay. Raises Invalid."""
    said, batch = check_words(session, act, words), secrets.token_urlsafe(12)
    with transaction(session, actor=actor) as change:
        change.require(Permission.CONTRIBUTION_MODERATE)
        locked = lock_in_order(change, list(chosen)[:BATCH_MAX])
        rows = sorted(locked.values(), key=lambda row: (row.received_at, row.id))
        outlook = _judge(actor, act, chosen, rows, live_claims(session, locked, change.now), change.now)
        for contribution in outlook.ready:
            do_act(change, contribution, act, said, batch, chosen[contribution.id].last_report)
            session.flush()
    return Done(batch, outlook)


def _judge(
    actor: Actor,
    act: Act,
    chosen: Mapping[int, Seen],
    rows: Sequence[Contribution],
    claims: Mapping[int, Claim],
    now: datetime,
) -> Outlook:
    ready, kept = [], []
    for row in rows:
        claim, seen = claims.get(row.id), chosen[row.id].version
        if not allows(actor, Permission.CONTRIBUTION_MODERATE, row):
            kept.append((row, "own_words"))
        elif seen is not None and row.version != seen:
            kept.append((row, "changed_meanwhile"))
        elif row.state not in ACTS[act].starts:
            kept.append((row, "not_in_this_state"))
        elif not admits(row.plan, ACTS[act].work, now):
            kept.append((row, "plan_past_it"))
        elif claim is not None and claim.person_id != actor.person_id:
            kept.append((row, "somebody_reads_it"))
        elif act is Act.PUBLISH and not row.public_body.strip():
            kept.append((row, "without_text"))
        else:
            ready.append(row)
    return Outlook(ready, kept)
