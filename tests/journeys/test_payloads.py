"""Markup in every text: however it came in, it is words on every page, in every mail, for everybody."""

import itertools
import re
from collections.abc import Callable, Iterator
from html import unescape
from typing import Any

import pytest
import sqlalchemy as sa
from playwright.sync_api import BrowserContext, Route
from werkzeug.test import TestResponse

from consulta import clock
from consulta.contributions.models import Contribution, ContributionState
from consulta.contributions.moderation import observe_contribution
from consulta.database import Base, SafeHtml, writing
from consulta.demo.people import loader_actor
from consulta.people.models import Person
from consulta.text import clean_line, sanitize
from tests.clients import Client
from tests.journeys.payloads import BACKWARD, FORWARD, MARKUP
from tests.journeys.serving import LiveSite
from tests.journeys.walking import HOMES, Walk, client_of
from tests.journeys.watching import Windows
from tests.web.payloads import what_is_wrong

pytestmark = pytest.mark.browser
# Codes that programs compare, and addresses: they hold no words. Everything else that is text is written over.
CODES = {
    "cache_version": None,
    "folio_counter": None,
    "outbox": None,
    "receipt": None,
    "search_document": None,
    "account": None,
    "login_session": {"token_hash"},
    "moderation_act": {"batch", "month"},
    "draft": {"place"},
    "person": {"email", "consent_version"},
    "audit_entry": {"role", "act", "object_type", "from_state", "to_state"},
    "document": {"media_type", "sha256"},
    "published_figure": {"key"},
    "topic": {"code"},
    "topic_competence": {"topic_code"},
}
SAFE_LINE = re.compile(r"alert\(\d+\)")


def _text_columns() -> Iterator[sa.Column[Any]]:
    """Every column that can hold words, found in the tables themselves."""
    for table in Base.metadata.sorted_tables:
        codes = CODES.get(table.name, set())
        for column in table.columns:
            is_text = isinstance(column.type, sa.String | SafeHtml) and not isinstance(column.type, sa.Enum)
            if not is_text or codes is None or column.name in codes or column.unique or column.foreign_keys:
                continue
            yield column


def _write_everywhere(site: LiveSite) -> int:
    """Put every payload in every text of every row; how many columns that was."""
    columns = list(_text_columns())
    with site.database.engine.begin() as connection:
        for trigger in connection.scalars(sa.text("SELECT name FROM sqlite_master WHERE type = 'trigger'")).all():
            connection.execute(sa.text(f"DROP TRIGGER {trigger}"))
        for turn, column in enumerate(columns):
            text = FORWARD if turn % 2 else BACKWARD
            value = sanitize(text) if isinstance(column.type, SafeHtml) else clean_line(text)
            table = column.table
            connection.execute(sa.update(table).where(column.is_not(None)).values({column.name: value}))
        connection.execute(sa.text("UPDATE cache_version SET number = number + 1"))
    return len(columns)


def test_nothing_stored_runs_on_any_page(demo: LiveSite, browse: Windows) -> None:
    assert len(MARKUP) >= 25
    assert _write_everywhere(demo) > 60
    walk, shown = Walk(demo, most=2), 0
    for identity in HOMES:
        client = client_of(demo, identity)
        context = browse(demo)
        if client.token:
            context.add_cookies([{"name": "consulta", "value": client.token, "url": demo.url}])
        page = context.new_page()
        for spot in walk.spots(identity, client):
            page.goto(spot.path)
            shown += 1
        assert not browse.problems(), f"{identity}: " + "\n".join(browse.problems())
        context.close()
    assert shown > 80


class Form:
    """A form of a page: where it goes and what it asks."""

    def __init__(self, action: str, body: str) -> None:
        self.action = unescape(action)
        self.fields: list[tuple[str, str]] = []
        self.texts: list[str] = []
        self._read(body)

    def _read(self, body: str) -> None:
        for tag in re.findall(r"<(?:input|textarea|button)\b[^>]*>", body):
            name, kind = _attribute(tag, "name"), _attribute(tag, "type") or "text"
            if not name:
                continue
            if tag.startswith("<textarea") or (tag.startswith("<input") and kind in ("text", "search", "tel")):
                self.texts.append(name)
            elif kind == "date":
                self.fields.append((name, clock.today().isoformat()))
            elif kind in ("checkbox", "radio", "hidden"):
                self.fields.append((name, _attribute(tag, "value") or "y"))
        for select, choices in re.findall(r"(<select\b[^>]*>)(.*?)</select>", body, re.DOTALL):
            values = [unescape(value) for value in re.findall(r'<option[^>]*value="([^"]+)"', choices)]
            if values:
                self.fields.append((_attribute(select, "name"), values[-1]))

    def filled(self, line: str) -> dict[str, list[str]]:
        """What somebody sends who wishes harm: every payload in every box, one of each choice."""
        sent: dict[str, list[str]] = {}
        for name, value in self.fields:
            sent[name] = [value]
        for name in self.texts:
            sent[name] = [line if name in ("title", "summary", "name", "label", "one_line") else FORWARD]
        return sent


def _attribute(tag: str, name: str) -> str:
    found = re.search(rf'\b{name}="([^"]*)"', tag)
    return unescape(found.group(1)) if found else ""


def _forms(html: str) -> list[Form]:
    found = re.findall(r'<form\b[^>]*action="([^"]*)"[^>]*method="post"[^>]*>(.*?)</form>', html, re.DOTALL)
    return [form for form in (Form(action, body) for action, body in found) if form.texts]


def test_nothing_sent_through_any_form_runs(demo: LiveSite, browse: Windows) -> None:
    _write_to_somebody(demo)  # first: the forms below may close the plan
    lines, walk, tried = itertools.cycle(MARKUP), Walk(demo, most=2), set[str]()
    for identity in HOMES:
        client = client_of(demo, identity)
        context = browse(demo)
        for spot in walk.spots(identity, client):
            for form in _forms(client.get(spot.path).get_data(as_text=True)):
                action = form.action or spot.path
                kind = re.sub(r"[A-Z]+-\d+-\d+|\d+", "#", action)
                if kind in tried:
                    continue
                tried.add(kind)
                answer = _send(client, action, form.filled(next(lines)))
                _show(context, demo.url + action, answer)
                assert answer.status_code < 500, f"{answer.status_code} from {action}"
        context.close()
    assert len(tried) > 25, sorted(tried)
    _every_stored_markup_is_safe(demo)
    _no_mail_is_more_than_text(demo, browse)


def _send(client: Client, action: str, fields: dict[str, list[str]]) -> TestResponse:
    fields["csrf_token"] = [client.csrf_token]
    return client.post(action, data=fields, headers={"Referer": "http://localhost/"})


def _show(context: BrowserContext, address: str, answer: TestResponse) -> None:
    """Open an answer in the browser as if it had asked for it itself."""
    if answer.mimetype != "text/html":
        return
    page = context.new_page()
    body, headers = answer.get_data(), dict(answer.headers)
    headers.pop("Content-Encoding", None)

    def fulfil(route: Route) -> None:
        route.fulfill(status=200, headers=headers, body=body)

    page.route(address, fulfil)
    page.goto(address)
    page.close()


def _every_stored_markup_is_safe(site: LiveSite) -> None:
    columns = [column for column in _text_columns() if isinstance(column.type, SafeHtml)]
    assert columns
    with site.database.engine.connect() as connection:
        for column in columns:
            for value in connection.scalars(sa.select(column).where(column.is_not(None))):
                assert not what_is_wrong(str(value)), column


def _write_to_somebody(site: LiveSite) -> None:
    """Ask a person with an address to complete what they wrote, in words that would run if they could."""
    with site.database.session() as session:
        contribution = session.scalars(
            sa.select(Contribution).where(Contribution.state == ContributionState.PENDING).limit(1)
        ).one()
        with writing(session):
            session.get_one(Person, contribution.person_id).email = "lectora@example.org"
        observe_contribution(
            session,
            actor=loader_actor(session),
            contribution_id=contribution.id,
            missing="Falta decir dónde. " + " ".join(MARKUP[:12]),
        )


def _no_mail_is_more_than_text(site: LiveSite, browse: Windows) -> None:
    site.work()
    context = browse(site)
    page = context.new_page()
    mails = [mail for mail in site.mails if SAFE_LINE.search(mail.text + mail.subject)]
    assert mails, "no mail held what was typed"
    for number, mail in enumerate(mails):
        assert "\n" not in mail.subject
        address = f"{site.url}/correo-{number}"
        page.route(address, _plain(mail.text))
        page.goto(address)


def _plain(text: str) -> Callable[[Route], None]:
    headers = {"Content-Type": "text/plain; charset=utf-8", "X-Content-Type-Options": "nosniff"}

    def fulfil(route: Route) -> None:
        route.fulfill(status=200, headers=headers, body=text)

    return fulfil
