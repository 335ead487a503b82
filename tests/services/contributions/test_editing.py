"""Authors rewrite their words: what the public reads meanwhile, what it can compare, and what never comes back."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from consulta import clock
from consulta.audit.models import AuditEntry
from consulta.cache_versions import read_versions, topic_scope
from consulta.contributions.differences import Kind, differences
from consulta.contributions.editing import accept_edit, discard_edit, edit_contribution, reject_edit
from consulta.contributions.models import Contribution, ContributionState, PendingEdit, RejectionReason, Revision
from consulta.contributions.moderation import hide_contribution, publish_contribution
from consulta.contributions.redacting import redact_contribution
from consulta.contributions.revisions import own_edit_of, pending_edit_of, public_changes
from consulta.contributions.services import reply, withdraw
from consulta.database import Database
from consulta.errors import GuardRefused, Invalid, NotAllowed, NotInThisState, StaleVersion, WindowClosed
from consulta.outbox.models import OutboxRow
from consulta.people.actors import Actor
from consulta.people.models import Role
from consulta.plans.models import Topic
from consulta.proposals.models import Proposal, ProposalState
from tests.factories.contributions import make_contribution
from tests.factories.people import make_actor
from tests.factories.plans import make_plan, make_topic, make_trusting_topic
from tests.factories.proposals import make_proposal
from tests.parallel import in_parallel
from tests.services.contributions.test_writing import BODY, rows, submit

NEW = "Propongo que cada escuela y cada unidad de salud publiquen lo que gastan. <script>alert(1)</script>"
LATER = timedelta(hours=1)
WHY = "El texto nuevo repite el teléfono de una persona."


@pytest.fixture
def topic(session: Session) -> Topic:
    """A topic that shows what is posted at once."""
    return make_trusting_topic(session, make_plan(session))


@pytest.fixture
def author(session: Session) -> Actor:
    return make_actor(session)


@pytest.fixture
def moderator(session: Session) -> Actor:
    return make_actor(session, Role.MODERATOR)


def edit(session: Session, actor: Actor, contribution: Contribution, **changes: object) -> Contribution:
    session.rollback()
    session.expire_all()
    fields = {"title": "Gasto", "body": NEW, "version": contribution.version, **changes}
    return edit_contribution(session, actor=actor, contribution_id=contribution.id, **fields)  # type: ignore[arg-type]


def later() -> AbstractContextManager[None]:
    return clock.set_to(clock.now() + LATER)


def test_words_are_compared_and_nothing_of_either_text_is_lost() -> None:
    before, after = "Publicar  el gasto\n\nde cada escuela.", "Publicar  todo el gasto\n\nde las escuelas.\n\nY más."
    pieces = differences(before, after)
    assert "".join(p.text for p in pieces if p.kind is not Kind.ADDED) == before
    assert "".join(p.text for p in pieces if p.kind is not Kind.REMOVED) == after
    assert [p.text for p in pieces if p.kind is Kind.ADDED] == ["todo ", "las escuelas", "\n\nY más."]
    assert [p.kind for p in differences("Así.", "Así. ")] == [Kind.SAME]
    assert differences("", "") == []


def test_the_first_minutes_leave_no_public_record(session: Session, topic: Topic, author: Actor) -> None:
    contribution = submit(session, author, topic)
    with clock.set_to(contribution.received_at + timedelta(minutes=15)):
        edit(session, author, contribution)
    session.expire_all()
    proposal = session.scalars(sa.select(Proposal)).one()
    assert (contribution.public_title, contribution.public_body, proposal.title) == ("Gasto", NEW, "Gasto")
    assert "<script" not in contribution.public_html
    assert contribution.edited_at is None
    kept = session.scalars(sa.select(Revision)).one()
    assert (kept.body, kept.was_public, kept.public_body) == (BODY, False, None)
    assert public_changes(session, contribution) == ([], None)


def test_afterwards_everybody_can_compare(session: Session, topic: Topic, author: Actor) -> None:
    contribution = submit(session, author, topic)
    before = read_versions(session, (topic_scope(topic.plan.code, topic.code),))
    moments = [contribution.received_at + timedelta(minutes=15, seconds=1), contribution.received_at + LATER]
    for moment, body in zip(moments, (NEW, f"{NEW} Y más."), strict=True):
        with clock.set_to(moment):
            edit(session, author, contribution, body=body)
    session.expire_all()
    changes, following = public_changes(session, contribution)
    assert ([change.at for change in changes], following) == (moments[::-1], None)
    assert "".join(p.text for p in changes[1].body or () if p.kind is not Kind.ADDED) == BODY
    assert "".join(p.text for p in changes[0].body or () if p.kind is not Kind.REMOVED) == f"{NEW} Y más."
    assert contribution.edited_at == moments[1]
    assert read_versions(session, (topic_scope(topic.plan.code, topic.code),)) > before
    acts = session.scalars(sa.select(AuditEntry.act).where(AuditEntry.object_type == "contribution")).all()
    assert acts.count("contribution.edit") == 2
    assert session.scalars(sa.select(OutboxRow.name)).all().count("proposal") == 3


def test_many_changes_come_in_pages_without_gap(session: Session, topic: Topic, author: Actor) -> None:
    contribution = submit(session, author, topic)
    for n in range(12):
        with clock.set_to(contribution.received_at + LATER + timedelta(minutes=n)):
            edit(session, author, contribution, body=f"{BODY} {n}")
    session.expire_all()
    first, following = public_changes(session, contribution)
    second, end = public_changes(session, contribution, following)
    assert (len(first), len(second), end) == (10, 2, None)
    texts = ["".join(p.text for p in c.body or () if p.kind is not Kind.REMOVED) for c in (*first, *second)]
    assert texts == [f"{BODY} {n}" for n in reversed(range(12))]


def test_where_somebody_reads_first_the_old_words_stay(session: Session, author: Actor, moderator: Actor) -> None:
    topic = make_topic(session, make_plan(session))
    contribution = submit(session, author, topic)
    edit(session, author, contribution, body=f"{BODY} Corregido.")
    assert contribution.public_body == f"{BODY} Corregido."
    publish_contribution(session, actor=moderator, contribution_id=contribution.id)
    edit(session, author, contribution)
    session.expire_all()
    assert (contribution.public_body, contribution.edited_at) == (f"{BODY} Corregido.", None)
    waiting = pending_edit_of(session, contribution.id)
    assert waiting is not None
    assert waiting.body == NEW
    assert "<script" not in waiting.html
    with later():
        edit(session, author, contribution, body=f"{NEW} Otra vez.")
        accept_edit(session, actor=moderator, contribution_id=contribution.id, version=contribution.version)
    session.expire_all()
    assert (contribution.public_body, own_edit_of(session, contribution.id)) == (f"{NEW} Otra vez.", None)
    assert contribution.edited_at is not None
    assert "edit_published" in session.scalars(sa.select(OutboxRow.name)).all()


def test_an_edit_that_is_not_published_stays_with_its_author(session: Session, author: Actor, moderator: Actor) -> None:
    topic = make_topic(session, make_plan(session))
    contribution = submit(session, author, topic)
    publish_contribution(session, actor=moderator, contribution_id=contribution.id)
    edit(session, author, contribution)
    with pytest.raises(Invalid):
        reject_edit(session, actor=moderator, contribution_id=contribution.id, reason=None, text="No.")
    reject_edit(
        session, actor=moderator, contribution_id=contribution.id, reason=RejectionReason.PERSONAL_DATA, text=WHY
    )
    session.expire_all()
    kept = own_edit_of(session, contribution.id)
    assert kept is not None
    assert (kept.body, kept.reason_text) == (NEW, WHY)
    assert contribution.public_body == BODY
    with pytest.raises(GuardRefused):
        accept_edit(session, actor=moderator, contribution_id=contribution.id)
    edit(session, author, contribution, body=f"{NEW} Sin teléfono.")
    assert pending_edit_of(session, contribution.id) is not None
    session.expire_all()
    discard_edit(session, actor=author, contribution_id=contribution.id, version=contribution.version)
    assert own_edit_of(session, contribution.id) is None


def test_the_moderator_publishes_only_the_words_that_were_read(
    session: Session, author: Actor, moderator: Actor
) -> None:
    topic = make_topic(session, make_plan(session))
    contribution = submit(session, author, topic)
    publish_contribution(session, actor=moderator, contribution_id=contribution.id)
    edit(session, author, contribution)
    session.expire_all()
    read = contribution.version
    edit(session, author, contribution, body=f"{NEW} Con algo que nadie leyó.")
    with pytest.raises(StaleVersion):
        accept_edit(session, actor=moderator, contribution_id=contribution.id, version=read)
    session.expire_all()
    assert contribution.public_body == BODY


def test_what_was_taken_out_never_comes_back(session: Session, topic: Topic, author: Actor, moderator: Actor) -> None:
    private = f"{BODY} Mi teléfono es 7777-1234."
    contribution = submit(session, author, topic, body=private)
    with later():
        edit(session, author, contribution, body=f"{private} Llámeme.")
        redact(session, moderator, contribution)
        session.expire_all()
        changes, _ = public_changes(session, contribution)
        assert [(change.title, change.body) for change in changes] == [(None, None)]
        edit(session, author, contribution, body=private)
        session.expire_all()
        assert (contribution.public_body, contribution.redaction_note) == (BODY, "Un teléfono")
        redact(session, moderator, contribution, body=f"{BODY} Más corto.")
        session.expire_all()
        assert pending_edit_of(session, contribution.id) is None
        with pytest.raises(GuardRefused):
            accept_edit(session, actor=moderator, contribution_id=contribution.id)
        edit(session, author, contribution, body=NEW)
        accept_edit(session, actor=moderator, contribution_id=contribution.id)
    session.expire_all()
    changes, _ = public_changes(session, contribution)
    shown = "".join(p.text for c in changes for p in (*(c.title or ()), *(c.body or ())))
    assert "7777" not in shown
    assert NEW in "".join(p.text for p in changes[0].body or () if p.kind is not Kind.REMOVED)
    assert "edit_rejected" in session.scalars(sa.select(OutboxRow.name)).all()


def test_words_that_show_signs_of_abuse_wait_too(session: Session, author: Actor) -> None:
    topic = make_trusting_topic(session, make_plan(session), thresholds={"approvals": 0, "form_seconds": 0})
    contribution = submit(session, author, topic)
    assert contribution.state is ContributionState.PUBLISHED
    edit(session, author, contribution, body=f"{BODY} https://a.example https://b.example https://c.example")
    assert pending_edit_of(session, contribution.id) is not None
    assert contribution.public_body == BODY


def redact(session: Session, moderator: Actor, contribution: Contribution, body: str = BODY) -> None:
    redact_contribution(
        session,
        actor=moderator,
        contribution_id=contribution.id,
        public_title="",
        public_body=body,
        note="Un teléfono",
    )


def hide(session: Session, contribution: Contribution, actor: Actor) -> object:
    moderator = make_actor(session, Role.MODERATOR)
    return hide_contribution(
        session,
        actor=moderator,
        contribution_id=contribution.id,
        reason=RejectionReason.OFFENSIVE,
        public_text="El texto insulta a una persona.",
    )


def take_up(session: Session, contribution: Contribution, actor: Actor) -> object:
    source = make_contribution(session, contribution.topic)
    return make_proposal(
        session,
        source=source,
        state=ProposalState.MERGED,
        main_proposal_id=session.scalars(sa.select(Proposal.id)).one(),
    )


def take_back(session: Session, contribution: Contribution, actor: Actor) -> object:
    return withdraw(session, actor=actor, contribution_id=contribution.id)


@pytest.mark.parametrize(
    ("first", "refusal"), [(hide, NotInThisState), (take_back, NotInThisState), (take_up, GuardRefused)]
)
def test_only_what_is_shown_and_not_in_process_is_edited(
    session: Session, topic: Topic, author: Actor, first: Callable[..., object], refusal: type[Exception]
) -> None:
    contribution = submit(session, author, topic)
    first(session, contribution, author)
    before = rows(session)
    with pytest.raises(refusal):
        edit(session, author, contribution)
    assert rows(session) == before


def test_only_the_author_edits_and_only_in_time_and_well(session: Session, topic: Topic, author: Actor) -> None:
    contribution = submit(session, author, topic)
    before = rows(session)
    with pytest.raises(NotAllowed):
        edit(session, make_actor(session, Role.COORDINATOR), contribution)
    with pytest.raises(Invalid) as refusal:
        edit(session, author, contribution, title="t" * 151, body="corto")
    assert [p.field for p in refusal.value.problems] == ["body", "title"]
    with pytest.raises(Invalid):
        edit(session, author, contribution, title=contribution.title, body=contribution.body)
    with pytest.raises(StaleVersion):
        edit(session, author, contribution, version=99)
    assert topic.plan.closes_on is not None
    with clock.set_to(clock.end_of_day(topic.plan.closes_on)), pytest.raises(WindowClosed):
        edit(session, author, contribution)
    assert rows(session)["person"] == before["person"] + 1
    assert {**rows(session), "person": 0} == {**before, "person": 0}


def test_a_reply_is_edited_and_its_tombstone_keeps_the_branch(session: Session, topic: Topic, author: Actor) -> None:
    root = submit(session, author, topic)
    first = reply(session, actor=author, parent_id=root.id, body="De acuerdo.", form_key="r1")
    second = reply(session, actor=make_actor(session), parent_id=first.id, body="Y yo.", form_key="r2")
    with later():
        edit(session, author, first, title="Sin título", body="No.")
    session.expire_all()
    assert (first.public_title, first.public_body, first.edited_at is not None) == (None, "No.", True)
    withdraw(session, actor=author, contribution_id=first.id)
    session.expire_all()
    assert (second.parent_id, second.state, root.reply_count) == (first.id, ContributionState.PUBLISHED, 1)


def test_one_form_sent_twenty_times_is_one_edit(database: Database) -> None:
    with database.session() as session:
        topic = make_trusting_topic(session, make_plan(session))
        author = make_actor(session)
        contribution = submit(session, author, topic)
    answers = in_parallel(database, [lambda s: edit(s, author, contribution, version=1, form_key="once").id] * 20)
    assert set(answers) == {contribution.id}
    with database.session() as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(Revision)) == 1
        assert session.scalar(sa.select(sa.func.count()).select_from(PendingEdit)) == 0
