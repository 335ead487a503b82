"""What everybody may know of moderation: how much was reviewed, how fast, what was refused and why, by month."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from consulta.contributions.models import Contribution, ContributionState, RejectionReason
from consulta.moderation.models import Act, ModerationAct
from consulta.moderation.queries import has_open_appeal
from consulta.moderation.rules import ON_WORDS
from consulta.plans.models import Plan

REFUSALS = (Act.REJECT, Act.EXPIRE)
SECONDS_AN_HOUR = 3600


@dataclass(frozen=True)
class Appeals:
    """Authors who asked for another review, and what came of it."""

    waiting: int
    accepted: int
    confirmed: int
    withdrawn: int

    @property
    def asked(self) -> int:
        return self.waiting + self.accepted + self.confirmed + self.withdrawn


@dataclass(frozen=True)
class Totals:
    """Acts that stand, counted: by act, by month and act, and by month and reason for what was refused or hidden.

    `median_hours` is how long the first review of a contribution took; None before any.
    """

    reviewed: int
    waiting: int
    acts: Counter[Act]
    by_month: dict[str, Counter[Act]]
    refused: dict[str, Counter[RejectionReason | None]]
    hidden: dict[str, Counter[RejectionReason | None]]
    median_hours: float | None
    appeals: Appeals

    @property
    def months(self) -> Sequence[str]:
        return sorted(self.by_month)


def count_moderation(session: Session, plan: Plan) -> Totals:
    """The totals of a plan: four queries, whatever happened."""
    is_counted = ModerationAct.act.not_in(ON_WORDS)
    stands = (ModerationAct.plan_id == plan.id, ModerationAct.undone_at.is_(None), is_counted)
    counted = sa.select(ModerationAct.month, ModerationAct.act, ModerationAct.reason, sa.func.count()).where(*stands)
    acts: Counter[Act] = Counter()
    by_month: dict[str, Counter[Act]] = {}
    refused: dict[str, Counter[RejectionReason | None]] = {}
    hidden: dict[str, Counter[RejectionReason | None]] = {}
    for month, act, reason, number in session.execute(
        counted.group_by(ModerationAct.month, ModerationAct.act, ModerationAct.reason)
    ):
        acts[act] += number
        by_month.setdefault(month, Counter())[act] += number
        if act in REFUSALS:
            refused.setdefault(month, Counter())[reason] += number
        elif act is Act.HIDE:
            hidden.setdefault(month, Counter())[reason] += number
    states = dict(
        session.execute(
            sa.select(_result(), sa.func.count())
            .where(Contribution.plan_id == plan.id, Contribution.appealed_at.is_not(None))
            .group_by("result")
        ).all()
    )
    first = (*stands, ModerationAct.waited_seconds.is_not(None))
    reviewed = session.scalar(sa.select(sa.func.count()).select_from(ModerationAct).where(*first)) or 0
    waiting = sa.select(sa.func.count()).select_from(Contribution)
    is_waiting = (Contribution.plan_id == plan.id, Contribution.state == ContributionState.PENDING)
    return Totals(
        reviewed,
        session.scalar(waiting.where(*is_waiting)) or 0,
        acts,
        by_month,
        refused,
        hidden,
        _median_hours(session, first, reviewed),
        _appeals(states),
    )


def _median_hours(session: Session, first: tuple[sa.ColumnElement[bool], ...], count: int) -> float | None:
    """The middle wait; between the two in the middle when their number is even."""
    if not count:
        return None
    column = ModerationAct.waited_seconds
    middle = sa.select(column).where(*first).order_by(column).offset((count - 1) // 2).limit(2 - count % 2)
    waits = [wait or 0 for wait in session.scalars(middle)]
    return sum(waits) / len(waits) / SECONDS_AN_HOUR


def _result() -> sa.ColumnElement[ContributionState]:
    """The state that says what came of an appeal; what is hidden may wait, stay so, or be hidden again later."""
    shown = sa.select(ModerationAct.id).where(
        ModerationAct.contribution_id == Contribution.id,
        ModerationAct.undone_at.is_(None),
        ModerationAct.act.in_((Act.PUBLISH, Act.UNHIDE)),
        ModerationAct.done_at > Contribution.appealed_at,
    )
    hidden, kind = Contribution.state == ContributionState.HIDDEN, Contribution.state.type
    return sa.case(
        (hidden & has_open_appeal(), sa.literal(ContributionState.PENDING, kind)),
        (hidden & ~shown.exists(), sa.literal(ContributionState.REJECTED, kind)),
        else_=Contribution.state,
    ).label("result")


def _appeals(states: dict[ContributionState, int]) -> Appeals:
    count = Counter(states)
    return Appeals(
        waiting=count[ContributionState.PENDING] + count[ContributionState.OBSERVED],
        accepted=count[ContributionState.PUBLISHED] + count[ContributionState.HIDDEN],
        confirmed=count[ContributionState.REJECTED],
        withdrawn=count[ContributionState.WITHDRAWN],
    )
