"""A plan with one topic to read, and a client that checks every page it gets."""

import re
from typing import Any

import html5lib
import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from consulta.plans.models import Plan, Topic
from tests.factories import SCRIPT
from tests.factories.plans import make_plan, make_topic


class CheckingClient(FlaskClient):
    """Every public page is strict HTML with a title, unique ids, no cookie, and nobody's markup."""

    def open(self, *args: Any, **kwargs: Any) -> TestResponse:
        response = super().open(*args, **kwargs)
        if response.status_code == 200 and response.mimetype == "text/html" and not response.content_encoding:
            check_page(response.text)
        assert "Set-Cookie" not in response.headers
        return response


def check_page(page: str) -> None:
    html5lib.HTMLParser(strict=True).parse(page)
    assert re.search(r"<title>\s*\S", page)
    assert len(re.findall(r"<h1[ >]", page)) == 1
    ids = re.findall(r'\sid="([^"]+)"', page)
    assert len(ids) == len(set(ids)), sorted({one for one in ids if ids.count(one) > 1})
    labelled = set(re.findall(r'<label[^>]* for="([^"]+)"', page))
    fields = set(re.findall(r'<(?:input(?! type="hidden")|select|textarea)[^>]*\sid="([^"]+)"', page))
    assert fields <= labelled
    assert SCRIPT not in page


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    app.test_client_class = CheckingClient
    return app.test_client()


@pytest.fixture
def plan(session: Session) -> Plan:
    return make_plan(session)


@pytest.fixture
def topic(session: Session, plan: Plan) -> Topic:
    return make_topic(session, plan)
