"""What no honest browser sends to the moderation pages: clear answers, and nothing kept."""

from urllib.parse import urlencode

import pytest
from sqlalchemy.orm import Session

from consulta.contributions.models import Contribution, ContributionState
from tests.clients import Clients
from tests.web.coordination.test_moderation import path_of, state_of, topic, waiting
from tests.web.coordination.test_moderation_trays import TRAY

__all__ = ("topic", "waiting")  # fixtures


@pytest.mark.parametrize(
    ("act", "field"),
    [
        ("notas", "text"),
        ("rechazar", "reason_text"),
        ("observar", "reason_text"),
        ("version-publica", "public_body"),
    ],
)
def test_bytes_that_are_no_text_are_refused_and_nothing_is_kept(
    client_as: Clients, session: Session, waiting: Contribution, act: str, field: str
) -> None:
    client = client_as("moderator")
    fields = {"reason": "spam", "redaction_note": "Nada", "complete_by": "2099-01-04", "csrf_token": client.csrf_token}
    body = urlencode(fields).encode() + b"&" + field.encode() + b"=Un+texto+con+bytes+%ff%fe+que+no+se+leen"
    answer = client.post(path_of(waiting, act), data=body, content_type="application/x-www-form-urlencoded")
    assert answer.status_code == 422
    assert "no se pudieron leer" in answer.text
    assert state_of(session, waiting) is ContributionState.PENDING


def test_what_was_searched_stays_text(client_as: Clients, waiting: Contribution) -> None:
    client, typed = client_as("moderator"), '"><script>alert(1)</script>'
    page = client.get(TRAY, query_string={"texto": typed}).text
    assert "<script>alert" not in page
    assert "&#34;&gt;&lt;script&gt;" in page
    assert "Nada con estos filtros" in page
    assert client.get(TRAY, query_string={"texto": "año " * 9000}).status_code == 200
    found = client.get(TRAY, query_string={"texto": waiting.person.public_name}).text
    assert f'value="{waiting.id}:' in found


def test_the_log_takes_any_day(client_as: Clients) -> None:
    for days in ("desde=0001-01-01&hasta=9999-12-31", "desde=0000-00-00&hasta=mañana"):
        assert client_as("observer").get(f"{TRAY}/registro?{days}").status_code == 200
