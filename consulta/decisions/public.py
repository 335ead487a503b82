"""Outcomes, reasons and answers as anybody may read them: everything here is empty until results are published."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from statistics import median, quantiles
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from consulta import clock
from consulta.commitments.models import Commitment, CommitmentProposal, CommitmentState
from consulta.contributions.models import Channel
from consulta.decisions.models import WITH_COMMITMENT, Decision, Outcome
from consulta.people.models import Institution
from consulta.plans.models import Plan, Topic
from consulta.proposals.models import Proposal, ProposalState
from consulta.proposals.public import listed
from consulta.referrals.models import AWAITING, Reason, Referral, ReferralState, Response
from consulta.referrals.rules import is_overdue

Row = Any  # a result row with the columns its statement names


@dataclass(frozen=True)
class InstitutionTimes:
    """How an institution answered. Days are civil days from sending to answer; None without an answer."""

    code: str
    name: str
    asked_count: int
    answered_count: int
    on_time_count: int
    late_count: int
    owed_count: int
    median_days: float | None
    ninetieth_days: float | None


@dataclass(frozen=True)
class Results:
    """What the results page counts; all of it over proposals with a decision, merged ones counted once."""

    outcomes: Counter[Outcome]
    citizen_outcomes: Counter[Outcome]
    by_topic: dict[int | None, Counter[Outcome]]
    reasons: Counter[Reason]

    @property
    def citizen_included(self) -> int:
        return sum(self.citizen_outcomes[outcome] for outcome in WITH_COMMITMENT)


def count_results(session: Session, plan: Plan) -> Results:
    """Count the current decisions of a plan with published results."""
    results = Results(Counter(), Counter(), {}, Counter())
    if not plan.has_results:
        return results
    rows = session.execute(
        sa.select(Proposal.channel, Proposal.topic_final_id, Decision.outcome, Decision.reasons)
        .join(Decision, Decision.proposal_id == Proposal.id)
        .where(Proposal.plan_id == plan.id, Proposal.state == ProposalState.DECIDED, Decision.superseded_at.is_(None))
    )
    for row in rows:
        results.outcomes[row.outcome] += 1
        if row.channel is not Channel.INSTITUTION:
            results.citizen_outcomes[row.outcome] += 1
        results.by_topic.setdefault(row.topic_final_id, Counter())[row.outcome] += 1
        results.reasons.update(Reason(value) for value in row.reasons)
    return results


def institution_times(session: Session, plan: Plan, today: date) -> list[InstitutionTimes]:
    """How each institution that was asked has answered so far, the most asked first. Public at any time."""
    rows = session.execute(
        sa.select(
            Institution.code,
            Institution.name,
            Referral.state,
            Referral.sent_at,
            Referral.answered_at,
            Referral.due_on,
        )
        .join(Referral, Referral.institution_id == Institution.id)
        .join(Proposal, Proposal.id == Referral.proposal_id)
        .where(
            Proposal.plan_id == plan.id,
            Referral.sent_at.is_not(None),
            Referral.state.in_((*AWAITING, ReferralState.ANSWERED, ReferralState.NO_ANSWER)),
        )
    ).all()
    grouped: dict[tuple[str, str], list[Row]] = {}
    for row in rows:
        grouped.setdefault((row.code, row.name), []).append(row)
    found = [_times(code, name, mine, today) for (code, name), mine in grouped.items()]
    return sorted(found, key=lambda one: (-one.asked_count, one.name))


def _times(code: str, name: str, rows: Sequence[Row], today: date) -> InstitutionTimes:
    answered = [row for row in rows if row.state is ReferralState.ANSWERED and row.answered_at]
    days = sorted((clock.local_date(row.answered_at) - clock.local_date(row.sent_at)).days for row in answered)
    in_time = sum(clock.local_date(row.answered_at) <= row.due_on for row in answered)
    return InstitutionTimes(
        code=code,
        name=name,
        asked_count=len(rows),
        answered_count=len(answered),
        on_time_count=in_time,
        late_count=sum(is_overdue(row, today) for row in rows),
        owed_count=sum(row.state in AWAITING for row in rows),
        median_days=median(days) if days else None,
        ninetieth_days=days[0] if len(days) == 1 else quantiles(days, n=10, method="inclusive")[-1] if days else None,
    )


def referrals_of(session: Session, proposal_id: int) -> Sequence[Referral]:
    """The referrals of a proposal that were sent, with their institutions."""
    statement = sa.select(Referral).where(Referral.proposal_id == proposal_id, Referral.sent_at.is_not(None))
    return session.scalars(statement.options(joinedload(Referral.institution)).order_by(Referral.id)).all()


def responses_of(session: Session, plan: Plan, referral_ids: Sequence[int]) -> dict[int, Response]:
    """The answer that holds of each referral, once results are public."""
    if not plan.has_results or not referral_ids:
        return {}
    statement = sa.select(Response).where(Response.referral_id.in_(referral_ids)).order_by(Response.number)
    return {response.referral_id: response for response in session.scalars(statement)}


def decision_of(session: Session, plan: Plan, proposal_id: int) -> Decision | None:
    """The decision that holds, once results are public."""
    if not plan.has_results:
        return None
    statement = sa.select(Decision).where(Decision.proposal_id == proposal_id, Decision.superseded_at.is_(None))
    return session.scalars(statement).one_or_none()


def commitments_of(session: Session, plan: Plan, proposal_id: int) -> Sequence[Commitment]:
    """The commitments that answer a proposal, once results are public."""
    if not plan.has_results:
        return []
    statement = (
        sa.select(Commitment)
        .join(CommitmentProposal, CommitmentProposal.commitment_id == Commitment.id)
        .where(CommitmentProposal.proposal_id == proposal_id, Commitment.state != CommitmentState.DROPPED)
    )
    return session.scalars(statement.order_by(Commitment.number)).all()


def told_outcomes(session: Session, plans: Sequence[Plan], limit: int = 3) -> Sequence[Row]:
    """Some published outcomes to tell at the start: included ones first, of the plans with results."""
    published = [plan.id for plan in plans if plan.has_results]
    if not published:
        return []
    statement = (
        listed()
        .add_columns(
            Topic.name.label("topic_name"),
            Decision.outcome,
            Decision.justification,
            Commitment.name.label("commitment_name"),
        )
        .join(Decision, sa.and_(Decision.proposal_id == Proposal.id, Decision.superseded_at.is_(None)))
        .outerjoin(Topic, Topic.id == Proposal.topic_final_id)
        .outerjoin(CommitmentProposal, CommitmentProposal.proposal_id == Proposal.id)
        .outerjoin(
            Commitment,
            sa.and_(Commitment.id == CommitmentProposal.commitment_id, Commitment.state != CommitmentState.DROPPED),
        )
        .where(Proposal.plan_id.in_(published), Proposal.state == ProposalState.DECIDED)
        .where(Proposal.channel != Channel.INSTITUTION)
        .order_by(sa.case((Decision.outcome.in_(WITH_COMMITMENT), 0), else_=1), Proposal.plan_id.desc(), Proposal.id)
        .limit(limit * 4)
    )
    first_of_topic: dict[str | None, Row] = {}
    rows = session.execute(statement).all()
    for row in rows:
        first_of_topic.setdefault(row.topic_name, row)
    chosen = [*first_of_topic.values(), *(row for row in rows if row not in first_of_topic.values())]
    return [row for position, row in enumerate(chosen) if row.id not in {r.id for r in chosen[:position]}][:limit]
