"""Who wrote a hidden text asks, once, that it be read again; a moderator answers, and the author is told."""

from datetime import timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from consulta import clock
from consulta.audit.models import AuditEntry
from consulta.contributions.models import Contribution, ContributionState, RejectionReason, ReportReason
from consulta.contributions.moderation import Words, hide_contribution, moderate
from consulta.contributions.reporting import report_contribution, uphold_hiding
from consulta.contributions.services import appeal
from consulta.errors import GuardRefused, NotAllowed, NotInThisState
from consulta.moderation.models import Act
from consulta.moderation.public import Appeals, count_moderation
from consulta.moderation.trays import Tray, count_trays
from consulta.moderation.undoing import undo_acts
from consulta.outbox.models import OutboxRow
from consulta.people.actors import Actor
from consulta.people.models import Person, Role
from tests.factories.contributions import make_contribution
from tests.factories.people import actor_of, make_actor
from tests.factories.plans import make_plan, make_topic

ASKED, WHY = "No insulta a nadie: nombra un cargo.", "El texto insulta a una persona."
SHOWN = Words(text="Fue un error.")
MINUTE = timedelta(minutes=1)
State = ContributionState


@pytest.fixture
def team(session: Session) -> Actor:
    return make_actor(session, Role.MODERATOR)


@pytest.fixture
def hidden(session: Session, team: Actor) -> Contribution:
    """Hidden though the results of its plan are public: what is read can hurt as long as it is there."""
    topic = make_topic(session, make_plan(session, results_published_at=clock.now()))
    shown = make_contribution(session, topic)
    reason = RejectionReason.OFFENSIVE
    return hide_contribution(session, actor=team, contribution_id=shown.id, reason=reason, public_text=WHY)


def ask(session: Session, contribution: Contribution) -> None:
    author = session.get_one(Person, contribution.person_id)
    appeal(session, actor=actor_of(author), contribution_id=contribution.id, version=None, text=ASKED)


def keep_hidden(session: Session, team: Actor, contribution: Contribution, batch: str = "b") -> None:
    words = {"reason": RejectionReason.OFFENSIVE, "public_text": WHY}
    uphold_hiding(session, actor=team, contribution_id=contribution.id, version=None, batch=batch, **words)  # type: ignore[arg-type]


def state(session: Session, contribution: Contribution) -> tuple[State, int, Appeals]:
    """Where it stands, how many appeals wait, and what everybody reads of them."""
    session.rollback()
    session.expire_all()
    totals = count_moderation(session, contribution.plan)
    return contribution.state, count_trays(session)[Tray.APPEALED], totals.appeals


def mails(session: Session) -> list[str]:
    return list(session.scalars(sa.select(OutboxRow.name).order_by(OutboxRow.id)))


def test_it_stays_hidden_and_waits_for_a_reader(session: Session, hidden: Contribution) -> None:
    assert count_trays(session)[Tray.APPEALED] == 0
    with pytest.raises(NotAllowed):
        appeal(session, actor=make_actor(session), contribution_id=hidden.id, version=None, text=ASKED)
    ask(session, hidden)
    assert state(session, hidden) == (State.HIDDEN, 1, Appeals(1, 0, 0, 0))
    assert hidden.appeal == ASKED
    with pytest.raises(GuardRefused) as refusal:
        ask(session, hidden)
    assert refusal.value.code == "appealed_already"
    entry = session.scalars(sa.select(AuditEntry).where(AuditEntry.act == "contribution.appeal")).one()
    assert entry.reason == ASKED


def test_it_is_shown_again_and_its_author_is_told(session: Session, team: Actor, hidden: Contribution) -> None:
    ask(session, hidden)
    with clock.set_to(clock.now() + MINUTE):
        moderate(session, actor=team, contribution_id=hidden.id, act=Act.UNHIDE, words=SHOWN)
    assert state(session, hidden) == (State.PUBLISHED, 0, Appeals(0, 1, 0, 0))
    assert "contribution_published" in mails(session)
    with clock.set_to(clock.now() + 2 * MINUTE):  # what hides it later is no answer to what was asked
        report_contribution(session, actor=make_actor(session), contribution_id=hidden.id, reason=ReportReason.THREAT)
    assert state(session, hidden) == (State.HIDDEN, 0, Appeals(0, 1, 0, 0))


def test_it_stays_hidden_and_its_author_is_told(session: Session, team: Actor, hidden: Contribution) -> None:
    with pytest.raises(NotInThisState):
        keep_hidden(session, team, hidden)
    ask(session, hidden)
    with clock.set_to(clock.now() + MINUTE):
        keep_hidden(session, team, hidden)
        assert state(session, hidden) == (State.HIDDEN, 0, Appeals(0, 0, 1, 0))
        assert "contribution_kept_hidden" in mails(session)
        undo_acts(session, actor=team, batch="b")
        assert state(session, hidden) == (State.HIDDEN, 1, Appeals(1, 0, 0, 0))
        keep_hidden(session, team, hidden, "again")
    with pytest.raises(NotInThisState):
        keep_hidden(session, team, hidden)
