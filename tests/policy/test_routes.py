"""Every route against every identity and method: the address book of who may do what."""

from collections.abc import Iterator

import pytest
from flask import Flask
from sqlalchemy.orm import Session
from werkzeug.routing import Rule

from consulta.database import Database
from tests.clients import IDENTITIES, Client, Clients
from tests.policy.routes import ROUTES
from tests.policy.world import World, fingerprint, make_world

# A text that is only looked at, and what the link in a mail allows by itself.
WITHOUT_TOKEN = (
    "participant.composing.check",
    "participant.similar.find",
    "participant.stopping.obey",
    "participant.guests.confirm",
)


@pytest.fixture
def world(app: Flask, session: Session, client_as: Clients) -> World:
    return make_world(app, session, client_as)


def rules(app: Flask, method: str) -> Iterator[Rule]:
    return (rule for rule in app.url_map.iter_rules() if method in (rule.methods or ()))


def test_every_endpoint_says_whom_it_admits(app: Flask) -> None:
    assert {rule.endpoint for rule in app.url_map.iter_rules()} == set(ROUTES)
    for rule in app.url_map.iter_rules():
        readers, writers = ROUTES[rule.endpoint]
        assert (readers is not None) == ("GET" in (rule.methods or ())), rule
        assert (writers is not None) == ("POST" in (rule.methods or ())), rule
        assert not (rule.methods or set()) - {"GET", "HEAD", "OPTIONS", "POST"}, rule


@pytest.mark.parametrize("identity", IDENTITIES)
def test_an_identity_reads_only_where_it_is_admitted(
    app: Flask, world: World, client_as: Clients, database: Database, identity: str
) -> None:
    client, before = client_as(identity), fingerprint(database.engine)
    for rule in rules(app, "GET"):
        answer = client.get(world.address(rule))
        place = (rule.endpoint, answer.status, answer.headers.get("Location"))
        if identity in (ROUTES[rule.endpoint][0] or ()):
            assert answer.status_code in (200, 303, 301, 404), place
            assert "/cuenta/entrar" not in answer.headers.get("Location", ""), place
        elif identity == "visitor":
            assert answer.status_code == 303, place
            assert answer.location.startswith("/cuenta/entrar?next=/"), place
        else:
            assert answer.status_code == 403, place
    assert fingerprint(database.engine) == before


@pytest.mark.parametrize("identity", IDENTITIES)
def test_an_identity_writes_only_where_it_is_admitted(
    app: Flask, world: World, client_as: Clients, database: Database, identity: str
) -> None:
    """A form with nothing but its token: who may not is refused before anything of it is read."""
    client, before = client_as(identity), fingerprint(database.engine)
    refused = 401 if identity == "visitor" else 403
    admitted = []
    for rule in rules(app, "POST"):
        if identity in (ROUTES[rule.endpoint][1] or ()):
            admitted.append(rule)
            continue
        assert client.submit(world.address(rule)).status_code == refused, rule.endpoint
    assert fingerprint(database.engine) == before
    for rule in sorted(admitted, key=lambda rule: rule.endpoint == "account.sign_in.leave"):
        answer = client.submit(world.address(rule))
        assert answer.status_code in (200, 303, 404, 409, 422), (rule.endpoint, answer.status)
        assert (
            "/cuenta/entrar" not in answer.headers.get("Location", "")
            or identity == "visitor"
            or (rule.endpoint.startswith("account."))
        ), rule.endpoint


@pytest.fixture
def coordinator(client_as: Clients) -> Client:
    return client_as("coordinator")


def test_no_write_passes_without_the_token_of_its_page(app: Flask, world: World, coordinator: Client) -> None:
    for rule in rules(app, "POST"):
        if rule.endpoint not in WITHOUT_TOKEN:
            assert coordinator.post(world.address(rule)).status_code == 400, rule.endpoint


@pytest.mark.parametrize("header", ["Origin", "Referer"])
@pytest.mark.parametrize(
    "value", ["https://otro.example", "null", "http://localhost.otro.example/", "http://localhost:81"]
)
def test_no_write_passes_from_another_site(
    app: Flask, world: World, coordinator: Client, database: Database, header: str, value: str
) -> None:
    before = fingerprint(database.engine)
    for rule in rules(app, "POST"):
        answer = coordinator.post(
            world.address(rule), data={"csrf_token": coordinator.csrf_token}, headers={header: value}
        )
        assert answer.status_code == 403, rule.endpoint
    assert fingerprint(database.engine) == before


def test_head_answers_like_get_and_other_methods_are_refused(app: Flask, world: World, coordinator: Client) -> None:
    for rule in app.url_map.iter_rules():
        path, allowed = world.address(rule), rule.methods or set()
        if "GET" in allowed:
            head, get = coordinator.head(path), coordinator.get(path)
            assert (head.status_code, head.data) == (get.status_code, b""), rule.endpoint
        headers = {"X-CSRFToken": coordinator.csrf_token}
        for method in {"GET", "POST", "PUT", "PATCH", "DELETE", "TRACE"} - allowed - _others(app, path):
            answer = coordinator.open(path, method=method, headers=headers)
            assert (answer.status_code, bool(answer.headers.get("Allow"))) == (405, True), (rule.endpoint, method)


def _others(app: Flask, path: str) -> set[str]:
    """Methods that another endpoint takes at the same address."""
    return set(app.url_map.bind("localhost").allowed_methods(path))
