"""The trays of moderators: who waits longest, why, and what of a campaign can be seen together."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy.orm import Session

from consulta import clock
from consulta.contributions.holding import Written
from consulta.contributions.models import Contribution, ContributionState, HeldFor, ReportReason
from consulta.contributions.reporting import report_contribution
from consulta.contributions.reports import read_reports
from consulta.moderation.claims import claim_next
from consulta.moderation.trays import (
    Selection,
    Tray,
    count_chosen,
    count_same_texts,
    count_turned_down,
    list_tray,
    place_in,
    reasons_in_tray,
)
from consulta.people.models import Role
from consulta.plans.models import Topic
from tests.factories.contributions import make_contribution, make_reply
from tests.factories.people import make_actor, make_person
from tests.factories.plans import make_plan, make_topic
from tests.factories.proposals import make_proposal

State = ContributionState
NOON = datetime(2030, 6, 3, 18, tzinfo=clock.now().tzinfo)
SLOGAN = "Exigimos que se construya el hospital de San Miguel, sin más esperas."


@pytest.fixture
def topic(session: Session) -> Topic:
    return make_topic(session, make_plan(session))


def keys(session: Session, chosen: Selection, cursor: str = "") -> list[int]:
    return [row.contribution.id for row in list_tray(session, chosen, cursor=cursor).rows]


def reported(session: Session, contribution: Contribution, reason: ReportReason, moment: datetime) -> None:
    with clock.set_to(moment):
        report_contribution(session, actor=make_actor(session), contribution_id=contribution.id, reason=reason)


def test_a_report_waits_from_its_own_moment(session: Session, topic: Topic) -> None:
    older, newer = (make_contribution(session, topic, received_at=NOON - timedelta(days=n)) for n in (300, 1))
    reported(session, newer, ReportReason.THREAT, NOON)
    reported(session, older, ReportReason.SPAM, NOON + timedelta(hours=1))
    reported(session, older, ReportReason.SPAM, NOON + timedelta(hours=2))
    tray = Selection(Tray.REPORTED)
    assert [(row.contribution, row.since) for row in list_tray(session, tray).rows] == [
        (newer, NOON),
        (older, NOON + timedelta(hours=1)),
    ]
    said = read_reports(session, [older.id, newer.id])[older.id]
    assert (list(said.reasons), said.count, said.since) == ([ReportReason.SPAM], 2, NOON + timedelta(hours=1))
    assert reasons_in_tray(session, Tray.REPORTED) == {ReportReason.SPAM: 1, ReportReason.THREAT: 1}
    assert keys(session, Selection(Tray.REPORTED, why=ReportReason.SPAM)) == [older.id]


def test_an_appeal_waits_from_its_own_moment(session: Session, topic: Topic) -> None:
    def waiting(day: int, **changes: object) -> int:
        moment = NOON + timedelta(days=day)
        return make_contribution(session, topic, state=State.PENDING, received_at=moment, **changes).id

    appealed = waiting(0, appeal="Sí", appealed_at=NOON + timedelta(days=2))
    first, last = waiting(1), waiting(3)
    assert keys(session, Selection()) == [first, appealed, last]
    after = place_in(session, Selection(), appealed)
    assert claim_next(session, actor=make_actor(session, Role.MODERATOR), after=after) == last


def test_what_a_campaign_sends_is_seen_together(session: Session, topic: Topic) -> None:
    digest = Written("Hospital", SLOGAN, is_reply=False).digest
    common = {"state": State.PENDING, "text_digest": digest, "held_for": ["topic_reviews", "same_text"]}
    same = [make_contribution(session, topic, received_at=NOON + timedelta(seconds=n), **common).id for n in range(30)]
    author = make_person(session)
    other = make_contribution(session, topic, state=State.PENDING, person=author, held_for=["topic_reviews"])
    shown = make_contribution(session, topic, text_digest=digest, person=author)
    assert keys(session, Selection(same_as=shown.id)) == same
    assert keys(session, Selection(same_as=other.id)) == []
    assert count_same_texts(session, Tray.PENDING, [same[0], other.id]) == {same[0]: 30}
    assert keys(session, Selection(why=HeldFor.SAME_TEXT)) == same[:25]
    assert count_chosen(session, Selection(why=HeldFor.SAME_TEXT)) == 30
    assert reasons_in_tray(session, Tray.PENDING) == {HeldFor.TOPIC_REVIEWS: 31, HeldFor.SAME_TEXT: 30}
    assert keys(session, Selection(Tray.ALL, person_id=author.id)) == [other.id, shown.id]


def test_every_page_of_a_tray_goes_on_where_the_last_one_ended(session: Session, topic: Topic) -> None:
    rows = [make_contribution(session, topic, received_at=NOON).id for _ in range(27)]
    for key in reversed(rows):
        row = session.get_one(Contribution, key)
        reported(session, row, ReportReason.SPAM, NOON if key % 2 else NOON + timedelta(seconds=1))
    chosen = Selection(Tray.REPORTED)
    page = list_tray(session, chosen)
    assert page.following is not None
    second = list_tray(session, chosen, cursor=page.following)
    found = [row.contribution.id for row in (*page.rows, *second.rows)]
    assert (found, second.following) == (sorted(rows, key=lambda key: (not key % 2, key)), None)


def test_only_what_the_team_decided_speaks_against_an_author(session: Session, topic: Topic) -> None:
    author = make_person(session)
    for state in (State.REJECTED, State.HIDDEN, State.PUBLISHED, State.WITHDRAWN):
        make_contribution(session, topic, state=state, person=author)
    reported(session, make_contribution(session, topic, person=author), ReportReason.THREAT, NOON)
    assert count_turned_down(session, {author.id}) == {author.id: 2}


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("HOSPITAL miguel", "ab"),
        ("peñate", "b"),
        ("penate", ""),
        ("níño", "a"),
        ("100%", "a"),
        ("_", ""),
        ("hospital selva", ""),
    ],
)
def test_words_are_found_in_texts_and_names(session: Session, topic: Topic, typed: str, found: str) -> None:
    held = {"state": State.PENDING, "title": None}
    bodies = {"a": "Un Hospital en San Miguel para cada niño, al 100%.", "b": "El HOSPITAL de San Miguel."}
    ids = {
        key: make_contribution(session, topic, body=body, person=make_person(session, public_name=name), **held).id
        for (key, body), name in zip(bodies.items(), ("Ana", "Rosa PEÑATE"), strict=True)
    }
    assert keys(session, Selection(words=typed)) == [ids[key] for key in found]


def test_what_was_taken_out_is_not_found(session: Session, topic: Topic) -> None:
    make_contribution(session, topic, body="Llame al 7001-4455.", public_body="Llame al [teléfono].")
    assert keys(session, Selection(Tray.ALL, words="7001-4455")) == []
    assert len(keys(session, Selection(Tray.ALL, words="[telefono]"))) == 1


def test_a_folio_finds_its_proposal_and_its_replies(session: Session, topic: Topic) -> None:
    source = make_contribution(session, topic)
    reply, _other = make_reply(session, source), make_contribution(session, topic)
    folio = make_proposal(session, source=source).folio
    assert keys(session, Selection(Tray.ALL, words=f" {folio.lower()} ")) == [source.id, reply.id]
