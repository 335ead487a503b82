"""Following from the public pages, choosing how to hear of it, and the link in each mail that stops it."""

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from consulta import clock
from consulta.contributions.models import ContributionState
from consulta.follows.models import Event, EventKind, Follow, Mode, Notice
from consulta.follows.tokens import Stop, make_stop
from consulta.people.models import Person
from consulta.plans.models import TopicState
from tests.clients import Client, Clients
from tests.conftest import SECRET
from tests.factories import store
from tests.factories.contributions import make_contribution, make_reply
from tests.factories.follows import make_follow
from tests.factories.plans import make_plan, make_topic
from tests.factories.proposals import make_proposal


def follows(session: Session) -> list[Follow]:
    session.rollback()
    session.expire_all()
    return list(session.scalars(sa.select(Follow).order_by(Follow.id)))


def me(session: Session, client: Client) -> Person:
    return session.get_one(Person, client.actor.person_id)


def test_public_pages_lead_to_following_and_back(session: Session, client: Client, client_as: Clients) -> None:
    topic = make_topic(session, make_plan(session))
    proposal = make_proposal(session, topic)
    pages = {
        f"/planes/{topic.plan.code}/temas/{topic.code}": f"/participar/seguir/temas/{topic.plan.code}/{topic.code}",
        f"/propuestas/{proposal.folio}": f"/participar/seguir/propuestas/{proposal.folio}",
    }
    known = client_as("participant")
    for public, private in pages.items():
        assert f'href="{private}"' in client.get(public).text
        asked = client.get(private)
        assert (asked.status_code, asked.location) == (303, f"/cuenta/entrar?next={private}")
        answer = known.get(private)
        assert answer.status_code == 200
        assert f'href="{public}"' in answer.text
        assert known.submit(private, mode="weekly").status_code == 303
        assert "Dejar de seguir" in known.get(private).text
    assert [row.mode for row in follows(session)] == [Mode.WEEKLY] * 2
    for private in pages.values():
        assert known.submit(private, mode="weekly", dejar="1").status_code == 303
    assert follows(session) == []


def test_only_what_is_public_can_be_followed(session: Session, client_as: Clients) -> None:
    plan, client = make_plan(session), client_as("participant")
    draft = make_topic(session, plan, state=TopicState.DRAFT)
    pending = make_contribution(session, make_topic(session, plan), state=ContributionState.PENDING)
    hidden = make_proposal(session, source=pending)
    for path in (f"temas/{plan.code}/{draft.code}", f"propuestas/{hidden.folio}"):
        assert client.get(f"/participar/seguir/{path}").status_code == 404
        assert client.submit(f"/participar/seguir/{path}", mode="daily").status_code == 404
    assert follows(session) == []


def test_a_script_follows_in_place_and_shows_what_is_followed(session: Session, client_as: Clients) -> None:
    client, proposal = client_as("participant"), make_proposal(session, make_topic(session, make_plan(session)))
    path, headers = f"/participar/seguir/propuestas/{proposal.folio}", {"Accept": "application/json"}
    answer = client.post(path, headers={**headers, "X-CSRFToken": client.csrf_token})
    assert (answer.status_code, answer.json) == (200, {"following": True})
    assert [(row.proposal_id, row.mode) for row in follows(session)] == [(proposal.id, Mode.AT_ONCE)]
    keys = f"t{proposal.topic_received_id},p{proposal.id},p,x3,p99999999999999"
    assert client.get(f"/cuenta/estado?seguir={keys}").json["follows"] == [f"p{proposal.id}"]  # type: ignore[index]
    assert client_as("participant2").get(f"/cuenta/estado?seguir={keys}").json["follows"] == []  # type: ignore[index]


def test_a_mode_that_does_not_exist_is_said_beside_the_field(session: Session, client_as: Clients) -> None:
    client, topic = client_as("participant"), make_topic(session, make_plan(session))
    answer = client.submit(f"/participar/seguir/temas/{topic.plan.code}/{topic.code}", mode="a-veces")
    assert answer.status_code == 422
    row = make_follow(session, me(session, client), topic=topic)
    assert client.submit(f"/participar/seguir/{row.id}", mode="").status_code == 422
    assert [one.mode for one in follows(session)] == [Mode.AT_ONCE]


def test_the_list_shows_the_latest_of_each_and_changes_each(session: Session, client_as: Clients) -> None:
    client = client_as("participant")
    reader, topic = me(session, client), make_topic(session, make_plan(session))
    source = make_contribution(session, topic)
    proposal = make_proposal(session, topic, source=source)
    row = make_follow(session, reader, proposal=proposal)
    make_follow(session, reader, topic=topic)
    said = make_reply(session, source)
    event = store(
        session,
        Event(kind=EventKind.REPLY_PUBLISHED, outbox_id=1, contribution_id=said.id, happened_at=clock.now()),
    )
    store(
        session,
        Notice(event_id=event.id, person_id=reader.id, follow_id=row.id, mode=Mode.AT_ONCE, told_at=clock.now()),
    )
    link = f'href="/aportes/{said.id}"'
    page = client.get("/participar/seguir/").text
    assert link in page
    assert "Respuesta nueva de" in page
    assert "Ver las novedades de lo que sigo" in client.get("/participar/").text
    assert client.submit(f"/participar/seguir/{row.id}", mode="daily").status_code == 303
    assert client.submit("/participar/seguir/respuestas", mode="weekly").status_code == 303
    assert [one.mode for one in follows(session)] == [Mode.DAILY, Mode.AT_ONCE, Mode.WEEKLY]
    assert client.submit("/participar/seguir/nada").status_code == 303
    assert {one.mode for one in follows(session)} == {Mode.OFF}
    assert client.submit(f"/participar/seguir/{row.id}", dejar="1").status_code == 303
    assert len(follows(session)) == 2
    assert session.scalars(sa.select(Notice.follow_id)).all() == [None]


@pytest.fixture
def stopped(session: Session) -> Follow:
    return make_follow(session, proposal=make_proposal(session, make_topic(session, make_plan(session))))


def test_looking_at_the_link_of_a_mail_changes_nothing_and_its_button_stops(
    session: Session, client: Client, stopped: Follow
) -> None:
    path = "/participar/avisos/" + make_stop(SECRET, Stop(stopped.person_id, follow_id=stopped.id))
    for _ in range(2):
        page = client.get(path)
        assert (page.status_code, "No recibir más estos avisos" in page.text) == (200, True)
        assert "Set-Cookie" not in page.headers
    assert follows(session)[0].mode is Mode.AT_ONCE
    # As a mail program presses it: no session, no token, nobody's page before.
    answer = client.post(path, data={"List-Unsubscribe": "One-Click"})
    assert (answer.status_code, "Set-Cookie" in answer.headers) == (200, False)
    assert follows(session)[0].mode is Mode.OFF
    assert client.post(path).status_code == 200


def test_the_link_of_a_digest_stops_all_that_is_in_that_digest(session: Session, client: Client) -> None:
    topic = make_topic(session, make_plan(session))
    daily = make_follow(session, topic=topic, mode=Mode.DAILY)
    reader = session.get_one(Person, daily.person_id)
    make_follow(session, reader, proposal=make_proposal(session, topic), mode=Mode.WEEKLY)
    make_follow(session, topic=topic, mode=Mode.DAILY)
    path = "/participar/avisos/" + make_stop(SECRET, Stop(reader.id, digest=Mode.DAILY))
    assert client.post(path).status_code == 200
    assert [row.mode for row in follows(session)] == [Mode.OFF, Mode.WEEKLY, Mode.DAILY]


def test_a_link_that_we_did_not_sign_stops_nothing(
    app: Flask, session: Session, client: Client, stopped: Follow
) -> None:
    good = make_stop(SECRET, Stop(stopped.person_id, follow_id=stopped.id))
    other = make_stop(SECRET, Stop(stopped.person_id + 1, follow_id=stopped.id))
    foreign = make_stop("otra clave, de otro sitio, que nadie conoce", Stop(stopped.person_id, follow_id=stopped.id))
    for token, status in ((good[:-2], 404), (foreign, 404), ("x", 404), (other, 200)):
        assert client.post(f"/participar/avisos/{token}").status_code == status
    assert follows(session)[0].mode is Mode.AT_ONCE
