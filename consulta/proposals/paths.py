"""Where a proposal stands, as the public may know it: its step, who has it, by when, and whether that is late.

Until results are published nothing here depends on a decision: a decided proposal stands where it was before.
"""

import enum
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from consulta.commitments.models import Commitment, CommitmentProposal, CommitmentState
from consulta.database import read_rows
from consulta.decisions.models import Decision, Outcome
from consulta.people.models import Institution
from consulta.proposals.models import Proposal, ProposalSource, ProposalState
from consulta.referrals.models import AWAITING, ENDED_WITHOUT_ANSWER, Referral, ReferralState

Row = Any  # a result row with the columns its statement names


class Step(enum.Enum):
    """The knots of a proposal's thread, in order."""

    RECEIVED = "received"
    PUBLISHED = "published"
    SYSTEMATIZED = "systematized"
    AT_INSTITUTION = "at_institution"
    DECIDED = "decided"
    IN_MATRIX = "in_matrix"


@dataclass(frozen=True, slots=True)
class Standing:
    """What is public about where a proposal is. `holders` are institutions that owe an answer."""

    proposal_id: int
    folio: str
    state: ProposalState
    step: Step
    holders: tuple[str, ...] = ()
    holder_codes: tuple[str, ...] = ()
    since: datetime | None = None
    due_on: date | None = None
    late: bool = False
    outcome: Outcome | None = None
    main_id: int | None = None
    main_folio: str | None = None
    topic_id: int | None = None

    @property
    def reaches_matrix(self) -> bool:
        """Whether its thread has a last knot: what is not included ends with its decision."""
        return self.outcome is not Outcome.NOT_INCLUDED


class Trace(NamedTuple):
    """What is stored about where a proposal is. Whatever changes where it stands on a day changes this."""

    proposal: Row
    referrals: tuple[Row, ...]
    decision: Row | None

    @property
    def mark(self) -> tuple[Any, ...]:
        """All of it as plain tuples, which compare much faster than rows."""
        return tuple(self.proposal), *map(tuple, self.referrals), self.decision and tuple(self.decision)


_main = aliased(Proposal)
# What a standing is made of.
COLUMNS = (
    Proposal.id,
    Proposal.folio,
    Proposal.state,
    Proposal.topic_final_id,
    Proposal.topic_received_id,
    Proposal.main_proposal_id,
    _main.folio.label("main_folio"),
)
_BY_SOURCE = (
    sa.select(ProposalSource.contribution_id, *COLUMNS)
    .join(Proposal, Proposal.id == ProposalSource.proposal_id)
    .outerjoin(_main, _main.id == Proposal.main_proposal_id)
    .where(
        ProposalSource.contribution_id.in_(sa.bindparam("contributions", expanding=True)),
        Proposal.state != ProposalState.VOIDED,
    )
    .order_by(Proposal.id)
)
_BY_ID = (
    sa.select(*COLUMNS)
    .outerjoin(_main, _main.id == Proposal.main_proposal_id)
    .where(Proposal.id.in_(sa.bindparam("proposals", expanding=True)))
)
_REFERRALS = (
    sa.select(
        Referral.proposal_id,
        Referral.state,
        Referral.due_on,
        Referral.sent_at,
        Institution.code.label("code"),
        Institution.name.label("institution"),
    )
    .join(Institution, Institution.id == Referral.institution_id)
    .where(
        Referral.proposal_id.in_(sa.bindparam("proposals", expanding=True)),
        Referral.state.not_in((ReferralState.PENDING_SEND, *ENDED_WITHOUT_ANSWER)),
    )
    .order_by(Referral.id)
)
_OUTCOMES = sa.select(
    Decision.proposal_id,
    Decision.outcome,
    sa.exists()
    .where(
        CommitmentProposal.proposal_id == Decision.proposal_id,
        CommitmentProposal.commitment_id == Commitment.id,
        Commitment.state != CommitmentState.DROPPED,
    )
    .label("in_matrix"),
).where(Decision.superseded_at.is_(None), Decision.proposal_id.in_(sa.bindparam("proposals", expanding=True)))


# In any other state no institution holds a proposal and none has answered: it leaves these once nothing is live.
_WITH_REFERRALS = frozenset({ProposalState.FORWARDED, ProposalState.DECIDED})


def standings_by_source(
    session: Session, contribution_ids: Sequence[int], *, has_results: bool, today: date
) -> dict[int, list[Standing]]:
    """Where the proposals that come from each contribution stand, by contribution."""
    traces = traces_by_source(session, contribution_ids, has_results=has_results)
    return {
        key: [standing_of(trace, has_results=has_results, today=today) for trace in own] for key, own in traces.items()
    }


def traces_by_source(
    session: Session, contribution_ids: Sequence[int], *, has_results: bool
) -> dict[int, tuple[Trace, ...]]:
    """The traces of the proposals that come from each contribution, by contribution."""
    if not contribution_ids:
        return {}
    rows = read_rows(session, _BY_SOURCE, {"contributions": contribution_ids})
    traces = _traces(session, rows, has_results)
    found: dict[int, tuple[Trace, ...]] = {}
    for row in rows:
        found[row.contribution_id] = (*found.get(row.contribution_id, ()), traces[row.id])
    return found


def standings_of(
    session: Session, proposal_ids: Sequence[int], *, has_results: bool, today: date
) -> dict[int, Standing]:
    """Where some proposals of one plan stand, by id."""
    if not proposal_ids:
        return {}
    traces = _traces(session, read_rows(session, _BY_ID, {"proposals": proposal_ids}), has_results)
    return {key: standing_of(trace, has_results=has_results, today=today) for key, trace in traces.items()}


def _traces(session: Session, rows: Iterable[Row], has_results: bool) -> dict[int, Trace]:
    proposals = {row.id: row for row in rows}
    sent = [key for key, row in proposals.items() if row.state in _WITH_REFERRALS]
    referrals: dict[int, tuple[Row, ...]] = {}
    for referral in read_rows(session, _REFERRALS, {"proposals": sent}) if sent else ():
        referrals[referral.proposal_id] = (*referrals.get(referral.proposal_id, ()), referral)
    decisions: Mapping[int, Row] = {}
    if has_results:
        decisions = {row.proposal_id: row for row in read_rows(session, _OUTCOMES, {"proposals": list(proposals)})}
    return {key: Trace(row, referrals.get(key, ()), decisions.get(key)) for key, row in proposals.items()}


def standing_of(trace: Trace, *, has_results: bool, today: date) -> Standing:
    """Where a proposal stands on a day; nothing of its decision before results are published."""
    row, referrals, decision = trace
    waiting = [referral for referral in referrals if referral.state in AWAITING]
    state = row.state
    if state is ProposalState.DECIDED and not (has_results and decision):
        state = ProposalState.FORWARDED if referrals else ProposalState.SYSTEMATIZED
    decided = decision if state is ProposalState.DECIDED else None
    return Standing(
        proposal_id=row.id,
        folio=row.folio,
        state=state,
        step=_step(state, bool(decided and decided.in_matrix)),
        holders=tuple(referral.institution for referral in waiting),
        holder_codes=tuple(referral.code for referral in waiting),
        since=min((r.sent_at for r in waiting or referrals if r.sent_at), default=None),
        due_on=min((referral.due_on for referral in waiting), default=None),
        late=any(today > referral.due_on for referral in waiting),
        outcome=decided.outcome if decided else None,
        main_id=row.main_proposal_id,
        main_folio=row.main_folio,
        topic_id=row.topic_final_id or row.topic_received_id,
    )


def _step(state: ProposalState, in_matrix: bool) -> Step:
    if state is ProposalState.DECIDED:
        return Step.IN_MATRIX if in_matrix else Step.DECIDED
    return {
        ProposalState.RECEIVED: Step.PUBLISHED,
        ProposalState.SYSTEMATIZED: Step.SYSTEMATIZED,
        ProposalState.MERGED: Step.SYSTEMATIZED,
        ProposalState.FORWARDED: Step.AT_INSTITUTION,
    }.get(state, Step.RECEIVED)
