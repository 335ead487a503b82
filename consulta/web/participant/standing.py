"""Where an own contribution stands, in words: its state, who has it, by when, and what its author can do."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from consulta import clock
from consulta.contributions.models import Contribution, ContributionState
from consulta.contributions.moves import in_process
from consulta.contributions.rules import APPEALABLE, EDITABLE
from consulta.plans.rules import Work, admits, may_contribute
from consulta.proposals.paths import Standing
from consulta.proposals.standing import Standings, Turn, find_standings
from consulta.representation.queries import represented_by
from consulta.web.own_words import HOLDERS

WITHDRAWABLE = (
    ContributionState.PENDING,
    ContributionState.OBSERVED,
    ContributionState.PUBLISHED,
    ContributionState.HIDDEN,
)


@dataclass(frozen=True)
class OwnStanding:
    """One row of the own space; `holder` says who has it now."""

    contribution: Contribution
    proposals: Sequence[Standing]
    turn: Turn
    holder: str
    has_voice: bool

    @property
    def folio(self) -> str | None:
        return self.proposals[0].folio if self.proposals else None

    @property
    def main_folio(self) -> str | None:
        """Of the proposal that its own was joined to."""
        return self.proposals[0].main_folio if self.proposals else None

    @property
    def needs_completion(self) -> bool:
        return self.has_voice and self.contribution.state is ContributionState.OBSERVED

    @property
    def can_appeal(self) -> bool:
        return self.has_voice and _admits_appeal(self.contribution)


def stand(session: Session, contributions: Sequence[Contribution]) -> list[OwnStanding]:
    """Where some contributions of one author stand, in their order; some reads for each plan they belong to."""
    rows: list[OwnStanding] = []
    voices = (None, _speaks_for(session, contributions))
    for plan in {contribution.plan for contribution in contributions}:
        own = [contribution for contribution in contributions if contribution.plan_id == plan.id]
        keys = [contribution.id for contribution in own]
        found = find_standings(session, keys, has_results=plan.has_results, today=clock.today())
        rows += [_stand(contribution, found, has_voice=contribution.organization_id in voices) for contribution in own]
    places = {contribution.id: place for place, contribution in enumerate(contributions)}
    return sorted(rows, key=lambda row: places[row.contribution.id])


def has_voice(session: Session, contribution: Contribution) -> bool:
    """Whether its author still speaks for the organisation on whose behalf it is, where it is so."""
    return contribution.organization_id in (None, _speaks_for(session, [contribution]))


def can_appeal(session: Session, contribution: Contribution) -> bool:
    """Whether its author can ask, once, that it be read again."""
    return _admits_appeal(contribution) and has_voice(session, contribution)


def can_complete(session: Session, contribution: Contribution) -> bool:
    """Whether its author is asked for something and can still write it."""
    return contribution.state is ContributionState.OBSERVED and has_voice(session, contribution)


def _speaks_for(session: Session, contributions: Sequence[Contribution]) -> int | None:
    """The organisation that their one author represents; asks only where something was written for one."""
    author_id = next((one.person_id for one in contributions if one.organization_id is not None), None)
    held = represented_by(session, author_id) if author_id is not None else None
    return held.id if held else None


def _admits_appeal(contribution: Contribution) -> bool:
    if contribution.state not in APPEALABLE or contribution.appealed_at is not None:
        return False
    return admits(contribution.plan, APPEALABLE[contribution.state], clock.now())


def can_withdraw(session: Session, contribution: Contribution) -> bool:
    """Whether its author can still take it back: nobody has begun to work on its proposal."""
    return contribution.state in WITHDRAWABLE and not _is_in_process(session, contribution)


def can_edit(session: Session, contribution: Contribution) -> bool:
    """Whether its author can rewrite it now."""
    plan, topic, now = contribution.plan, contribution.topic, clock.now()
    is_open = may_contribute(plan, topic, now) if topic else admits(plan, Work.CONTRIBUTE, now)
    if not is_open or contribution.state not in EDITABLE or _is_in_process(session, contribution):
        return False
    return has_voice(session, contribution)


def _is_in_process(session: Session, contribution: Contribution) -> bool:
    return in_process(session, [link.proposal for link in contribution.proposal_links])


def _stand(contribution: Contribution, standings: Standings, *, has_voice: bool) -> OwnStanding:
    turn = standings.turn(contribution.id, contribution.state, contribution.complete_by, today=clock.today())
    holder = ", ".join(turn.institutions) or (str(HOLDERS[turn.holder]) if turn.holder else "")
    return OwnStanding(contribution, standings.of(contribution.id), turn, holder, has_voice)
