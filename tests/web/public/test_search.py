"""The search page, as a visitor sees it."""

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from consulta.search.index import rebuild
from tests.factories.contributions import make_contribution
from tests.factories.plans import make_plan, make_topic
from tests.factories.proposals import make_proposal


@pytest.fixture
def filled(app: Flask, session: Session) -> Flask:
    topic = make_topic(session, make_plan(session, code="abierto"))
    source = make_contribution(session, topic, body="Más bibliotecas <script>alert(1)</script> en cada barrio.")
    make_proposal(session, source=source, folio="PROP-2018-9001")
    parts = app.extensions["consulta"]
    rebuild(parts.search, parts.database)
    return app


def test_results_link_to_the_proposal_and_mark_its_words(filled: Flask) -> None:
    page = filled.test_client().get("/buscar?q=biblioteca&tipo=propuestas&plan=abierto").get_data(as_text=True)
    assert 'href="/propuestas/PROP-2018-9001"' in page
    assert "<mark>bibliotecas</mark>" in page
    assert "<script>alert" not in page
    assert '<meta name="robots" content="noindex">' in page


def test_page_is_the_same_for_all_and_knows_its_tag(filled: Flask) -> None:
    client = filled.test_client()
    first = client.get("/buscar?q=biblioteca")
    assert "Set-Cookie" not in first.headers
    again = client.get("/buscar?q=biblioteca", headers={"If-None-Match": first.headers["ETag"]})
    assert again.status_code == 304


@pytest.mark.parametrize(
    "query",
    [
        "",
        "q=",
        "q=de+la",
        "q=zzzzz&pagina=99",
        "q=%01%FF%27%22",
        "q=" + "a" * 3000,
        "q=biblioteca&plan=../x&tipo=x&pagina=-1",
        "q=biblioteca&pagina=%D9%A1",
        "q=%22%3E%3Cscript%3Ealert(1)%3C/script%3E",
    ],
)
def test_odd_requests_are_ordinary_pages(filled: Flask, query: str) -> None:
    answer = filled.test_client().get(f"/buscar?{query}")
    assert answer.status_code == 200
    assert "<script>alert" not in answer.get_data(as_text=True)
