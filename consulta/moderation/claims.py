"""Claims: whoever reads a contribution says so, and takes it over from somebody else only knowingly."""

import sqlalchemy as sa
from sqlalchemy.orm import Session

from consulta.changes import Change, transaction
from consulta.contributions.models import Contribution
from consulta.contributions.moderation import end_claim, require_unclaimed
from consulta.moderation.models import Claim
from consulta.moderation.queries import live_claim
from consulta.moderation.rules import CLAIM_TIME
from consulta.moderation.trays import Place, Selection, next_to_read
from consulta.people.actors import Actor
from consulta.permissions import Permission

TRIES = 5


def claim_contribution(session: Session, *, actor: Actor, contribution_id: int, take_over: bool = False) -> Claim:
    """Say that the actor reads it now, for some minutes from this moment. Raises GuardRefused for another's claim,
    unless it is taken over, which the log tells."""
    with transaction(session, actor=actor) as change:
        contribution = change.lock(Contribution, contribution_id)
        change.require(Permission.CONTRIBUTION_MODERATE, contribution)
        if take_over:
            _take_over(change, contribution)
        else:
            require_unclaimed(change, contribution)
        return _put(change, contribution)


def claim_next(
    session: Session, *, actor: Actor, chosen: Selection | None = None, after: Place | None = None
) -> int | None:
    """Claim what has waited longest in a tray and nobody reads; its id, or None when nothing waits."""
    selection = chosen or Selection()
    with transaction(session, actor=actor) as change:
        change.require(Permission.CONTRIBUTION_MODERATE)
        for _ in range(TRIES):
            key = next_to_read(session, selection, person_id=actor.person_id, now=change.now, after=after)
            if key is None:
                return None
            contribution = change.lock(Contribution, key)
            claim = live_claim(session, key, change.now)
            if claim is None or claim.person_id == actor.person_id:  # nobody was quicker
                _put(change, contribution)
                return key
    return None


def release_claim(session: Session, *, actor: Actor, contribution_id: int) -> None:
    """Leave it to the others."""
    with transaction(session, actor=actor) as change:
        contribution = change.lock(Contribution, contribution_id)
        change.require(Permission.CONTRIBUTION_MODERATE, contribution)
        require_unclaimed(change, contribution)
        end_claim(change, contribution)


def _take_over(change: Change, contribution: Contribution) -> None:
    claim = live_claim(change.session, contribution.id, change.now)
    if claim is not None and claim.person_id != change.actor.person_id:
        change.record("contribution.take_over", contribution, reason=claim.person.public_name)


def _put(change: Change, contribution: Contribution) -> Claim:
    """One claim a contribution: the actor's, whosever it was."""
    found = change.session.scalars(sa.select(Claim).where(Claim.contribution_id == contribution.id)).one_or_none()
    claim = found or Claim(contribution_id=contribution.id)
    claim.person_id, claim.claimed_at = change.actor.person_id or 0, change.now
    claim.ends_at = change.now + CLAIM_TIME
    change.session.add(claim)
    return claim
