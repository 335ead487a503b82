"""The demonstration: the figures of 2018 as their sources give them, and something in every tray."""

from collections import Counter

import sqlalchemy as sa
from sqlalchemy.orm import Session

from consulta.clock import today
from consulta.commitments.models import CommitmentState
from consulta.commitments.queries import plan_commitments
from consulta.commitments.rules import is_smart
from consulta.contributions.models import Contribution, ContributionState
from consulta.contributions.moderation import publish_contribution
from consulta.database import Database
from consulta.demo import loader
from consulta.demo.people import loader_actor
from consulta.figures.models import FigureStatus
from consulta.figures.services import account
from consulta.follows.models import Follow, Notice
from consulta.outbox.models import OutboxKind, OutboxRow, OutboxState
from consulta.people.models import Institution
from consulta.plans.models import Plan, PlanState
from consulta.proposals.models import Proposal, ProposalState
from consulta.referrals.models import AWAITING, Referral, ReferralState
from consulta.referrals.rules import is_overdue
from consulta.representation.models import Representation, RepresentationState

FIGURES = {
    "total": (157, 141, 16, FigureStatus.MISMATCH),
    "received.all": (160, None, None, FigureStatus.NOT_PUBLISHED),
    "total.without_facebook": (153, 141, 12, FigureStatus.MISMATCH),
    "total.coincidence": (141, 141, 0, FigureStatus.AMBIGUOUS),
    "in_template": (9, 9, 0, FigureStatus.MATCH),
    "web.total": (107, 107, 0, FigureStatus.MATCH),
    "web.persons.unique": (40, None, None, FigureStatus.NOT_PUBLISHED),
    "web.persons.sum": (47, None, None, FigureStatus.NOT_PUBLISHED),
}
WEB = {
    "derechos-humanos": (7, 5),
    "medio-ambiente": (33, 10),
    "transparencia-en-el-gasto": (11, 4),
    "fiscalidad-integral": (7, 3),
    "salud": (12, 7),
    "transparencia-de-la-inversion-social": (2, 2),
    "obra-publica": (6, 2),
    "educacion": (29, 14),
}


def plan_of(session: Session, code: str) -> Plan:
    return session.scalars(sa.select(Plan).where(Plan.code == code)).one()


def test_the_demonstration_says_what_its_sources_say(database: Database) -> None:
    loader.load(database, password_hash="unusable")
    with database.session() as session:
        check_2018(session)
        check_open_plan(session)
        pending = session.scalars(
            sa.select(Contribution).where(Contribution.state == ContributionState.PENDING).limit(1)
        ).one()
        publish_contribution(session, actor=loader_actor(session), contribution_id=pending.id)
        before = counts(session)
    loader.load(database, password_hash="unusable")
    with database.session() as session:
        assert counts(session) == before
        assert session.get_one(Contribution, pending.id).state is ContributionState.PUBLISHED


def counts(session: Session) -> list[int]:
    """How much there is of what a second load could double."""
    tables = (Plan, Contribution, Proposal, Referral, OutboxRow, Follow, Notice, Representation)
    return [session.execute(sa.select(sa.func.count()).select_from(table)).scalar_one() for table in tables]


def check_2018(session: Session) -> None:
    plan = plan_of(session, "2018-2020")
    accounting = account(session, plan)
    figures = {f.key: f for f in accounting.figures}
    assert accounting.holds
    assert accounting.unexplained == []
    assert {k: (f.value, f.published, f.difference, f.status) for k, f in figures.items() if k in FIGURES} == FIGURES
    assert {c: (figures[f"web.topic.{c}"].value, figures[f"web.persons.{c}"].value) for c in WEB} == WEB
    states = Counter(session.scalars(sa.select(Proposal.state).where(Proposal.plan_id == plan.id)))
    assert states == {ProposalState.DECIDED: 156, ProposalState.MERGED: 4}
    topics = sa.select(Proposal.topic_received_id).where(Proposal.plan_id == plan.id, Proposal.channel != "web")
    assert set(session.scalars(topics)) == {None}
    assert plan.state is PlanState.IN_APPROVAL
    assert plan.has_results
    commitments = plan_commitments(session, plan)
    assert [c.state for c in commitments] == [CommitmentState.VALIDATED] * 5
    assert all(is_smart(commitment, plan) for commitment in commitments)


def check_open_plan(session: Session) -> None:
    plan = plan_of(session, "demostracion")
    assert plan.state is PlanState.OPEN
    assert account(session, plan, public=False).holds
    contributions = sa.select(Contribution.state).where(Contribution.plan_id == plan.id)
    assert set(session.scalars(contributions)) == set(ContributionState)
    proposals = sa.select(Proposal.state).where(Proposal.plan_id == plan.id)
    assert set(session.scalars(proposals)) == set(ProposalState) - {ProposalState.VOIDED}
    referrals = session.scalars(sa.select(Referral).join(Proposal).where(Proposal.plan_id == plan.id)).all()
    late = [referral for referral in referrals if is_overdue(referral, today())]
    assert late
    assert {r.state for r in referrals} >= {*AWAITING, ReferralState.RETURNED, ReferralState.ANSWERED}
    spoken = contributions.join(Contribution.organization).with_only_columns(Institution.code)
    assert session.scalars(spoken).all() == ["RPC"]
    asked = session.scalars(sa.select(Representation.state).order_by(Representation.id)).all()
    assert asked == [RepresentationState.CONFIRMED, RepresentationState.WAITING]
    told = OutboxRow.kind.in_((OutboxKind.MAIL, OutboxKind.EVENT, OutboxKind.NOTICE))
    mails = sa.select(OutboxRow.id).where(told, OutboxRow.state == OutboxState.NEW)
    assert session.scalars(mails.limit(1)).all() == []
