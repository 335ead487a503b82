"""What sends a post to a reader in a topic that shows posts at once: each sign makes it wait, none discards it."""

from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from consulta import clock
from consulta.contributions.holding import Sending, forget_addresses
from consulta.contributions.models import Contribution, ContributionState
from consulta.contributions.services import reply, submit_contribution
from consulta.people.actors import Actor
from consulta.people.models import Role
from consulta.plans.models import Moderation, Topic
from tests.factories import number
from tests.factories.contributions import make_contribution
from tests.factories.people import actor_of, make_actor, make_person
from tests.factories.plans import make_plan, make_topic

BODY = "Propongo que cada alcaldía publique lo que gasta en caminos vecinales, con fechas y montos."
GOOD = Sending(seconds=40, prefix="192.0.2.0/24")
State = ContributionState


@pytest.fixture
def topic(session: Session) -> Topic:
    return make_topic(session, make_plan(session), moderation=Moderation.AFTER)


def known(session: Session, *, shown: int = 2, hours: int = 25) -> Actor:
    """An author with so many contributions shown, since so many hours."""
    person = make_person(session, created_at=clock.now() - timedelta(hours=hours))
    other = make_topic(session, make_plan(session))
    for _ in range(shown):
        make_contribution(session, other, person=person)
    return actor_of(person)


def post(session: Session, actor: Actor, topic: Topic, body: str = "", **changes: Any) -> Contribution:
    n = number()
    fields: dict[str, Any] = {"title": "", "sending": GOOD, "form_key": f"clave-{n}", **changes}
    return submit_contribution(session, actor=actor, topic_id=topic.id, body=body or f"{BODY} Caso {n}.", **fields)


def test_clean_words_of_a_known_author_are_shown_at_once(session: Session, topic: Topic) -> None:
    contribution = post(session, known(session), topic)
    assert (contribution.state, contribution.held_for) == (State.PUBLISHED, [])


def test_a_topic_that_reads_first_does_not_ask_who_writes(session: Session) -> None:
    topic = make_topic(session, make_plan(session))
    contribution = post(session, known(session, shown=0), topic, sending=Sending(1, prefix="192.0.2.0/24"))
    assert (contribution.state, contribution.held_for) == (State.PENDING, ["topic_reviews", "too_fast"])


@pytest.mark.parametrize(
    ("shown", "hours", "body", "sending", "held_for"),
    [
        (1, 25, BODY, GOOD, ["new_author"]),
        (0, 25, f"{BODY} https://a.example/ https://b.example/ https://c.example/", GOOD, ["new_author", "many_links"]),
        # two approvals, but on the first day: three links are one too many, two are not
        (2, 2, f"{BODY} https://a.example/ https://b.example/ https://c.example/", GOOD, ["many_links"]),
        (2, 2, f"{BODY} https://a.example/ https://b.example/", GOOD, []),
        (3, 2, BODY, GOOD, ["first_day"]),
        (3, 25, f"{BODY} {'https://a.example/uno ' * 3}", GOOD, ["same_host"]),
        (2, 25, BODY, Sending(2.9), ["too_fast"]),
        (2, 25, BODY, Sending(40, is_trapped=True), ["honeypot"]),
        (2, 25, f"{BODY} Suscríbete a mi canal.", GOOD, ["text_rules"]),
        # what comes from no form tells nothing about a form
        (2, 25, BODY, None, []),
    ],
)
def test_each_sign_makes_a_post_wait(
    session: Session, topic: Topic, shown: int, hours: int, body: str, sending: Sending | None, held_for: list[str]
) -> None:
    contribution = post(session, known(session, shown=shown, hours=hours), topic, body, sending=sending)
    assert contribution.held_for == held_for
    assert contribution.state is (State.PENDING if held_for else State.PUBLISHED)


def test_replies_of_the_first_day_are_counted_apart(session: Session, topic: Topic) -> None:
    actor, parent = known(session, hours=2), make_contribution(session, topic)
    answers = [
        reply(session, actor=actor, parent_id=parent.id, body=f"Va {n}", form_key=f"r-{n}", sending=GOOD).held_for
        for n in range(11)
    ]
    assert answers == [[]] * 10 + [["first_day"]]


def test_links_to_one_host_are_counted_over_what_the_author_wrote_before(session: Session, topic: Topic) -> None:
    actor = known(session)
    posts = [post(session, actor, topic, f"{BODY} {n} https://www.example.org/{n}") for n in range(3)]
    assert [contribution.held_for for contribution in posts] == [[], [], ["same_host"]]
    assert post(session, known(session), topic, f"{BODY} 9 https://example.org/9").held_for == []


def test_the_same_text_of_another_account_waits(session: Session, topic: Topic) -> None:
    actor = known(session)
    assert post(session, actor, topic, BODY).held_for == []
    assert post(session, actor, topic, BODY).held_for == []
    again = post(session, known(session), topic, BODY.upper().replace(",", " ;"))
    assert again.held_for == ["same_text"]


def test_many_accounts_behind_one_address_wait_but_only_for_a_while(session: Session, topic: Topic) -> None:
    for _ in range(10):
        assert post(session, known(session), topic).held_for == []
    late = known(session)
    assert post(session, late, topic, sending=Sending(40, prefix="198.51.100.0/24")).held_for == []
    assert post(session, late, topic).held_for == ["burst"]
    with clock.set_to(clock.now() + timedelta(minutes=11)):
        assert post(session, late, topic).held_for == []


def test_thresholds_are_those_of_the_topic(session: Session) -> None:
    thresholds = {"approvals": 0, "form_seconds": 60, "new_author_links": 9}
    topic = make_topic(session, make_plan(session), moderation=Moderation.AFTER, thresholds=thresholds)
    assert post(session, known(session, shown=0), topic).held_for == ["too_fast"]


def test_whoever_has_a_role_is_known(session: Session, topic: Topic) -> None:
    assert post(session, make_actor(session, Role.OBSERVER), topic).held_for == []


def test_prefixes_are_dropped_after_thirty_days(session: Session, topic: Topic) -> None:
    contribution = post(session, known(session), topic)
    with clock.set_to(clock.now() + timedelta(days=29)):
        assert forget_addresses(session) == 0
    with clock.set_to(clock.now() + timedelta(days=31)):
        assert forget_addresses(session) == 1
    kept = sa.select(Contribution.address_prefix).where(Contribution.id == contribution.id)
    assert session.scalar(kept) is None
