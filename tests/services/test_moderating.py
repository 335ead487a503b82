"""How moderators work together: taking an act back, several at once, claims, notes, stored texts and the totals."""

from datetime import datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from consulta import clock
from consulta.audit.models import AuditEntry
from consulta.contributions.counters import find_drift
from consulta.contributions.models import Contribution, ContributionState, RejectionReason
from consulta.contributions.moderation import (
    Words,
    hide_contribution,
    moderate,
    publish_contribution,
    reject_contribution,
    unhide_contribution,
)
from consulta.contributions.services import appeal, reply, support
from consulta.database import Database
from consulta.errors import GuardRefused, Invalid, NotAllowed, NotFound, StaleVersion
from consulta.moderation.batches import Seen, look_ahead, moderate_many
from consulta.moderation.claims import claim_contribution, claim_next, release_claim
from consulta.moderation.log import list_log
from consulta.moderation.models import Act, Claim, StaffNote
from consulta.moderation.notes import write_note
from consulta.moderation.public import count_moderation
from consulta.moderation.queries import stored_texts
from consulta.moderation.rules import CLAIM_TIME, UNDO_TIME
from consulta.moderation.texts import store_text
from consulta.moderation.trays import Selection, Tray, count_trays, list_tray
from consulta.moderation.undoing import undo_acts
from consulta.outbox.models import OutboxKind, OutboxRow, OutboxState
from consulta.outbox.queue import Queue
from consulta.people.actors import Actor
from consulta.people.models import Role
from consulta.plans.models import Moderation
from consulta.proposals.models import ProposalState
from tests.factories.contributions import make_contribution
from tests.factories.people import make_actor, make_coordinator
from tests.factories.plans import make_plan, make_topic
from tests.parallel import in_parallel
from tests.services.contributions.test_moderation import EMPTY, WHY, moderator, pending, proposal_of
from tests.services.contributions.test_writing import submit

State = ContributionState
NOON = datetime(2030, 6, 3, 18, tzinfo=clock.now().tzinfo)
SAID = {
    Act.PUBLISH: Words(),
    Act.OBSERVE: Words(text=WHY),
    Act.REJECT: Words(EMPTY, WHY),
    Act.HIDE: Words(EMPTY, WHY),
    Act.UNHIDE: Words(text="Fue un error."),
    Act.REVIEW: Words(),
}


def do(session: Session, actor: Actor, contribution: Contribution, act: Act, **changes: Any) -> str:
    """An act and the name of its batch."""
    fields: dict[str, Any] = {"contribution_id": contribution.id, "words": SAID[act], "batch": f"b-{act.value}"}
    moderate(session, actor=actor, act=act, **{**fields, **changes})
    return f"b-{act.value}"


def mails(session: Session) -> dict[str, list[OutboxState]]:
    """What was done with each mail that a moderator's act wrote."""
    session.rollback()
    rows = session.execute(sa.select(OutboxRow.name, OutboxRow.state).where(OutboxRow.hold_key.is_not(None)))
    found: dict[str, list[OutboxState]] = {}
    for name, state in rows:
        found.setdefault(name, []).append(state)
    return found


def everything_about(session: Session, contribution: Contribution) -> tuple[object, ...]:
    """What an act changes, but for the version and the log."""
    session.rollback()
    session.expire_all()
    topic = contribution.topic
    return (
        contribution.state,
        contribution.reason,
        contribution.reason_text,
        contribution.complete_by,
        contribution.held_for,
        [link.proposal.state for link in contribution.proposal_links],
        (topic.proposal_count, topic.reply_count, topic.last_activity_at) if topic else None,
    )


@pytest.mark.parametrize(
    ("before", "act"),
    [
        ((), Act.PUBLISH),
        ((), Act.OBSERVE),
        ((), Act.REJECT),
        ((Act.OBSERVE,), Act.REJECT),
        ((Act.PUBLISH,), Act.HIDE),
        ((Act.PUBLISH, Act.HIDE), Act.UNHIDE),
        ((Act.PUBLISH,), Act.REVIEW),
    ],
)
def test_an_act_taken_back_in_time_leaves_nothing_but_the_log(
    session: Session, before: tuple[Act, ...], act: Act
) -> None:
    contribution, actor = pending(session), moderator(session)
    with clock.set_to(NOON):
        for earlier in before:
            do(session, actor, contribution, earlier, batch=f"earlier-{earlier.value}")
        found = everything_about(session, contribution)
        batch = do(session, actor, contribution, act)
        assert everything_about(session, contribution) != found or act is Act.REVIEW
    with clock.set_to(NOON + UNDO_TIME):
        undo_acts(session, actor=actor, batch=batch)
    assert everything_about(session, contribution) == found
    held = sa.select(OutboxRow).where(OutboxRow.hold_key == f"{batch}-{contribution.id}")
    told = session.scalars(held).all()
    assert {row.state for row in told} <= {OutboxState.CANCELLED}
    if act is Act.PUBLISH:  # neither its author nor the followers of its topic
        assert {row.kind for row in told} == {OutboxKind.MAIL, OutboxKind.EVENT}
    log = session.scalars(sa.select(AuditEntry.act).where(AuditEntry.object_type == "contribution").order_by("id"))
    assert log.all()[-2:] == [f"contribution.{act.value}", "contribution.undo"]
    assert list(find_drift(session)) == []


def test_nobody_is_told_before_the_act_stands(session: Session, database: Database) -> None:
    contribution, actor = pending(session), moderator(session)
    with clock.set_to(NOON):
        do(session, actor, contribution, Act.REJECT)
    queue = Queue(database)
    for seconds, names in ((10, set()), (14, set()), (15, {"contribution_rejected"})):
        with clock.set_to(NOON + timedelta(seconds=seconds)):
            claimed = {row.name for row in queue.claim(OutboxKind.MAIL, 10)}
            assert claimed - {"contribution_received"} == names, seconds


def test_it_is_too_late_after_ten_seconds_or_once_somebody_is_being_told(session: Session, database: Database) -> None:
    contribution, actor = pending(session), moderator(session)
    with clock.set_to(NOON):
        batch = do(session, actor, contribution, Act.REJECT)
    with clock.set_to(NOON + UNDO_TIME + timedelta(milliseconds=1)), pytest.raises(GuardRefused) as late:
        undo_acts(session, actor=actor, batch=batch)
    assert late.value.code == "undo_too_late"
    with clock.set_to(NOON + timedelta(seconds=20)):
        Queue(database).claim(OutboxKind.MAIL, 10)
    with clock.set_to(NOON + timedelta(seconds=5)), pytest.raises(GuardRefused) as told:  # a clock that went back
        undo_acts(session, actor=actor, batch=batch)
    assert told.value.code == "undo_too_late"
    session.rollback()
    session.expire_all()
    assert contribution.state is State.REJECTED


def test_only_the_same_person_takes_an_act_back(session: Session) -> None:
    contribution, actor, other = pending(session), moderator(session), make_coordinator(session)
    with clock.set_to(NOON):
        batch = do(session, actor, contribution, Act.PUBLISH)
        with pytest.raises(GuardRefused) as refused:
            undo_acts(session, actor=other, batch=batch)
        assert refused.value.code == "undo_not_yours"
        with pytest.raises(NotAllowed):
            undo_acts(session, actor=make_actor(session, Role.OBSERVER), batch=batch)
        with pytest.raises(NotFound):
            undo_acts(session, actor=actor, batch="another")
        undo_acts(session, actor=actor, batch=batch)
        with pytest.raises(NotFound):
            undo_acts(session, actor=actor, batch=batch)


@pytest.mark.parametrize("use", ["reply", "support"])
def test_what_somebody_answered_or_supported_stays_published(session: Session, use: str) -> None:
    contribution, actor, reader = pending(session), moderator(session), make_actor(session)
    batch = do(session, actor, contribution, Act.PUBLISH)
    if use == "reply":
        reply(session, actor=reader, parent_id=contribution.id, body="De acuerdo.", form_key="r1")
    else:
        support(session, actor=reader, contribution_id=contribution.id)
    with pytest.raises(GuardRefused) as refused:
        undo_acts(session, actor=actor, batch=batch)
    assert refused.value.code in ("undo_in_use", "undo_changed")
    session.expire_all()
    assert contribution.state is State.PUBLISHED
    assert mails(session)["contribution_published"] == [OutboxState.NEW]


def test_an_act_that_somebody_built_on_is_not_taken_back(session: Session) -> None:
    author = make_actor(session)
    contribution, actor = pending(session, author), moderator(session)
    batch = do(session, actor, contribution, Act.REJECT)
    appeal(session, actor=author, contribution_id=contribution.id, version=None, text=WHY)
    with pytest.raises(GuardRefused) as refused:
        undo_acts(session, actor=actor, batch=batch)
    assert refused.value.code == "undo_changed"
    assert mails(session)["contribution_rejected"] == [OutboxState.NEW]


def test_several_at_once_each_with_its_entry_and_all_taken_back_together(session: Session) -> None:
    actor, other = moderator(session), moderator(session)
    rows = [pending(session) for _ in range(4)]
    claim_contribution(session, actor=other, contribution_id=rows[1].id)
    chosen = {row.id: Seen(row.version) for row in rows}
    publish_contribution(session, actor=actor, contribution_id=rows[2].id)
    outlook = look_ahead(session, actor=actor, act=Act.REJECT, chosen=chosen)
    assert [row.id for row in outlook.ready] == [rows[0].id, rows[3].id]
    assert [code for _, code in outlook.kept] == ["somebody_reads_it", "changed_meanwhile"]
    done = moderate_many(session, actor=actor, act=Act.REJECT, words=Words(EMPTY, WHY), chosen=chosen)
    session.expire_all()
    assert [row.state for row in rows] == [State.REJECTED, State.PENDING, State.PUBLISHED, State.REJECTED]
    entries = session.scalars(sa.select(AuditEntry.object_id).where(AuditEntry.act == "contribution.reject")).all()
    assert sorted(entries) == [rows[0].id, rows[3].id]
    undone = undo_acts(session, actor=actor, batch=done.batch)
    assert len(undone.contributions) == 2
    assert {proposal_of(session, row).state for row in rows} == {ProposalState.RECEIVED}
    assert mails(session)["contribution_rejected"] == [OutboxState.CANCELLED] * 2


def test_a_batch_says_why_once_for_all(session: Session) -> None:
    row, actor = pending(session), moderator(session)
    with pytest.raises(Invalid):
        moderate_many(session, actor=actor, act=Act.REJECT, words=Words(), chosen={row.id: Seen()})


def test_batches_that_cross_do_not_wait_for_each_other(database: Database) -> None:
    with database.session() as session:
        rows = [pending(session) for _ in range(6)]
        keys = [row.id for row in rows]
        first, second = moderator(session), moderator(session)
    answers = in_parallel(
        database,
        [
            lambda s: moderate_many(
                s, actor=first, act=Act.PUBLISH, words=Words(), chosen=dict.fromkeys(keys, Seen(1))
            ),
            lambda s: moderate_many(
                s, actor=second, act=Act.PUBLISH, words=Words(), chosen=dict.fromkeys(reversed(keys), Seen(1))
            ),
        ],
    )
    assert sorted(len(answer.outlook.ready) for answer in answers) == [0, 6]  # type: ignore[union-attr]
    with database.session() as session:
        assert list(find_drift(session)) == []


def test_somebody_elses_claim_stands_until_it_ends_or_is_taken_over(session: Session) -> None:
    contribution, first, second = pending(session), moderator(session), moderator(session)
    with clock.set_to(NOON):
        claim_contribution(session, actor=first, contribution_id=contribution.id)
        with pytest.raises(GuardRefused) as refused:
            publish_contribution(session, actor=second, contribution_id=contribution.id)
        assert refused.value.facts == {"holder": first.name}
        with pytest.raises(GuardRefused):
            claim_contribution(session, actor=second, contribution_id=contribution.id)
        with pytest.raises(GuardRefused):
            release_claim(session, actor=second, contribution_id=contribution.id)
        claim_contribution(session, actor=second, contribution_id=contribution.id, take_over=True)
    entry = session.scalars(sa.select(AuditEntry).where(AuditEntry.act == "contribution.take_over")).one()
    assert (entry.person_id, entry.reason) == (second.person_id, first.name)
    with clock.set_to(NOON + CLAIM_TIME):
        publish_contribution(session, actor=first, contribution_id=contribution.id)
    assert session.scalar(sa.select(sa.func.count()).select_from(Claim)) == 0


def test_two_who_take_the_next_get_different_ones(database: Database) -> None:
    with database.session() as session:
        keys = {pending(session).id for _ in range(2)}
        actors = [moderator(session) for _ in range(2)]
    answers = in_parallel(database, [lambda s, a=actor: claim_next(s, actor=a) for actor in actors])  # type: ignore[misc]
    assert set(answers) == keys
    with database.session() as session:
        assert claim_next(session, actor=moderator(session)) is None


def test_a_note_is_kept_once_and_the_log_does_not_say_what_it_says(session: Session) -> None:
    contribution, actor = pending(session), moderator(session)
    for _ in range(2):
        write_note(session, actor=actor, contribution_id=contribution.id, text="Llamar al 2222-3333.", form_key="k1")
    assert session.scalars(sa.select(StaffNote.text)).all() == ["Llamar al 2222-3333."]
    entry = session.scalars(sa.select(AuditEntry).where(AuditEntry.act == "contribution.note")).one()
    assert "2222" not in f"{entry.reason}{entry.detail}"
    with pytest.raises(Invalid):
        write_note(session, actor=actor, contribution_id=contribution.id, text=" ")
    with pytest.raises(NotAllowed):
        write_note(session, actor=make_actor(session, Role.OBSERVER), contribution_id=contribution.id, text="Hola")


def test_the_coordinator_words_the_stored_texts(session: Session) -> None:
    coordinator, code = make_coordinator(session), RejectionReason.SPAM.value
    store_text(session, actor=coordinator, code=code, text="Su texto anuncia un producto.", version=0)
    assert stored_texts(session)[code] == "Su texto anuncia un producto."
    with pytest.raises(StaleVersion):
        store_text(session, actor=coordinator, code=code, text="Otro texto para lo mismo.", version=0)
    store_text(session, actor=coordinator, code=code, text="Otro texto para lo mismo.", version=1)
    with pytest.raises(NotAllowed):
        store_text(session, actor=moderator(session), code=code, text="Otro texto para lo mismo.", version=2)
    with pytest.raises(Invalid):
        store_text(session, actor=coordinator, code=code, text="corto", version=2)
    with pytest.raises(NotFound):
        store_text(session, actor=coordinator, code="otro", text="Otro texto para lo mismo.", version=0)


def test_what_is_shown_before_it_is_read_waits_for_a_reader(session: Session) -> None:
    plan = make_plan(session)
    before, after = make_topic(session, plan), make_topic(session, plan, moderation=Moderation.AFTER)
    make_contribution(session, before)
    shown, actor = make_contribution(session, after), moderator(session)
    assert [row.contribution.id for row in list_tray(session, Selection(Tray.UNREVIEWED)).rows] == [shown.id]
    do(session, actor, shown, Act.REVIEW)
    assert count_trays(session)[Tray.UNREVIEWED] == 0
    undo_acts(session, actor=actor, batch="b-review")
    assert count_trays(session)[Tray.UNREVIEWED] == 1


def test_public_totals_count_what_stands(session: Session) -> None:
    author, actor = make_actor(session), moderator(session)
    plan = make_plan(session, opens_on=NOON.date() - timedelta(days=40), closes_on=NOON.date() + timedelta(days=40))
    topic = make_topic(session, plan)
    with clock.set_to(NOON):
        rows = [submit(session, author, topic, form_key=f"k{n}") for n in range(4)]
    hide = {"reason": RejectionReason.OFFENSIVE, "public_text": WHY}
    with clock.set_to(NOON + timedelta(hours=2)):
        publish_contribution(session, actor=actor, contribution_id=rows[0].id)
        reject_contribution(session, actor=actor, contribution_id=rows[1].id, reason=EMPTY, public_text=WHY)
        undo_acts(session, actor=actor, batch=do(session, actor, rows[3], Act.REJECT))
    with clock.set_to(NOON + timedelta(days=30)):
        hide_contribution(session, actor=actor, contribution_id=rows[0].id, **hide)
        unhide_contribution(session, actor=actor, contribution_id=rows[0].id, reason="Fue un error.")
        appeal(session, actor=author, contribution_id=rows[1].id, version=None, text=WHY)
        reject_contribution(session, actor=actor, contribution_id=rows[1].id, reason=EMPTY, public_text=WHY)
        publish_contribution(session, actor=actor, contribution_id=rows[2].id)
    totals = count_moderation(session, plan)
    assert totals.months == ["2030-06", "2030-07"]
    assert (totals.reviewed, totals.waiting, totals.acts[Act.PUBLISH], totals.acts[Act.REJECT]) == (3, 1, 2, 2)
    assert totals.refused == {"2030-06": {EMPTY: 1}, "2030-07": {EMPTY: 1}}
    assert totals.hidden == {"2030-07": {RejectionReason.OFFENSIVE: 1}}
    assert totals.median_hours == 2
    assert (totals.appeals.asked, totals.appeals.confirmed) == (1, 1)


def test_the_log_goes_back_page_by_page(session: Session) -> None:
    actor, acts = moderator(session), ["contribution.publish"]
    rows = [pending(session) for _ in range(3)]
    for row in rows:
        publish_contribution(session, actor=actor, contribution_id=row.id)
    first = list_log(session, acts, size=2)
    assert [row.contribution.id for row in first.rows] == [rows[2].id, rows[1].id]
    second = list_log(session, acts, cursor=first.following or "", size=2)
    assert ([row.contribution.id for row in second.rows], second.following) == ([rows[0].id], None)
    assert list_log(session, acts, until=clock.today() - timedelta(days=1)).rows == []
    assert len(list_log(session, acts, since=clock.today(), person_id=actor.person_id).rows) == 3
