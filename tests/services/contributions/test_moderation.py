"""Moderating: what each move needs, what follows from it, and that two moderators do not overwrite each other."""

from collections.abc import Callable
from datetime import timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from consulta import clock
from consulta.audit.models import AuditEntry
from consulta.contributions.counters import find_drift
from consulta.contributions.models import Contribution, ContributionState, RejectionReason, ReportReason
from consulta.contributions.moderation import (
    Words,
    expire_observed,
    hide_contribution,
    moderate,
    observe_contribution,
    publish_contribution,
    reject_contribution,
    unhide_contribution,
)
from consulta.contributions.redacting import redact_contribution
from consulta.contributions.reporting import report_contribution
from consulta.contributions.services import appeal, complete, withdraw
from consulta.database import Database
from consulta.errors import GuardRefused, Invalid, NotAllowed, NotInThisState, NotNow, StaleVersion
from consulta.moderation.batches import Seen, moderate_many
from consulta.moderation.claims import claim_contribution, claim_next
from consulta.moderation.models import Act
from consulta.moderation.notes import write_note
from consulta.moderation.undoing import undo_acts
from consulta.people.actors import CLOCK, Actor
from consulta.people.models import Role
from consulta.plans.models import PlanState
from consulta.proposals.models import Proposal, ProposalState
from tests.factories.contributions import make_contribution
from tests.factories.people import make_actor, make_coordinator
from tests.factories.plans import make_holiday, make_plan, make_topic
from tests.parallel import in_parallel
from tests.services.contributions.test_writing import BODY, rows, submit

WHY = "El texto no trae una propuesta que se pueda analizar."
EMPTY = RejectionReason.EMPTY
State = ContributionState


def pending(session: Session, author: Actor | None = None) -> Contribution:
    topic = make_topic(session, make_plan(session))
    return submit(session, author or make_actor(session), topic)


def moderator(session: Session) -> Actor:
    return make_actor(session, Role.MODERATOR)


def proposal_of(session: Session, contribution: Contribution) -> Proposal:
    session.expire_all()
    return contribution.proposal_links[0].proposal


def reject(session: Session, actor: Actor, contribution: Contribution, **changes: object) -> Contribution:
    fields: dict[str, object] = {"reason": EMPTY, "public_text": WHY}
    return reject_contribution(session, actor=actor, contribution_id=contribution.id, **{**fields, **changes})  # type: ignore[arg-type]


def test_publishing_counts_and_tells_the_author(session: Session) -> None:
    contribution = pending(session)
    publish_contribution(session, actor=moderator(session), contribution_id=contribution.id)
    session.expire_all()
    assert contribution.state is State.PUBLISHED
    assert contribution.topic is not None
    assert contribution.topic.proposal_count == 1
    assert list(find_drift(session)) == []


@pytest.mark.parametrize("role", [None, Role.OBSERVER, Role.APPROVER, Role.LIAISON, Role.ADMIN])
def test_others_do_not_moderate(session: Session, role: Role | None) -> None:
    contribution = pending(session)
    actor = make_actor(session, *([role] if role else []))
    before = rows(session)
    with pytest.raises(NotAllowed):
        publish_contribution(session, actor=actor, contribution_id=contribution.id)
    with pytest.raises(NotAllowed):
        reject(session, actor, contribution)
    assert rows(session) == before


def test_completion_is_due_in_ten_working_days(session: Session) -> None:
    monday = clock.start_of_day(clock.today() + timedelta(days=-clock.today().weekday()))
    contribution = pending(session)
    make_holiday(session, on=clock.local_date(monday) + timedelta(days=1))
    with clock.set_to(monday):
        observe_contribution(session, actor=moderator(session), contribution_id=contribution.id, missing=WHY)
    session.expire_all()
    assert contribution.complete_by == clock.local_date(monday) + timedelta(days=15)


@pytest.mark.parametrize("missing", ["", "corto", "x" * 2001])
def test_a_request_says_what_is_missing(session: Session, missing: str) -> None:
    contribution, actor = pending(session), moderator(session)
    before = rows(session)
    with pytest.raises(Invalid):
        observe_contribution(session, actor=actor, contribution_id=contribution.id, missing=missing)
    assert rows(session) == before


def test_completing_keeps_the_first_words_and_cleans_the_new_ones(session: Session) -> None:
    author = make_actor(session)
    contribution = pending(session, author)
    observe_contribution(session, actor=moderator(session), contribution_id=contribution.id, missing=WHY)
    session.expire_all()
    version = contribution.version
    new = "Ahora digo cuál escuela y cuánto cuesta. <script>alert(2)</script>"
    complete(session, actor=author, contribution_id=contribution.id, version=version, title="Nuevo", body=new)
    session.expire_all()
    assert (contribution.state, contribution.reason_text, contribution.complete_by) == (State.PENDING, None, None)
    assert [revision.body for revision in contribution.revisions] == [BODY]
    assert "<script" not in contribution.public_html
    assert proposal_of(session, contribution).title == "Nuevo"


def test_only_its_author_completes(session: Session) -> None:
    contribution = pending(session)
    observe_contribution(session, actor=moderator(session), contribution_id=contribution.id, missing=WHY)
    with pytest.raises(NotAllowed):
        complete(
            session, actor=make_coordinator(session), contribution_id=contribution.id, version=None, title="", body=BODY
        )


@pytest.mark.parametrize(
    ("reason", "text", "fields"),
    [(None, WHY, ["reason"]), (EMPTY, "", ["reason_text"]), (None, "corto", ["reason", "reason_text"])],
)
def test_rejecting_needs_a_reason_and_a_public_text(
    session: Session, reason: RejectionReason | None, text: str, fields: list[str]
) -> None:
    contribution, actor = pending(session), moderator(session)
    with pytest.raises(Invalid) as refusal:
        reject(session, actor, contribution, reason=reason, public_text=text)
    assert [problem.field for problem in refusal.value.problems] == fields


def test_rejecting_makes_the_proposal_inadmissible_and_an_appeal_brings_it_back_once(session: Session) -> None:
    author = make_actor(session)
    contribution = pending(session, author)
    reject(session, moderator(session), contribution)
    assert proposal_of(session, contribution).state is ProposalState.INADMISSIBLE
    text = "Sí trae una propuesta: publicar el gasto."
    appeal(session, actor=author, contribution_id=contribution.id, version=contribution.version, text=text)
    assert proposal_of(session, contribution).state is ProposalState.RECEIVED
    assert (contribution.state, contribution.appeal) == (State.PENDING, text)
    reject(session, moderator(session), contribution)
    with pytest.raises(GuardRefused):
        appeal(session, actor=author, contribution_id=contribution.id, version=None, text=text)


def test_nothing_is_appealed_after_results(session: Session) -> None:
    author = make_actor(session)
    topic = make_topic(session, make_plan(session, results_published_at=clock.now()))
    contribution = make_contribution(session, topic, state=State.REJECTED, person=None)
    other = Actor(contribution.person_id, author.name)
    with pytest.raises(GuardRefused):
        appeal(session, actor=other, contribution_id=contribution.id, version=None, text=WHY)


def test_hiding_leaves_the_proposal_as_it_is_and_can_be_undone(session: Session) -> None:
    contribution, actor = pending(session), moderator(session)
    publish_contribution(session, actor=actor, contribution_id=contribution.id)
    hide_contribution(session, actor=actor, contribution_id=contribution.id, reason=EMPTY, public_text=WHY)
    assert proposal_of(session, contribution).state is ProposalState.RECEIVED
    assert (contribution.state, contribution.reason_text) == (State.HIDDEN, WHY)
    with pytest.raises(Invalid):
        unhide_contribution(session, actor=actor, contribution_id=contribution.id, reason=" ")
    unhide_contribution(session, actor=actor, contribution_id=contribution.id, reason="Fue un error.")
    session.expire_all()
    assert (contribution.state, contribution.reason, contribution.reason_text) == (State.PUBLISHED, None, None)
    assert list(find_drift(session)) == []


def test_redacting_changes_what_is_shown_and_never_what_was_received(session: Session) -> None:
    contribution = pending(session)
    redact_contribution(
        session,
        actor=moderator(session),
        contribution_id=contribution.id,
        public_title="Gasto",
        public_body="Propongo publicar el gasto. <script>alert(3)</script>",
        note="Un número de teléfono.",
    )
    session.expire_all()
    assert (contribution.title, contribution.body) == ("Gasto escolar", BODY)
    assert (contribution.public_title, contribution.redaction_note) == ("Gasto", "Un número de teléfono.")
    assert "<script" not in contribution.public_html
    assert proposal_of(session, contribution).title == "Gasto"


@pytest.mark.parametrize(
    ("body", "note", "field"), [("", "Un teléfono.", "public_body"), ("Texto", "", "redaction_note")]
)
def test_redacting_says_what_left(session: Session, body: str, note: str, field: str) -> None:
    contribution, actor = pending(session), moderator(session)
    with pytest.raises(Invalid) as refusal:
        redact_contribution(
            session, actor=actor, contribution_id=contribution.id, public_title="", public_body=body, note=note
        )
    assert [problem.field for problem in refusal.value.problems] == [field]


@pytest.mark.parametrize("state", [State.REJECTED, State.WITHDRAWN])
def test_what_nobody_can_read_is_not_redacted(session: Session, state: ContributionState) -> None:
    contribution = make_contribution(session, make_topic(session, make_plan(session)), state=state)
    with pytest.raises(NotInThisState):
        redact_contribution(
            session,
            actor=moderator(session),
            contribution_id=contribution.id,
            public_title="",
            public_body="Texto",
            note="Un teléfono.",
        )


@pytest.mark.parametrize(
    "changes",
    [{"state": PlanState.IN_APPROVAL}, {"state": PlanState.PREPARATION}, {"results_published_at": clock.now()}],
)
def test_nothing_is_moderated_when_the_plan_is_past_it(session: Session, changes: dict[str, object]) -> None:
    contribution = make_contribution(session, make_topic(session, make_plan(session, **changes)), state=State.PENDING)
    with pytest.raises(NotNow):
        publish_contribution(session, actor=moderator(session), contribution_id=contribution.id)


@pytest.mark.parametrize("changes", [{"state": PlanState.APPROVED}, {"results_published_at": clock.now()}])
def test_people_are_protected_however_old_the_plan_is(session: Session, changes: dict[str, object]) -> None:
    shown = make_contribution(session, make_topic(session, make_plan(session, **changes)))
    actor, same = moderator(session), {"contribution_id": shown.id}
    report_contribution(session, actor=make_actor(session), reason=ReportReason.THREAT, **same)  # type: ignore[arg-type]
    unhide_contribution(session, actor=actor, reason="No hay amenaza.", **same)  # type: ignore[arg-type]
    assert shown.state is State.PUBLISHED
    redact_contribution(session, actor=actor, public_title="", public_body="Texto", note="Un teléfono.", **same)  # type: ignore[arg-type]
    moderate(session, actor=actor, act=Act.REVIEW, **same)  # type: ignore[arg-type]
    moderate(session, actor=actor, act=Act.HIDE, words=Words(EMPTY, WHY), batch="b", **same)  # type: ignore[arg-type]
    undo_acts(session, actor=actor, batch="b")
    assert shown.state is State.PUBLISHED


def test_nobody_moderates_their_own_words(session: Session) -> None:
    actor = moderator(session)
    own, other = pending(session, actor), pending(session)
    with pytest.raises(NotAllowed):
        publish_contribution(session, actor=actor, contribution_id=own.id)
    with pytest.raises(NotAllowed):
        claim_contribution(session, actor=actor, contribution_id=own.id)
    assert claim_next(session, actor=actor) == other.id
    done = moderate_many(
        session, actor=actor, act=Act.PUBLISH, words=Words(), chosen={own.id: Seen(), other.id: Seen()}
    )
    assert [(row, code) for row, code in done.outlook.kept] == [(own, "own_words")]
    assert (own.state, other.state) == (State.PENDING, State.PUBLISHED)
    with pytest.raises(NotAllowed):
        write_note(session, actor=actor, contribution_id=own.id, text="Es mío.")


def test_the_clock_rejects_what_was_not_completed_in_time(session: Session) -> None:
    contribution = pending(session)
    observe_contribution(session, actor=moderator(session), contribution_id=contribution.id, missing=WHY)
    session.expire_all()
    due = contribution.complete_by
    assert due is not None
    with clock.set_to(clock.start_of_day(due)):
        assert expire_observed(session, actor=CLOCK) == 0
    with clock.set_to(clock.end_of_day(due)):
        assert expire_observed(session, actor=CLOCK) == 1
        assert expire_observed(session, actor=CLOCK) == 0
    assert proposal_of(session, contribution).state is ProposalState.INADMISSIBLE
    assert (contribution.state, contribution.reason) == (State.REJECTED, RejectionReason.NOT_COMPLETED)
    entry = session.scalars(sa.select(AuditEntry).where(AuditEntry.act == "contribution.expire")).one()
    assert (entry.actor, entry.person_id) == (CLOCK.name, None)


def test_what_the_clock_cannot_reject_keeps_no_other_waiting(session: Session) -> None:
    late: dict[str, object] = {"state": State.OBSERVED, "complete_by": clock.today() - timedelta(days=1)}
    back, open_one = (make_topic(session, make_plan(session, state=s)) for s in (PlanState.PREPARATION, PlanState.OPEN))
    stuck, due = (make_contribution(session, topic, **late) for topic in (back, open_one))
    assert expire_observed(session, actor=CLOCK, limit=1) == 1
    session.expire_all()
    assert [row.state for row in (stuck, due)] == [State.OBSERVED, State.REJECTED]


def test_of_two_moderators_one_wins_and_the_other_is_told(database: Database) -> None:
    with database.session() as session:
        contribution = pending(session)
        key, version = contribution.id, contribution.version
        first, second = moderator(session), moderator(session)
    answers = in_parallel(
        database,
        [
            lambda s: publish_contribution(s, actor=first, contribution_id=key, version=version),
            lambda s: reject_contribution(
                s, actor=second, contribution_id=key, reason=EMPTY, public_text=WHY, version=version
            ),
        ],
    )
    assert sum(isinstance(answer, StaleVersion) for answer in answers) == 1
    assert sum(isinstance(answer, Contribution) for answer in answers) == 1


def test_the_author_withdraws_while_a_moderator_publishes(database: Database) -> None:
    with database.session() as session:
        author = make_actor(session)
        contribution = pending(session, author)
        key, version, actor = contribution.id, contribution.version, moderator(session)
    answers = in_parallel(
        database,
        [
            lambda s: publish_contribution(s, actor=actor, contribution_id=key, version=version),
            lambda s: withdraw(s, actor=author, contribution_id=key, version=version),
        ],
    )
    assert sum(isinstance(answer, StaleVersion) for answer in answers) == 1
    with database.session() as session:
        assert list(find_drift(session)) == []


@pytest.mark.parametrize("state", list(ContributionState))
def test_an_illegal_move_writes_nothing(session: Session, state: ContributionState) -> None:
    contribution = make_contribution(session, make_topic(session, make_plan(session)), state=state)
    actor = moderator(session)
    acts: dict[ContributionState, Callable[[], object]] = {
        State.PENDING: lambda: publish_contribution(session, actor=actor, contribution_id=contribution.id),
        State.PUBLISHED: lambda: hide_contribution(
            session, actor=actor, contribution_id=contribution.id, reason=EMPTY, public_text=WHY
        ),
        State.HIDDEN: lambda: unhide_contribution(
            session, actor=actor, contribution_id=contribution.id, reason="Fue un error."
        ),
    }
    before = rows(session)
    for start, act in acts.items():
        if start is not state:
            with pytest.raises(NotInThisState):
                act()
    session.rollback()
    assert rows(session) == before
