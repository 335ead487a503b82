"""Addresses that somebody makes up: ids of others, of nothing, out of any range, and paths that were never pages."""

import re
from typing import Any

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from tests.clients import Client, Clients
from tests.policy.world import World, fill, make_world

IDENTITIES = ("visitor", "liaison2", "coordinator")
# Bigger than an integer of each engine, of the driver, and of any machine.
TOO_BIG = (2**31, 10**30)


@pytest.fixture
def world(app: Flask, session: Session, client_as: Clients) -> World:
    return make_world(app, session, client_as)


def swapped(parts: dict[str, Any], value: int | str) -> dict[str, Any]:
    """The parts of an address with every id, or every text, put to something else."""
    return {name: value if isinstance(kept, type(value)) else kept for name, kept in parts.items()}


@pytest.mark.parametrize("value", [*TOO_BIG, "no-existe", "☃%00\r\n", "a\0b", "../../config.py"])
@pytest.mark.parametrize("identity", IDENTITIES)
def test_a_made_up_address_is_nothing(
    app: Flask, world: World, client_as: Clients, identity: str, value: int | str
) -> None:
    client = client_as(identity)
    for rule in app.url_map.iter_rules():
        replaced = swapped(world.parts, value)
        written = rule.arguments - set(rule.defaults or ())
        if not any(replaced[name] != world.parts[name] for name in written):
            continue
        try:
            path = fill(rule, replaced)
        except Exception:  # the rule itself cannot hold such a part
            continue
        answer = client.get(path) if "GET" in (rule.methods or ()) else client.submit(path)
        assert answer.status_code in (303, 401, 403, 404, 405), (rule.endpoint, path, answer.status)


# What is asked of lists, and of forms that name a row or a version.
STRANGE = ("(select pg_sleep(5)) or 1=1", "²", "9" * 5000, "a\0b\u202e")
QUERIES = ("orden", "pagina", "tema", "estado", "institucion", "canal", "q", "plan", "ver", "antes", "next", "con")


@pytest.mark.parametrize("identity", ["visitor", "liaison1", "coordinator", "admin"])
def test_a_made_up_query_never_breaks_a_page(app: Flask, world: World, client_as: Clients, identity: str) -> None:
    client = client_as(identity)
    for rule in app.url_map.iter_rules():
        if "GET" not in (rule.methods or ()):
            continue
        path = world.address(rule)
        for value in STRANGE:
            answer = client.get(path, query_string=dict.fromkeys(QUERIES, value))
            assert answer.status_code in (200, 301, 303, 403, 404), (rule.endpoint, value[:20], answer.status)


@pytest.mark.parametrize("identity", ["participant", "liaison1", "coordinator", "admin"])
def test_a_made_up_field_never_breaks_a_form(app: Flask, world: World, client_as: Clients, identity: str) -> None:
    client = client_as(identity)
    for rule in app.url_map.iter_rules():
        if "POST" not in (rule.methods or ()) or rule.endpoint == "account.sign_in.leave":
            continue
        path = world.address(rule)
        names = _field_names(client, path, rule.methods or set())
        for value in STRANGE:
            answer = client.submit(path, **dict.fromkeys(names, value))
            assert answer.status_code in (200, 303, 403, 404, 409, 422), (rule.endpoint, value[:20], answer.status)


def _field_names(client: Client, path: str, methods: set[str]) -> set[str]:
    """The fields of the page's own form, and those that carry ids and versions anywhere."""
    page = client.get(path).get_data(as_text=True) if "GET" in methods else ""
    found = set(re.findall(r'name="([^"]+)"', page)) - {"csrf_token", "viewport"}
    return found | {"version", "form_key", "chosen", "main_id", "parent", "kind", "to", "reason", "complete_by", "body"}
