"""Reporting: heard once from each person, urgent reasons hide at once, and a moderator has the last word."""

from collections.abc import Callable
from datetime import timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from consulta import clock
from consulta.audit.models import AuditEntry
from consulta.changes import transaction
from consulta.contributions.editing import edit_contribution
from consulta.contributions.models import (
    Contribution,
    ContributionState,
    RejectionReason,
    Report,
    ReportReason,
    ReportState,
)
from consulta.contributions.moderation import Words, moderate, unhide_contribution
from consulta.contributions.reporting import report_contribution, uphold_hiding
from consulta.contributions.reports import close_reports, open_reports, read_reports
from consulta.contributions.services import withdraw
from consulta.database import Database
from consulta.errors import GuardRefused, Invalid, NotInThisState
from consulta.limits.rules import HIDING
from consulta.moderation.batches import Seen, moderate_many
from consulta.moderation.models import Act
from consulta.moderation.trays import Tray, count_trays, is_reported
from consulta.moderation.undoing import undo_acts
from consulta.outbox.models import OutboxRow
from consulta.people.actors import VISITOR, Actor
from consulta.people.models import Role
from consulta.plans.models import Topic
from tests.factories.contributions import make_contribution
from tests.factories.people import actor_of, make_actor, make_person
from tests.factories.plans import make_plan, make_topic, make_trusting_topic
from tests.parallel import in_parallel

WHY = "El texto muestra el teléfono de una persona que no participa."
State = ContributionState


@pytest.fixture
def topic(session: Session) -> Topic:
    return make_topic(session, make_plan(session))


@pytest.fixture
def shown(session: Session, topic: Topic) -> Contribution:
    return make_contribution(session, topic)


def report(session: Session, contribution: Contribution, reason: ReportReason, **changes: object) -> Report:
    fields: dict[str, object] = {"actor": make_actor(session), "note": "", **changes}
    return report_contribution(session, contribution_id=contribution.id, reason=reason, **fields)  # type: ignore[arg-type]


@pytest.mark.parametrize("reason", [ReportReason.SPAM, ReportReason.OFFENSIVE, ReportReason.OFF_TOPIC])
def test_a_report_waits_for_a_moderator_and_hides_nothing(
    session: Session, shown: Contribution, reason: ReportReason
) -> None:
    report(session, shown, reason)
    report(session, shown, ReportReason.SPAM)
    assert (shown.state, shown.held_for) == (State.PUBLISHED, ["reported"])
    assert read_reports(session, [shown.id])[shown.id].count == 2
    assert session.scalars(sa.select(Contribution).where(is_reported())).all() == [shown]


@pytest.mark.parametrize("reason", [ReportReason.PERSONAL_DATA, ReportReason.THREAT])
def test_what_is_dangerous_is_hidden_at_once_by_the_rule(
    session: Session, shown: Contribution, reason: ReportReason
) -> None:
    reporter = make_actor(session)
    report(session, shown, reason, actor=reporter)
    assert shown.state is State.HIDDEN
    assert shown.reason_text is not None
    assert shown.reason_text.startswith("Alguien avisó que")
    entries = session.execute(
        sa.select(AuditEntry.act, AuditEntry.actor, AuditEntry.person_id).order_by(AuditEntry.id)
    ).all()
    assert {(entry.actor, entry.person_id) for entry in entries} == {("Denuncia", None)}
    assert [entry.act for entry in entries] == ["report.file", "contribution.hide"]
    assert session.scalars(sa.select(OutboxRow.name).where(OutboxRow.name == "contribution_hidden")).all()
    assert reporter.name not in repr(session.scalars(sa.select(OutboxRow.payload)).all())


def test_a_person_is_heard_once(session: Session, shown: Contribution) -> None:
    actor = make_actor(session)
    first = report(session, shown, ReportReason.SPAM, actor=actor)
    again = report(session, shown, ReportReason.PERSONAL_DATA, actor=actor)
    assert (again.id, again.reason) == (first.id, ReportReason.SPAM)
    assert shown.state is State.PUBLISHED


def test_fifty_reports_at_once_are_one_of_each_person(database: Database, session: Session, topic: Topic) -> None:
    actors, key = [make_actor(session) for _ in range(2)], make_contribution(session, topic).id

    def act(actor: Actor) -> Callable[[Session], int]:
        return lambda s: report_contribution(s, actor=actor, contribution_id=key, reason=ReportReason.THREAT).id

    answers = in_parallel(database, [act(actors[n % 2]) for n in range(50)])
    # who comes second, after it was hidden, finds nothing to report
    assert {type(answer) for answer in answers} == {int, GuardRefused}
    with database.session() as reading:
        assert reading.scalar(sa.select(sa.func.count()).select_from(Report)) == 1
        contribution = reading.get_one(Contribution, key)
        assert (contribution.state, contribution.version) == (State.HIDDEN, 2)


def test_a_reason_that_a_moderator_found_wrong_hides_no_more(session: Session, shown: Contribution) -> None:
    report(session, shown, ReportReason.PERSONAL_DATA)
    with transaction(session, actor=make_actor(session, Role.MODERATOR)) as change:
        contribution = change.lock(Contribution, shown.id)
        close_reports(change, contribution, ReportState.DISMISSED)
        contribution.state = State.PUBLISHED
    assert shown.held_for == []
    report(session, shown, ReportReason.PERSONAL_DATA)
    assert shown.state is State.PUBLISHED
    report(session, shown, ReportReason.THREAT)
    assert shown.state is State.HIDDEN


def test_one_account_does_not_hide_a_whole_conversation(session: Session, topic: Topic) -> None:
    one, start = make_actor(session), clock.now()
    rows = [make_contribution(session, topic) for _ in range(HIDING.most + 2)]
    with clock.set_to(start):
        for row in rows[:-1]:
            report(session, row, ReportReason.THREAT, actor=one)
        assert [row.state for row in rows[-3:-1]] == [State.HIDDEN, State.PUBLISHED]
        assert count_trays(session)[Tray.REPORTED] == HIDING.most + 1
        report(session, rows[-2], ReportReason.THREAT)  # whatever others reported
        assert rows[-2].state is State.HIDDEN
    with clock.set_to(start + timedelta(seconds=HIDING.seconds)):
        report(session, rows[-1], ReportReason.THREAT, actor=one)
        assert rows[-1].state is State.HIDDEN


def test_words_that_changed_since_are_hidden_again(session: Session) -> None:
    author = make_person(session)
    shown = make_contribution(session, make_trusting_topic(session, make_plan(session)), person=author)
    report(session, shown, ReportReason.PERSONAL_DATA)
    unhide_contribution(session, actor=make_actor(session, Role.MODERATOR), contribution_id=shown.id, reason="No.")
    edit_contribution(
        session, actor=actor_of(author), contribution_id=shown.id, title="Gasto", body=f"{WHY} 7777-8888", version=None
    )
    report(session, shown, ReportReason.PERSONAL_DATA)
    assert shown.state is State.HIDDEN


@pytest.mark.parametrize("act", [Act.REVIEW, Act.HIDE])
@pytest.mark.parametrize("in_batch", [False, True])
def test_what_came_while_it_was_read_waits_for_a_reader(
    session: Session, shown: Contribution, act: Act, *, in_batch: bool
) -> None:
    read, moderator = report(session, shown, ReportReason.SPAM), make_actor(session, Role.MODERATOR)
    unread = report(session, shown, ReportReason.OTHER, note="Mire el segundo párrafo.")
    version, words = shown.version, Words(RejectionReason.SPAM, WHY) if act is Act.HIDE else Words()
    if in_batch:
        seen = {shown.id: Seen(version, read.id)}
        batch = moderate_many(session, actor=moderator, act=act, words=words, chosen=seen).batch
    else:
        what = {"act": act, "words": words, "version": version, "last_report": read.id, "batch": "b"}
        moderate(session, actor=moderator, contribution_id=shown.id, **what)  # type: ignore[arg-type]
        batch = "b"
    session.expire_all()
    assert (read.state is ReportState.OPEN, unread.state) == (False, ReportState.OPEN)
    assert shown.held_for == ["reported"]
    assert count_trays(session)[Tray.REPORTED] == 1
    undo_acts(session, actor=moderator, batch=batch)
    session.expire_all()
    assert {read.state, unread.state} == {ReportState.OPEN}
    moderate(session, actor=moderator, contribution_id=shown.id, act=Act.REVIEW, last_report=unread.id)
    assert (count_trays(session)[Tray.REPORTED], shown.held_for) == (0, [])


def test_nobody_reports_the_own_words_or_what_is_not_shown(session: Session, topic: Topic) -> None:
    person = make_person(session)
    own = make_contribution(session, topic, person=person)
    with pytest.raises(GuardRefused, match="report_own"):
        report(session, own, ReportReason.SPAM, actor=actor_of(person))
    with pytest.raises(GuardRefused, match="report_not_shown"):
        report(session, make_contribution(session, topic, state=State.PENDING), ReportReason.SPAM)


def test_what_a_visitor_says_hides_nothing_by_itself(session: Session, shown: Contribution) -> None:
    for _ in range(2):
        report(session, shown, ReportReason.THREAT, actor=VISITOR)
    assert shown.state is State.PUBLISHED
    assert [one.person_id for one in open_reports(session, shown.id)] == [None, None]
    report(session, shown, ReportReason.THREAT)
    assert shown.state is State.HIDDEN


@pytest.mark.parametrize(
    ("reason", "note", "code"),
    [(None, "", "reason: report_reason_missing"), (ReportReason.OTHER, " ", "note: report_note_missing")],
)
def test_a_report_says_what_happens(
    session: Session, shown: Contribution, reason: ReportReason | None, note: str, code: str
) -> None:
    with pytest.raises(Invalid, match=code):
        report_contribution(session, actor=make_actor(session), contribution_id=shown.id, reason=reason, note=note)


def test_what_stays_hidden_gets_the_reason_of_who_read_it(session: Session, shown: Contribution) -> None:
    row = report(session, shown, ReportReason.PERSONAL_DATA)
    moderator = make_actor(session, Role.MODERATOR)

    def uphold() -> Contribution:
        reason = RejectionReason.PERSONAL_DATA
        return uphold_hiding(
            session, actor=moderator, contribution_id=shown.id, version=shown.version, reason=reason, public_text=WHY
        )

    uphold()
    session.refresh(row)
    assert (shown.state, shown.reason_text, row.state) == (State.HIDDEN, WHY, ReportState.UPHELD)
    with pytest.raises(NotInThisState):
        uphold()


def test_what_its_author_withdrew_waits_for_nobody(session: Session, shown: Contribution) -> None:
    row = report(session, shown, ReportReason.THREAT)
    withdraw(session, actor=actor_of(shown.person), contribution_id=shown.id)
    session.refresh(row)
    assert (shown.state, row.state, shown.held_for) == (State.WITHDRAWN, ReportState.MOOT, [])
    assert row.closed_at is not None
