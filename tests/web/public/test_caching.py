"""The same bytes for everybody, kept until what they show changes."""

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from consulta.cache_versions import frame_scope, raise_versions, site_scope, topic_scope
from consulta.database import writing
from consulta.plans.models import Plan, Topic
from tests.factories.contributions import make_contribution
from tests.factories.proposals import make_proposal


@pytest.fixture
def paths(session: Session, plan: Plan, topic: Topic) -> list[str]:
    proposal = make_proposal(session, topic)
    base = f"/planes/{plan.code}"
    pages = ("", "/propuestas", f"/temas/{topic.code}", "/compromisos", "/resultados")
    feeds = (f"{base}.atom", f"{base}/temas/{topic.code}.atom", f"/propuestas/{proposal.folio}.atom")
    paths = ["/", "/planes", *(base + page for page in pages), f"/propuestas/{proposal.folio}", "/metodo"]
    return paths + ["/feeds" + feed for feed in feeds]


def test_pages_are_the_same_bytes_with_and_without_a_cookie(app: Flask, client: FlaskClient, paths: list[str]) -> None:
    for path in paths:
        plain = client.get(path)
        with_cookie = app.test_client().get(path, headers={"Cookie": "session=anything; other=1"})
        assert plain.status_code == 200, path
        assert plain.data == with_cookie.data
        assert plain.headers["ETag"] == with_cookie.headers["ETag"]
        assert plain.headers["Vary"] == "Accept-Encoding"
        assert plain.headers["Cache-Control"].startswith("public")


def test_a_reader_who_has_the_page_is_told_so(client: FlaskClient, paths: list[str]) -> None:
    for path in paths:
        tag = client.get(path).headers["ETag"]
        again = client.get(path, headers={"If-None-Match": tag})
        assert (again.status_code, again.data) == (304, b"")
        assert again.headers["ETag"] == tag


def test_encodings_hold_the_same_page(client: FlaskClient, paths: list[str]) -> None:
    for encoding in ("br", "gzip"):
        answer = client.get(paths[0], headers={"Accept-Encoding": encoding})
        assert answer.content_encoding == encoding
        assert len(answer.data) < len(client.get(paths[0]).data)


def test_a_topic_stays_in_the_cache_when_something_else_changes(
    session: Session, client: FlaskClient, plan: Plan, topic: Topic
) -> None:
    path = f"/planes/{plan.code}/temas/{topic.code}"
    before = client.get(path).headers["ETag"]
    with writing(session):
        raise_versions(session, [site_scope(), topic_scope(plan.code, "another")])
    assert client.get(path).headers["ETag"] == before
    for scope in (topic_scope(plan.code, topic.code), frame_scope(plan.code)):
        with writing(session):
            raise_versions(session, [scope])
        after = client.get(path).headers["ETag"]
        assert after != before
        before = after


def test_a_change_shows_once_its_version_rises(session: Session, client: FlaskClient, plan: Plan, topic: Topic) -> None:
    path = f"/planes/{plan.code}/temas/{topic.code}"
    client.get(path)
    make_contribution(session, topic, title="Recién llegada")
    assert "Recién llegada" not in client.get(path).text
    with writing(session):
        raise_versions(session, [topic_scope(plan.code, topic.code)])
    assert "Recién llegada" in client.get(path).text


def test_unknown_query_keys_make_no_other_page(client: FlaskClient, plan: Plan, topic: Topic) -> None:
    path = f"/planes/{plan.code}/temas/{topic.code}"
    tag = client.get(path).headers["ETag"]
    assert client.get(path + "?fbclid=1").headers["ETag"] == tag
    assert client.get(path + "?orden=(select 1)").headers["ETag"] == tag
    assert client.get(path + "?orden=antiguas").headers["ETag"] != tag


def test_the_english_address_keeps_its_prefix_in_links(client: FlaskClient, plan: Plan, topic: Topic) -> None:
    page = client.get(f"/en/planes/{plan.code}/temas/{topic.code}").text
    assert f'href="/en/planes/{plan.code}' in page
    assert 'action="/en/participar/revisar"' in page
