"""Lists and counts of proposals as anybody may see them."""

import enum
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from consulta.contributions.models import Channel, Contribution, ContributionState
from consulta.contributions.threads import TITLE_SOURCE
from consulta.database import read_rows
from consulta.decisions.models import Decision, Outcome
from consulta.people.models import Institution, Person
from consulta.plans.models import Plan, Topic
from consulta.proposals.models import Proposal, ProposalSource, ProposalState
from consulta.proposals.stages import (
    Condition,
    Stage,
    decided_as,
    has_published_source,
    is_visible,
    stage_condition,
    was_referred,
)
from consulta.referrals.models import AWAITING, ENDED_WITHOUT_ANSWER, Reason, Referral, ReferralState
from consulta.text import excerpt

PAGE = 50
Row = Any  # a result row with the columns its statement names


class ChannelGroup(enum.Enum):
    """Channels told together: those of citizens, and those other than the site."""

    CITIZENS = "ciudadania"
    ELSEWHERE = "otros"


@dataclass(frozen=True)
class Filters:
    """What a list is narrowed to; None means everything."""

    topic: Topic | None = None
    channel: Channel | ChannelGroup | None = None
    institution: Institution | None = None
    state: ProposalState | None = None
    stage: Stage | None = None
    outcome: Outcome | None = None
    reason: Reason | None = None
    late: bool = False
    in_template: bool = False


@dataclass(frozen=True)
class ProposalPage:
    rows: Sequence[Row]
    total: int
    following: int | None


def _state_condition(state: ProposalState, has_results: bool) -> Condition:
    """Proposals that read as being in a state: before results a decided one reads as before its decision."""
    if has_results or state not in (ProposalState.DECIDED, ProposalState.FORWARDED, ProposalState.SYSTEMATIZED):
        return Proposal.state == state
    if state is ProposalState.DECIDED:
        return sa.false()
    hidden = was_referred() if state is ProposalState.FORWARDED else ~was_referred()
    return sa.or_(Proposal.state == state, sa.and_(Proposal.state == ProposalState.DECIDED, hidden))


def conditions_of(plan: Plan, filters: Filters, today: date) -> list[Condition]:
    """What a list of a plan shows; decisions narrow it only once results are public."""
    found: list[Condition] = [Proposal.plan_id == plan.id, is_visible()]
    if filters.state is not None:
        found.append(_state_condition(filters.state, plan.has_results))
    else:
        found.append(Proposal.state != ProposalState.VOIDED)
    if filters.topic is not None:
        found.append(sa.func.coalesce(Proposal.topic_final_id, Proposal.topic_received_id) == filters.topic.id)
    if isinstance(filters.channel, Channel):
        found.append(Proposal.channel == filters.channel)
    elif filters.channel is not None:
        left_out = Channel.INSTITUTION if filters.channel is ChannelGroup.CITIZENS else Channel.WEB
        found.append(Proposal.channel != left_out)
    if filters.institution is not None:
        found.append(
            sa.exists()
            .where(
                Referral.proposal_id == Proposal.id,
                Referral.institution_id == filters.institution.id,
                Referral.state.not_in((ReferralState.PENDING_SEND, *ENDED_WITHOUT_ANSWER)),
            )
            .correlate(Proposal)
        )
    if filters.stage is not None:
        found.append(stage_condition(filters.stage, plan.has_results))
    if filters.late:
        owed = (Referral.proposal_id == Proposal.id, Referral.state.in_(AWAITING), Referral.due_on < today)
        found.append(sa.exists().where(*owed).correlate(Proposal))
    if filters.in_template:
        found.append(Proposal.in_template.is_(True))
    return found + _decision_conditions(filters, plan.has_results)


def _decision_conditions(filters: Filters, has_results: bool) -> list[Condition]:
    found: list[Condition] = []
    if (filters.outcome or filters.reason) and not has_results:
        return [sa.false()]
    if filters.outcome is not None:
        found += [Proposal.state == ProposalState.DECIDED, decided_as(filters.outcome)]
    if filters.reason is not None:
        named = sa.cast(Decision.reasons, sa.Text).like(f'%"{filters.reason.value}"%')
        current = (Decision.proposal_id == Proposal.id, Decision.superseded_at.is_(None), named)
        found += [Proposal.state == ProposalState.DECIDED, sa.exists().where(*current).correlate(Proposal)]
    return found


_link = aliased(ProposalSource)
_FIRST_LINK = (
    sa.select(sa.func.min(_link.id)).where(_link.proposal_id == Proposal.id).correlate(Proposal).scalar_subquery()
)
# Whether an older proposal has the same first source: what a split added goes by the title that staff gave it.
_earlier = aliased(ProposalSource)
IS_OFFSPRING = (
    sa.exists()
    .where(
        _earlier.contribution_id == ProposalSource.contribution_id, _earlier.proposal_id < ProposalSource.proposal_id
    )
    .correlate(ProposalSource)
)
LIST_COLUMNS = (
    Proposal.id,
    Proposal.folio,
    Proposal.channel,
    Proposal.received_at,
    Proposal.late.label("received_late"),
    Proposal.summary,
    Proposal.title.label("staff_title"),
    Proposal.in_template,
    Contribution.state.label("source_state"),
    Contribution.public_title,
    sa.func.substr(Contribution.public_body, 1, TITLE_SOURCE).label("opening"),
    Person.public_name.label("author"),
    Institution.name.label("organization"),
    sa.or_(IS_OFFSPRING, Contribution.parent_id.is_not(None)).label("is_offspring"),
)


def listed() -> sa.Select[Any]:
    """The columns of a list, each proposal with its first source."""
    return (
        sa.select(*LIST_COLUMNS)
        .select_from(Proposal)
        .join(ProposalSource, ProposalSource.id == _FIRST_LINK)
        .join(Contribution, Contribution.id == ProposalSource.contribution_id)
        .join(Person, Person.id == Contribution.person_id)
        .outerjoin(Institution, Institution.id == Contribution.organization_id)
    )


def title_of(row: Any) -> str:
    """The people's title, else the one-line summary, else their first words; empty when nothing may be shown.

    A proposal's own title is read only where staff wrote it: elsewhere it is the author's, as received.
    """
    is_shown = row.source_state is ContributionState.PUBLISHED
    if row.is_offspring and row.staff_title:
        return str(row.staff_title)
    if is_shown and row.public_title and not row.is_offspring:
        return str(row.public_title)
    if row.summary:
        return str(row.summary)
    return excerpt(row.public_title or row.opening) if is_shown else ""


def list_proposals(
    session: Session, plan: Plan, filters: Filters, *, today: date, after: int | None = None
) -> ProposalPage:
    """A page of the list, the newest folio first; `after` is the id that the page before ended with."""
    conditions = conditions_of(plan, filters, today)
    total = session.execute(sa.select(sa.func.count()).select_from(Proposal).where(*conditions)).scalar_one()
    statement = listed().where(*conditions).order_by(Proposal.id.desc()).limit(PAGE + 1)
    if after is not None:
        statement = statement.where(Proposal.id < after)
    rows = read_rows(session, statement)
    return ProposalPage(rows[:PAGE], total, rows[PAGE - 1].id if len(rows) > PAGE else None)


def _elsewhere() -> sa.Select[Any]:
    others = Proposal.channel.in_([channel for channel in Channel if channel is not Channel.WEB])
    topic_id: sa.BindParameter[int] = sa.bindparam("topic_id")
    here = sa.or_(
        sa.and_(Proposal.topic_final_id == topic_id, others),
        sa.and_(Proposal.topic_final_id.is_(None), Proposal.topic_received_id == topic_id, others),
    )
    statement = listed().where(here, Proposal.state != ProposalState.VOIDED, has_published_source())
    return statement.order_by(Proposal.id.desc()).limit(sa.bindparam("most"))


_ELSEWHERE = _elsewhere()


def from_elsewhere(session: Session, topic_id: int, limit: int) -> Sequence[Row]:
    """Proposals of a topic that came through other channels than the site, the newest first."""
    return read_rows(session, _ELSEWHERE, {"topic_id": topic_id, "most": limit})


def asked_institutions(session: Session, plan: Plan) -> list[Institution]:
    """Institutions to which proposals of a plan were sent, by name."""
    sent = (
        sa.exists()
        .where(
            Referral.institution_id == Institution.id,
            Referral.proposal_id == Proposal.id,
            Proposal.plan_id == plan.id,
            Referral.sent_at.is_not(None),
        )
        .correlate(Institution)
    )
    return list(session.scalars(sa.select(Institution).where(sent).order_by(Institution.name)))
