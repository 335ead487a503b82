"""Where an own contribution stands, in words: its state, who has it, by when, and what its author can do."""

import enum
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from consulta import clock
from consulta.contributions.models import Contribution, ContributionState
from consulta.contributions.moves import in_process
from consulta.contributions.rules import EDITABLE
from consulta.plans.rules import Work, admits, may_contribute
from consulta.proposals.models import ProposalState
from consulta.proposals.paths import Standing, standings_by_source
from consulta.web.i18n import gettext

WITHDRAWABLE = (
    ContributionState.PENDING,
    ContributionState.OBSERVED,
    ContributionState.PUBLISHED,
    ContributionState.HIDDEN,
)


@dataclass(frozen=True)
class OwnStanding:
    """One row of the own space. `kind` and `state` name the state to show; `holder` says who has it now."""

    contribution: Contribution
    proposals: Sequence[Standing]
    kind: str
    state: enum.Enum
    holder: str
    due_on: date | None
    late: bool

    @property
    def folio(self) -> str | None:
        return self.proposals[0].folio if self.proposals else None

    @property
    def needs_completion(self) -> bool:
        return self.contribution.state is ContributionState.OBSERVED

    @property
    def can_appeal(self) -> bool:
        return can_appeal(self.contribution)


def stand(session: Session, contributions: Sequence[Contribution]) -> list[OwnStanding]:
    """Where some contributions stand; one read for each plan they belong to."""
    found: dict[int, Sequence[Standing]] = {}
    for plan in {contribution.plan for contribution in contributions}:
        keys = [contribution.id for contribution in contributions if contribution.plan_id == plan.id]
        found |= standings_by_source(session, keys, has_results=plan.has_results, today=clock.today())
    return [_stand(contribution, found.get(contribution.id, ())) for contribution in contributions]


def can_appeal(contribution: Contribution) -> bool:
    """Whether its author can ask, once, that it be read again."""
    return (
        contribution.state is ContributionState.REJECTED
        and contribution.appealed_at is None
        and admits(contribution.plan, Work.MODERATE, clock.now())
    )


def can_withdraw(session: Session, contribution: Contribution) -> bool:
    """Whether its author can still take it back: nobody has begun to work on its proposal."""
    return contribution.state in WITHDRAWABLE and not _is_in_process(session, contribution)


def can_edit(session: Session, contribution: Contribution) -> bool:
    """Whether its author can rewrite it now."""
    plan, topic, now = contribution.plan, contribution.topic, clock.now()
    is_open = may_contribute(plan, topic, now) if topic else admits(plan, Work.CONTRIBUTE, now)
    return is_open and contribution.state in EDITABLE and not _is_in_process(session, contribution)


def _is_in_process(session: Session, contribution: Contribution) -> bool:
    return in_process(session, [link.proposal for link in contribution.proposal_links])


def _stand(contribution: Contribution, proposals: Sequence[Standing]) -> OwnStanding:
    holder, due_on, late = "", None, False
    kind, state = "contribution", contribution.state
    shown: enum.Enum = state
    if state is ContributionState.PENDING:
        holder = gettext("el equipo de moderación")
    elif state is ContributionState.OBSERVED:
        holder, due_on = gettext("usted"), contribution.complete_by
        late = due_on is not None and clock.today() > due_on
    elif state is ContributionState.PUBLISHED and proposals:
        first = proposals[0]
        kind, shown = ("outcome", first.outcome) if first.outcome else ("proposal", first.state)
        holder, due_on, late = ", ".join(first.holders), first.due_on, first.late
        if not holder and first.state in (ProposalState.RECEIVED, ProposalState.SYSTEMATIZED):
            holder = gettext("el punto de contacto")
    return OwnStanding(contribution, proposals, kind, shown, holder, due_on, late)
