"""What the clock does by itself, each thing once."""

from datetime import UTC, date, datetime, timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from consulta import clock
from consulta.audit.models import AuditEntry
from consulta.cache_versions import frame_scope, read_versions
from consulta.contributions.models import ContributionState, RejectionReason
from consulta.database import Database
from consulta.outbox.due import do_what_is_due, note_windows, remind_institutions
from consulta.outbox.models import OutboxRow
from consulta.plans.models import PlanState
from consulta.proposals.models import ProposalState
from tests.factories.contributions import make_contribution
from tests.factories.plans import make_holiday, make_plan, make_topic
from tests.factories.proposals import make_proposal
from tests.factories.referrals import make_dispatch, make_referral

MONDAY = date(2030, 1, 7)


def at(day: date, hour: int = 15) -> datetime:
    return datetime(day.year, day.month, day.day, hour, tzinfo=UTC)


def acts(session: Session, prefix: str) -> list[str]:
    statement = sa.select(AuditEntry.act).where(AuditEntry.act.startswith(prefix)).order_by(AuditEntry.id)
    return list(session.scalars(statement))


def test_a_window_opens_and_closes_once_each(session: Session) -> None:
    plan = make_plan(session, state=PlanState.OPEN, opens_on=MONDAY, closes_on=MONDAY + timedelta(days=1))
    moments = [
        at(MONDAY, 5),  # 23:00 of the day before in El Salvador
        at(MONDAY, 6),
        at(MONDAY, 20),
        at(MONDAY + timedelta(days=2), 6),
        at(MONDAY + timedelta(days=3)),
    ]
    noted = []
    for moment in moments:
        with clock.set_to(moment):
            noted.append(note_windows(session))
    assert noted == [0, 1, 0, 1, 0]
    assert acts(session, "plan.window") == ["plan.window_opened", "plan.window_closed"]
    assert read_versions(session, (frame_scope(plan.code),)) == (2,)


def test_what_was_not_completed_in_time_is_rejected(session: Session, database: Database) -> None:
    topic = make_topic(session, make_plan(session, opens_on=MONDAY, closes_on=MONDAY + timedelta(days=60)))
    contribution = make_contribution(
        session, topic, state=ContributionState.OBSERVED, reason_text="Falta el lugar.", complete_by=MONDAY
    )
    proposal = make_proposal(session, source=contribution, state=ProposalState.RECEIVED)
    for day, expected in (
        (MONDAY, ContributionState.OBSERVED),
        (MONDAY + timedelta(days=1), ContributionState.REJECTED),
    ):
        with clock.set_to(at(day)):
            do_what_is_due(database)
        session.rollback()
        session.expire_all()
        assert contribution.state is expected
    assert contribution.reason is RejectionReason.NOT_COMPLETED
    assert proposal.state is ProposalState.INADMISSIBLE


@pytest.mark.parametrize(
    ("days_from_monday", "sent_days_before", "expected"),
    [
        (14, 30, []),  # ten working days left
        (7, 30, ["referral.reminded_5"]),
        (8, 30, []),  # six left
        (1, 30, ["referral.reminded_1"]),
        (0, 30, ["referral.reminded_1"]),  # the last day, when the worker was off the day before
        (-1, 30, []),  # past due: overdue, not reminded
        (7, 0, []),  # sent within the term itself
    ],
)
def test_reminders_five_and_one_working_days_before(
    session: Session, days_from_monday: int, sent_days_before: int, expected: list[str]
) -> None:
    with clock.set_to(at(MONDAY)):
        plan = make_plan(session)
        dispatch = make_dispatch(
            session,
            plan,
            sent_at=at(MONDAY - timedelta(days=sent_days_before)),
            due_on=MONDAY + timedelta(days=days_from_monday),
        )
        make_referral(session, make_proposal(session, make_topic(session, plan)), dispatch=dispatch)
        remind_institutions(session)
        remind_institutions(session)
    assert acts(session, "referral.reminded") == expected
    names = list(session.scalars(sa.select(OutboxRow.name)))
    assert names == ["referral_reminder"] * len(expected)


def test_holidays_bring_the_reminder_forward(session: Session) -> None:
    with clock.set_to(at(MONDAY)):
        plan = make_plan(session)
        dispatch = make_dispatch(
            session, plan, sent_at=at(MONDAY - timedelta(days=30)), due_on=MONDAY + timedelta(days=8)
        )
        make_referral(session, make_proposal(session, make_topic(session, plan)), dispatch=dispatch)
        make_holiday(session, on=MONDAY + timedelta(days=2))
        assert remind_institutions(session) == 1
