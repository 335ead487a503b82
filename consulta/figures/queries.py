"""Counts of a plan, straight from the data: a constant number of grouped queries."""

from collections import Counter
from dataclasses import dataclass, field

import sqlalchemy as sa
from sqlalchemy.orm import Session

from consulta.commitments.models import Commitment, CommitmentState
from consulta.contributions.models import Channel, Contribution, ContributionState
from consulta.contributions.rules import NOT_MODERATED
from consulta.decisions.models import Decision
from consulta.plans.models import Plan, Topic, TopicState
from consulta.proposals.models import Proposal, ProposalSource, ProposalState
from consulta.referrals.models import Referral, ReferralState


@dataclass
class Counts:
    """Everything the sums of a plan are made of. Topics go by code; None is «Sin temática al recibirse»."""

    by_channel: Counter[Channel] = field(default_factory=Counter)
    by_state: Counter[ProposalState] = field(default_factory=Counter)
    by_topic: Counter[str | None] = field(default_factory=Counter)
    web_by_topic: Counter[str | None] = field(default_factory=Counter)
    persons_by_topic: Counter[str] = field(default_factory=Counter)
    unique_persons: int = 0
    unmoderated: int = 0
    template_in_submissions: int = 0
    template_elsewhere: int = 0
    by_outcome: Counter[str] = field(default_factory=Counter)
    by_referral_state: Counter[ReferralState] = field(default_factory=Counter)
    late: int = 0
    voided: int = 0
    without_institution: int = 0
    topics: int = 0
    commitments: int = 0
    submissions: int = 0


def count_plan(session: Session, plan: Plan, *, public: bool) -> Counts:
    """Count a plan. `public` shows what everybody may know: until results, a decided one counts as before."""
    counts = Counts()
    hide_decided = public and not plan.has_results
    _count_proposals(session, plan, counts, hide_decided)
    _count_persons(session, plan, counts)
    _count_templates(session, plan, counts)
    if not hide_decided:
        _count_decisions(session, plan, counts)
    for state, n in session.execute(
        sa.select(Referral.state, sa.func.count())
        .join(Proposal, Referral.proposal_id == Proposal.id)
        .where(Proposal.plan_id == plan.id)
        .group_by(Referral.state)
    ):
        counts.by_referral_state[state] = n
    counts.topics = _scalar(
        session, sa.select(sa.func.count()).where(Topic.plan_id == plan.id, Topic.state != TopicState.DRAFT)
    )
    if not hide_decided:
        counts.commitments = _scalar(
            session,
            sa.select(sa.func.count()).where(
                Commitment.plan_id == plan.id, Commitment.state != CommitmentState.DROPPED
            ),
        )
    return counts


def _scalar(session: Session, statement: sa.Select[int]) -> int:
    return session.execute(statement).scalar_one()


def _was_sent() -> sa.ColumnElement[bool]:
    return sa.exists().where(Referral.proposal_id == Proposal.id, Referral.sent_at.is_not(None))


def _unmoderated() -> sa.ColumnElement[bool]:
    """No source of the proposal has been read by a moderator yet."""
    moderated = (
        sa.select(ProposalSource.id)
        .join(Contribution, ProposalSource.contribution_id == Contribution.id)
        .where(ProposalSource.proposal_id == Proposal.id, Contribution.state.not_in(NOT_MODERATED))
    )
    return sa.and_(Proposal.state == ProposalState.RECEIVED, ~moderated.exists())


def _count_proposals(session: Session, plan: Plan, counts: Counts, hide_decided: bool) -> None:
    rows = session.execute(
        sa.select(
            Proposal.channel,
            Proposal.state,
            Topic.code,
            _unmoderated().label("unmoderated"),
            _was_sent().label("was_sent"),
            Proposal.late,
            sa.func.count().label("n"),
        )
        .outerjoin(Topic, Proposal.topic_received_id == Topic.id)
        .where(Proposal.plan_id == plan.id)
        .group_by(Proposal.channel, Proposal.state, Topic.code, "unmoderated", "was_sent", Proposal.late)
    )
    for row in rows:
        if row.state is ProposalState.VOIDED:
            counts.voided += row.n
            continue
        state = row.state
        if state is ProposalState.DECIDED and not row.was_sent and not hide_decided:
            counts.without_institution += row.n
        if hide_decided and state is ProposalState.DECIDED:
            state = ProposalState.FORWARDED if row.was_sent else ProposalState.SYSTEMATIZED
        counts.by_channel[row.channel] += row.n
        counts.by_state[state] += row.n
        counts.by_topic[row.code] += row.n
        counts.unmoderated += row.n if row.unmoderated else 0
        counts.late += row.n if row.late else 0
        if row.channel is Channel.WEB:
            counts.web_by_topic[row.code] += row.n


def _count_persons(session: Session, plan: Plan, counts: Counts) -> None:
    """Distinct contributors of web proposals, by topic and in all; replies do not count."""
    web = (
        sa.select(Topic.code, sa.func.count(sa.distinct(Contribution.person_id)).label("n"))
        .select_from(Proposal)
        .join(ProposalSource, ProposalSource.proposal_id == Proposal.id)
        .join(Contribution, ProposalSource.contribution_id == Contribution.id)
        .join(Topic, Proposal.topic_received_id == Topic.id)
        .where(Proposal.plan_id == plan.id, Proposal.channel == Channel.WEB, Proposal.state != ProposalState.VOIDED)
    )
    for row in session.execute(web.group_by(Topic.code)):
        counts.persons_by_topic[row.code] = row.n
    whole = web.with_only_columns(sa.func.count(sa.distinct(Contribution.person_id)), maintain_column_froms=True)
    counts.unique_persons = _scalar(session, whole)


def _count_templates(session: Session, plan: Plan, counts: Counts) -> None:
    """Proposals already in template, and those that came in submissions, by their first source."""
    rows = session.execute(
        sa.select(
            Contribution.submission_id.is_not(None).label("in_submission"),
            Proposal.in_template,
            sa.func.count().label("n"),
        )
        .join(ProposalSource, sa.and_(ProposalSource.proposal_id == Proposal.id, ProposalSource.position == 1))
        .join(Contribution, ProposalSource.contribution_id == Contribution.id)
        .where(Proposal.plan_id == plan.id, Proposal.state != ProposalState.VOIDED)
        .group_by("in_submission", Proposal.in_template)
    )
    for row in rows:
        if row.in_submission:
            counts.submissions += row.n
        if row.in_template and row.in_submission:
            counts.template_in_submissions += row.n
        elif row.in_template:
            counts.template_elsewhere += row.n


def _count_decisions(session: Session, plan: Plan, counts: Counts) -> None:
    rows = session.execute(
        sa.select(Decision.outcome, sa.func.count())
        .join(Proposal, Decision.proposal_id == Proposal.id)
        .where(Proposal.plan_id == plan.id, Decision.superseded_at.is_(None))
        .group_by(Decision.outcome)
    )
    for outcome, n in rows:
        counts.by_outcome[outcome.value] = n


def unmoderated_contributions(session: Session, plan: Plan) -> int:
    """Contributions, replies included, that nobody has moderated yet."""
    states = (ContributionState.PENDING, ContributionState.OBSERVED)
    return _scalar(
        session,
        sa.select(sa.func.count()).where(Contribution.plan_id == plan.id, Contribution.state.in_(states)),
    )
