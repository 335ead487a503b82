"""Who is told of what, by which mail: the soonest way, never twice, and nothing that may not be known."""

import re
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from consulta import clock
from consulta.changes import transaction
from consulta.contributions.models import Contribution, ContributionState
from consulta.contributions.services import reply
from consulta.database import Database, writing
from consulta.decisions.models import Outcome
from consulta.follows import digests, spreading
from consulta.follows.models import EventKind, Follow, Mode, Notice
from consulta.follows.rules import last_digest
from consulta.follows.services import change_mode, stop_following
from consulta.follows.tokens import Stop, read_stop
from consulta.outbox.models import OutboxKind, OutboxRow
from consulta.outbox.worker import Worker
from consulta.people.actors import CLOCK
from consulta.people.models import Account, Person
from consulta.plans.models import Topic
from consulta.proposals.models import Proposal, ProposalState
from tests.factories import store
from tests.factories.contributions import make_contribution, make_reply
from tests.factories.decisions import make_decision
from tests.factories.follows import make_follow
from tests.factories.people import actor_of, make_institution, make_person
from tests.factories.plans import make_plan, make_trusting_topic
from tests.factories.proposals import make_proposal
from tests.factories.referrals import make_referral
from tests.services.following import NOBODY_ERASED, SITE, NoIndex, Postbox

# A Wednesday, nine in the morning in El Salvador.
START = datetime(2030, 1, 9, 15, tzinfo=UTC)


@pytest.fixture
def topic(session: Session) -> Topic:
    with clock.set_to(START - timedelta(days=1)):
        return make_trusting_topic(session, make_plan(session))


@pytest.fixture
def postbox(database: Database) -> Postbox:
    return Postbox(database)


def work(database: Database, postbox: Postbox, at: datetime = START + timedelta(minutes=1)) -> list[tuple[str, str]]:
    """What the worker sends at a moment, as (address, subject), in order."""
    before = set(postbox.letters)
    with clock.set_to(at):
        Worker(database, NoIndex(), postbox, SITE, NOBODY_ERASED).run(once=True)  # type: ignore[arg-type]
    new = [letter for key, letter in postbox.letters.items() if key not in before]
    return [(str(letter["To"]), str(letter["Subject"])) for letter in new]


def tell(session: Session, kind: EventKind, row: Contribution | Proposal, at: datetime = START) -> None:
    with clock.set_to(at), transaction(session, actor=CLOCK) as change:
        change.tell(kind, row)


def published(session: Session, topic: Topic, **changes: object) -> Proposal:
    """A proposal that was just published, and told."""
    source = make_contribution(session, topic, **changes)
    proposal = make_proposal(session, source=source)
    tell(session, EventKind.PROPOSAL_PUBLISHED, source)
    return proposal


def follow(session: Session, mode: Mode = Mode.AT_ONCE, **what: object) -> Person:
    with clock.set_to(START - timedelta(hours=1)):
        return session.get_one(Person, make_follow(session, mode=mode, **what).person_id)


def test_a_mail_at_once_names_the_folio_and_how_to_stop_it(
    session: Session, database: Database, topic: Topic, postbox: Postbox
) -> None:
    reader = follow(session, topic=topic)
    proposal = published(session, topic, body="Pido luz en la cancha.")
    ((to, subject),) = work(database, postbox)
    assert (to, subject.startswith(f"Propuesta nueva {proposal.folio}: ")) == (reader.email, True)
    (letter,) = postbox.letters.values()
    text = letter.get_content()
    assert "> Pido luz en la cancha." in text
    (stop,) = re.fullmatch(
        r"<https://consulta\.example\.org/participar/avisos/(.+)>", letter["List-Unsubscribe"]
    ).groups()  # type: ignore[union-attr]
    assert letter["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    row = session.scalars(sa.select(Follow)).one()
    assert read_stop(SITE.secret_key, stop) == Stop(reader.id, follow_id=row.id)
    # Where to read it and where to stop: no other address, no other part.
    assert re.findall(r"https?://\S+", text) == [SITE.proposal(proposal.folio), SITE.stop(stop)]
    assert letter.get_content_type() == "text/plain"


def test_who_is_answered_hears_of_it_without_asking_and_only_once(
    session: Session, database: Database, topic: Topic, postbox: Postbox
) -> None:
    author = make_person(session)
    proposal = make_proposal(session, source=make_contribution(session, topic, person=author))
    # The same person follows the proposal too, in a digest: the soonest way is one mail.
    with clock.set_to(START - timedelta(hours=1)):
        make_follow(session, author, proposal=proposal, mode=Mode.DAILY)
    with clock.set_to(START):
        source = proposal.first_source
        for number, actor in enumerate((actor_of(make_person(session)), actor_of(author))):
            reply(session, actor=actor, parent_id=source.id, body="De acuerdo.", form_key=f"clave-{number}")
    sent = work(database, postbox)
    assert [one for one in sent if "Recibimos" not in one[1]] == [
        (author.email, f"Le respondieron en {proposal.folio}")
    ]
    assert [row.mode for row in session.scalars(sa.select(Notice))] == [Mode.AT_ONCE]


def test_nobody_hears_of_their_own_acts_nor_of_what_came_before_they_followed(
    session: Session, database: Database, topic: Topic, postbox: Postbox
) -> None:
    author = make_person(session)
    with clock.set_to(START - timedelta(hours=1)):
        make_follow(session, author, topic=topic)
    published(session, topic, person=author)
    with clock.set_to(START + timedelta(seconds=1)):
        make_follow(session, topic=topic)
    assert work(database, postbox) == []


def test_authors_who_get_their_own_mail_are_not_told_again(
    session: Session, database: Database, topic: Topic, postbox: Postbox
) -> None:
    proposal = make_proposal(session, topic, state=ProposalState.FORWARDED)
    make_referral(session, proposal, make_institution(session, name="Ministerio de Salud"))
    author, reader = proposal.first_source.person, follow(session, proposal=proposal)
    with clock.set_to(START - timedelta(hours=1)):
        make_follow(session, author, proposal=proposal)
    with clock.set_to(START), transaction(session, actor=CLOCK) as change:
        change.mail("proposal_forwarded", proposal_id=proposal.id)
        change.tell(EventKind.PROPOSAL_FORWARDED, proposal)
    assert sorted(work(database, postbox)) == sorted(
        [
            (author.email, f"Enviamos la propuesta {proposal.folio} a una institución"),
            (reader.email, f"La propuesta {proposal.folio} está en una institución"),
        ]
    )
    modes = dict(session.execute(sa.select(Notice.person_id, Notice.mode)).all())
    assert modes == {author.id: Mode.OFF, reader.id: Mode.AT_ONCE}


def test_a_digest_groups_by_proposal_and_leaves_out_what_was_hidden(
    session: Session, database: Database, topic: Topic, postbox: Postbox
) -> None:
    proposal = make_proposal(session, topic)
    reader = follow(session, Mode.DAILY, proposal=proposal)
    replies = [make_reply(session, proposal.first_source, body=f"Respuesta número {n}.") for n in range(3)]
    for one in replies:
        tell(session, EventKind.REPLY_PUBLISHED, one)
    assert [to for to, _ in work(database, postbox) if to == reader.email] == []
    with writing(session):
        session.get_one(Contribution, replies[1].id).state = ContributionState.HIDDEN
    assert work(database, postbox, START + timedelta(hours=21, minutes=59)) == []
    assert work(database, postbox, START + timedelta(hours=22)) == [(reader.email, f"Resumen diario: {proposal.folio}")]
    text = list(postbox.letters.values())[-1].get_content()
    assert ("número 0" in text, "número 1" in text, "número 2" in text) == (True, False, True)
    assert text.count(SITE.proposal(proposal.folio)) == 1
    assert work(database, postbox, START + timedelta(days=3)) == []


@pytest.mark.parametrize("has_account", [True, False])
def test_a_digest_leads_to_choices_only_who_can_open_them(
    session: Session, topic: Topic, database: Database, postbox: Postbox, has_account: bool
) -> None:
    reader = follow(session, Mode.DAILY, topic=topic)
    if has_account:
        account = Account(person_id=reader.id, email=reader.email or "", created_at=START, confirmed_at=START)
        store(session, account)
    published(session, topic)
    work(database, postbox)
    work(database, postbox, START + timedelta(hours=22))
    text = next(letter.get_content() for letter in postbox.letters.values() if letter["To"] == reader.email)
    assert ("/participar/seguir/" in text) is has_account
    assert "/participar/avisos/" in text


def test_a_digest_with_nothing_left_to_tell_is_not_sent(
    session: Session, database: Database, topic: Topic, postbox: Postbox
) -> None:
    proposal = make_proposal(session, topic)
    follow(session, Mode.WEEKLY, proposal=proposal)
    said = make_reply(session, proposal.first_source)
    tell(session, EventKind.REPLY_PUBLISHED, said)
    work(database, postbox)
    before = len(postbox.letters)
    with writing(session):
        session.get_one(Contribution, said.id).state = ContributionState.WITHDRAWN
    assert work(database, postbox, START + timedelta(days=8)) == []
    assert len(postbox.letters) == before


def test_what_waited_for_a_digest_follows_the_choice_made_meanwhile(
    session: Session, database: Database, topic: Topic, postbox: Postbox
) -> None:
    persons = [follow(session, Mode.DAILY, topic=topic) for _ in range(4)]
    published(session, topic)
    assert work(database, postbox) == []
    rows = session.scalars(sa.select(Follow).order_by(Follow.id)).all()
    change_mode(session, actor=actor_of(persons[0]), follow_id=rows[0].id, mode=Mode.WEEKLY)
    change_mode(session, actor=actor_of(persons[1]), follow_id=rows[1].id, mode=Mode.OFF)
    stop_following(session, actor=actor_of(persons[2]), follow_id=rows[2].id)
    assert [to for to, _ in work(database, postbox, START + timedelta(days=1))] == [persons[3].email]
    assert [to for to, _ in work(database, postbox, START + timedelta(days=6))] == [persons[0].email]


def test_outcomes_are_told_with_the_results_and_to_each_reader_in_one_mail(
    session: Session, database: Database, topic: Topic, postbox: Postbox
) -> None:
    plan = topic.plan
    mine, other = (make_proposal(session, topic, state=ProposalState.DECIDED) for _ in range(2))
    for proposal in (mine, other):
        make_decision(session, proposal, outcome=Outcome.INCLUDED)
    author, reader = mine.first_source.person, follow(session, proposal=other)
    with clock.set_to(START - timedelta(hours=1)):
        make_follow(session, author, proposal=other, mode=Mode.WEEKLY)
        make_follow(session, reader, proposal=mine)
    for minutes in (1, 3):  # told by mistake before its time, nothing of it is said
        with clock.set_to(START), transaction(session, actor=CLOCK) as change:
            change.mail("results_published", plan_id=plan.id, person_id=author.id)
            change.tell(EventKind.RESULTS_PUBLISHED, plan)
        sent = work(database, postbox, START + timedelta(minutes=minutes))
        if not plan.has_results:
            assert sent == []
            with writing(session):
                session.get_one(type(plan), plan.id).results_published_at = START
    assert sorted(to for to, _ in sent) == sorted([str(author.email), str(reader.email)])
    for letter in postbox.letters.values():
        assert (f"- {mine.folio}: Incorporada" in letter.get_content()) is True
        assert (f"- {other.folio}: Incorporada" in letter.get_content()) is True


def test_many_followers_are_told_in_pages_and_keep_no_other_mail_waiting(
    session: Session, database: Database, topic: Topic, postbox: Postbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(spreading, "PAGE", 4)
    monkeypatch.setattr(digests, "PAGE", 2)
    for number in range(22):
        follow(session, (Mode.AT_ONCE, Mode.DAILY)[number % 2], topic=topic)
    source = published(session, topic).first_source
    worker = Worker(database, NoIndex(), postbox, SITE, NOBODY_ERASED)  # type: ignore[arg-type]
    with clock.set_to(START + timedelta(minutes=1)):
        worker.work()
        session.rollback()
        assert session.scalar(sa.select(sa.func.count()).select_from(Notice)) == 4
        with transaction(session, actor=CLOCK) as change:
            change.mail("contribution_received", contribution_id=source.id)
        # The mail of somebody who just wrote goes before those of the followers.
        before = len(postbox.letters)
        worker.work()
        assert "Recibimos" in str(list(postbox.letters.values())[before]["Subject"])
        worker.run(once=True)
    session.rollback()
    assert session.scalar(sa.select(sa.func.count()).select_from(Notice)) == 22
    assert len(postbox.letters) == 11 + 1
    work(database, postbox, START + timedelta(days=1))
    assert len(postbox.letters) == 22 + 1
    lanes = session.scalars(sa.select(OutboxRow.payload).where(OutboxRow.kind == OutboxKind.EVENT)).all()
    assert len(lanes) == 1


@pytest.mark.parametrize(
    ("mode", "now", "due"),
    [
        (Mode.DAILY, datetime(2030, 1, 9, 12, 59, tzinfo=UTC), datetime(2030, 1, 8, 13, tzinfo=UTC)),  # before seven
        (Mode.DAILY, datetime(2030, 1, 9, 13, tzinfo=UTC), datetime(2030, 1, 9, 13, tzinfo=UTC)),  # at seven
        (Mode.WEEKLY, datetime(2030, 1, 9, 13, tzinfo=UTC), datetime(2030, 1, 7, 13, tzinfo=UTC)),  # the last Monday
        (Mode.WEEKLY, datetime(2030, 1, 7, 12, 59, tzinfo=UTC), datetime(2029, 12, 31, 13, tzinfo=UTC)),  # a week ago
    ],
)
def test_digests_are_due_at_seven_in_the_morning(mode: Mode, now: datetime, due: datetime) -> None:
    assert last_digest(mode, now) == due
