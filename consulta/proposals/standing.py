"""Where contributions stand for their author: the state to show, who has each of them now, and by when."""

import enum
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from consulta.contributions.models import ContributionState
from consulta.proposals.models import ProposalState
from consulta.proposals.paths import Standing, standings_by_source, standings_of

# As many ids as one statement takes on every engine, with room to spare.
AT_ONCE = 30_000
WITH_COORDINATOR = (ProposalState.RECEIVED, ProposalState.SYSTEMATIZED, ProposalState.FORWARDED)


class Holder(enum.Enum):
    """Who has to do the next step."""

    MODERATION = "moderation"
    AUTHOR = "author"
    COORDINATOR = "coordinator"
    INSTITUTIONS = "institutions"


@dataclass(frozen=True)
class Turn:
    """`kind` tells what `state` is a state of; `institutions` are those that owe an answer."""

    kind: str
    state: enum.Enum
    holder: Holder | None = None
    institutions: tuple[str, ...] = ()
    due_on: date | None = None
    late: bool = False


@dataclass(frozen=True)
class Standings:
    """Where the proposals of some contributions of one plan stand, and those that they were joined to."""

    by_source: Mapping[int, Sequence[Standing]]
    mains: Mapping[int, Standing]

    def of(self, contribution_id: int) -> Sequence[Standing]:
        """Those that come from a contribution, the earliest first."""
        return self.by_source.get(contribution_id, ())

    def followed_by(self, standing: Standing) -> Standing:
        """The one whose way it goes: the main one of what was joined."""
        return self.mains.get(standing.main_id or 0, standing)

    def turn(self, contribution_id: int, state: ContributionState, complete_by: date | None, *, today: date) -> Turn:
        """Who has a contribution now."""
        if state is ContributionState.PENDING:
            return Turn("contribution", state, Holder.MODERATION)
        if state is ContributionState.OBSERVED:
            is_late = complete_by is not None and today > complete_by
            return Turn("contribution", state, Holder.AUTHOR, due_on=complete_by, late=is_late)
        proposals = self.of(contribution_id)
        if state is not ContributionState.PUBLISHED or not proposals:
            return Turn("contribution", state)
        return self._of_proposal(proposals[0])

    def _of_proposal(self, own: Standing) -> Turn:
        kind, shown = ("outcome", own.outcome) if own.outcome else ("proposal", own.state)
        way = self.followed_by(own)
        holder = None
        if way.holders:
            holder = Holder.INSTITUTIONS
        elif way.state in WITH_COORDINATOR:
            holder = Holder.COORDINATOR
        return Turn(kind, shown, holder, way.holders, way.due_on, way.late)


def find_standings(session: Session, contribution_ids: Collection[int], *, has_results: bool, today: date) -> Standings:
    """The standings of some contributions of one plan, in a number of reads that hardly grows with theirs."""
    found: dict[int, Sequence[Standing]] = {}
    mains: dict[int, Standing] = {}
    for keys in _slices(contribution_ids):
        found |= standings_by_source(session, keys, has_results=has_results, today=today)
    joined = {one.main_id for standings in found.values() for one in standings if one.main_id is not None}
    for keys in _slices(joined):
        mains |= standings_of(session, keys, has_results=has_results, today=today)
    return Standings(found, mains)


def _slices(ids: Collection[int]) -> Iterator[Sequence[int]]:
    keys = sorted(ids)
    return (keys[start : start + AT_ONCE] for start in range(0, len(keys), AT_ONCE))
