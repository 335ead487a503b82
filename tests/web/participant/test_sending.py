"""What a form tells of how it was sent, from the check page to what is recorded; and limits that keep the text."""

import dataclasses
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from config import Config
from consulta import clock, create_app
from consulta.contributions.models import Contribution
from consulta.database import Database
from tests.clients import Client, Clients
from tests.factories.plans import make_plan, make_topic
from tests.quick import make_quick
from tests.web.participant.test_composing import hidden

BODY = "Propongo que cada escuela publique lo que gasta en el año."
Fields = dict[str, str]


@pytest.fixture
def fields(session: Session) -> Fields:
    topic = make_topic(session, make_plan(session))
    return {"kind": "proposal", "plan": topic.plan.code, "topic": topic.code, "title": "", "body": BODY}


def checked(client: Client, fields: Fields) -> Fields:
    """What the check page would send."""
    found = hidden(client.post("/participar/revisar", data=fields).get_data(as_text=True))
    return {name: value for name, value in found.items() if name != "csrf_token"}


def held_for(session: Session) -> list[str]:
    session.rollback()
    [contribution] = session.query(Contribution).all()
    assert contribution.address_prefix == "127.0.0.0/24"
    return contribution.held_for


@pytest.mark.parametrize(
    ("seconds", "changes", "expected"),
    [
        (5, {}, ["topic_reviews"]),
        (1, {}, ["topic_reviews", "too_fast"]),
        # a time that we did not sign, or none at all, is no time
        (5, {"started": "1"}, ["topic_reviews", "too_fast"]),
        (5, {"started": ""}, ["topic_reviews", "too_fast"]),
        (5, {"remark": "https://example.com"}, ["topic_reviews", "honeypot"]),
    ],
)
def test_speed_and_the_unseen_field_are_noticed_and_nothing_is_lost(
    session: Session, client_as: Clients, fields: Fields, seconds: int, changes: Fields, expected: list[str]
) -> None:
    client, now = client_as("participant"), clock.now()
    with clock.set_to(now):
        sent = checked(client, fields)
    with clock.set_to(now + timedelta(seconds=seconds)):
        assert client.submit("/participar/aportes", **{**sent, **changes}).status_code == 303
    assert held_for(session) == expected


def test_the_unseen_field_of_the_first_form_comes_along(session: Session, client_as: Clients, fields: Fields) -> None:
    client = client_as("participant")
    page = client.get(f"/planes/{fields['plan']}/temas/{fields['topic']}").get_data(as_text=True)
    assert '<input id="remark" name="remark" type="text" tabindex="-1" autocomplete="off">' in page
    with clock.set_to(clock.now() - timedelta(minutes=1)):
        sent = checked(client, {**fields, "remark": "x"})
    client.submit("/participar/aportes", **sent)
    assert held_for(session) == ["topic_reviews", "honeypot"]


def test_the_first_time_counts_when_the_text_is_changed(client_as: Clients, fields: Fields) -> None:
    client = client_as("participant")
    first = checked(client, fields)
    page = client.post("/participar/revisar", data={**first, "change": "1"}).get_data(as_text=True)
    assert hidden(page)["started"] == first["started"]


@pytest.fixture
def limited(settings: Config, database: Database) -> Flask:
    """The site with limits; this one is of two posts in ten minutes."""
    return make_quick(create_app(dataclasses.replace(settings, limits="post.account=2/600"), database))


def test_too_many_posts_wait_and_keep_the_text(limited: Flask, database: Database, fields: Fields) -> None:
    client = Clients(limited, database)("participant")
    sent = [checked(client, {**fields, "body": f"{BODY} {n}"}) for n in range(3)]
    answers = [client.submit("/participar/aportes", **form) for form in sent]
    assert [answer.status_code for answer in answers] == [303, 303, 429]
    page = answers[2].get_data(as_text=True)
    assert int(answers[2].headers["Retry-After"]) > 590
    assert "Espere un momento" in page
    assert "Inténtelo de nuevo dentro de 10 minutos. Lo que escribió sigue aquí." in page
    assert f"{BODY} 2" in page
    # what was recorded is answered again, as often as it is asked
    again = [client.submit("/participar/aportes", **form).location for form in sent[:2] * 2]
    assert again == [answer.location for answer in answers[:2]] * 2


def test_a_header_of_ones_own_changes_no_limit(limited: Flask, database: Database, fields: Fields) -> None:
    client = Clients(limited, database)("participant")
    statuses = []
    for n in range(3):
        sent = checked(client, {**fields, "body": f"{BODY} {n}"})
        data = {"csrf_token": client.csrf_token, **sent}
        answer = client.post("/participar/aportes", data=data, headers={"X-Forwarded-For": f"203.0.113.{n}"})
        statuses.append(answer.status_code)
    assert statuses == [303, 303, 429]
    with database.session() as session:
        assert {row.address_prefix for row in session.query(Contribution)} == {"127.0.0.0/24"}


def test_a_proxy_that_is_trusted_says_where_a_post_comes_from(
    settings: Config, database: Database, fields: Fields
) -> None:
    app = make_quick(create_app(dataclasses.replace(settings, trusted_proxies=1), database))
    client = Clients(app, database)("participant")
    data = {"csrf_token": client.csrf_token, **checked(client, fields)}
    headers = {"X-Forwarded-For": "203.0.113.9, 198.51.100.7"}
    assert client.post("/participar/aportes", data=data, headers=headers).status_code == 303
    with database.session() as session:
        assert [row.address_prefix for row in session.query(Contribution)] == ["198.51.100.0/24"]
