"""Every page of the site in every state the demonstration has, narrow and wide: for everybody, without complaint."""

import re
import shutil
from collections.abc import Iterator
from http import HTTPStatus
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Locator, Page
from werkzeug.routing import Rule

from tests.journeys.conftest import demo_site
from tests.journeys.looking import broken_rules
from tests.journeys.serving import LiveSite
from tests.journeys.states import NEWCOMER, add_states
from tests.journeys.walking import HOMES, Spot, Walk, client_of
from tests.journeys.watching import WIDE, Windows

pytestmark = pytest.mark.browser
# What no tool of accessibility asks for, in one go.
LOOK = """
() => {
  const ids = [...document.querySelectorAll('[id]')].map(one => one.id);
  const fields = [...document.querySelectorAll('input:not([type=hidden]), select, textarea')];
  return {
    lang: document.documentElement.lang,
    title: document.title,
    headings: [...document.querySelectorAll('h1')].map(one => one.textContent.trim().replace(/\\s+/g, ' ')),
    repeated: ids.filter((one, place) => ids.indexOf(one) !== place),
    nameless: fields.filter(one => !one.labels.length && !one.ariaLabel).map(one => one.name),
    wider: document.documentElement.scrollWidth - document.documentElement.clientWidth,
  };
}
"""
NARROW_WIDTH = 320
IDENTITIES = (*HOMES, NEWCOMER)
# What is not a page: data for a script, files, and addresses that lead elsewhere.
NOT_PAGES = {
    "account.state.show",
    "participant.saved.here",
    "coordination.documents.download",
    "public.conversations.branch_news",
    "public.conversations.proposal_news",
    "public.conversations.topic_news",
    "public.feeds.plan",
    "public.feeds.proposal",
    "public.feeds.topic",
    "public.plans.document",
    "public.start.icon",
    "public.start.leaflet",
    "public.start.robots",
}
# What a folio and a code open: the journey of somebody without an account looks at it.
BY_CODE = {f"tracking.own.{view}" for view in ("show", "receipt", "take_back", "rewrite", "fill_in", "ask_again")}
BY_CODE |= {"tracking.erasure.ask"}
# What a provider sends people back to: their own journey looks at it.
BY_PROVIDER = {f"account.providers.{view}" for view in ("start", "come_back", "finish", "write")}
# What opens only between two steps of entering: its test here and the journey of passkeys look at it.
BY_STEPS = {"account.codes.write", "account.second_step.verify"}
MAX_REQUESTS, MAX_BYTES = 8, 100 * 1024
# The last that a page asks for is who reads it, and what that brings.
ANSWERED = "() => window.consulta && window.consulta.reader.then(() => new Promise(done => setTimeout(done, 50)))"


class Reader:
    """Reads pages in one browser and keeps what is wrong with each."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.faults: list[str] = []

    def look(self, name: str) -> None:
        """Look at the page that is open, wide and narrow."""
        seen = self._check_frame(name)
        self._note(name, "wide", broken_rules(self.page))
        self.page.set_viewport_size({"width": NARROW_WIDTH, "height": 700})
        self._note(name, "narrow", broken_rules(self.page, again=True))
        wider = self.page.evaluate(LOOK)["wider"]
        if wider > 0:
            self._note(name, "narrow", [f"{wider} px wider than the screen"])
        self.page.set_viewport_size({"width": WIDE["width"], "height": WIDE["height"]})
        if seen["wider"] > 0:
            self._note(name, "wide", [f"{seen['wider']} px wider than the screen"])

    def _check_frame(self, name: str) -> dict[str, Any]:
        seen: dict[str, Any] = self.page.evaluate(LOOK)
        faults = []
        if seen["lang"] not in ("es", "en"):
            faults.append(f"language «{seen['lang']}»")
        if len(seen["headings"]) != 1:
            faults.append(f"{len(seen['headings'])} first headings")
        elif not seen["title"].removeprefix("Error: ").startswith(seen["headings"][0]):
            faults.append(f"title «{seen['title']}» does not begin with «{seen['headings'][0]}»")
        faults += [f"id {one} twice" for one in seen["repeated"]]
        faults += [f"field {one} has no label" for one in seen["nameless"]]
        self._note(name, "frame", faults)
        return seen

    def _note(self, name: str, where: str, faults: list[str]) -> None:
        self.faults += [f"{name} ({where}): {fault}" for fault in faults]


Route = dict[str, list[Spot]]


@pytest.fixture(scope="module")
def rich_folder(demo_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demonstration with the states that it does not have."""
    folder = tmp_path_factory.mktemp("rich") / "demo"
    shutil.copytree(demo_folder, folder)
    return folder


@pytest.fixture(scope="module")
def route(rich_folder: Path) -> Route:
    """What is worth showing, by identity; each identity adds what nobody before it has shown."""
    with demo_site(rich_folder) as site:
        asked, walk = add_states(site), Walk(site)
        return {identity: walk.spots(identity, asked=asked.get(identity, ())) for identity in IDENTITIES}


@pytest.fixture
def demo(rich_folder: Path, route: Route, tmp_path: Path) -> Iterator[LiveSite]:
    """The site that was walked, each test with its own copy."""
    shutil.copytree(rich_folder, tmp_path / "demo")
    with demo_site(tmp_path / "demo") as site, site.serving():
        yield site


def _enter(context: BrowserContext, site: LiveSite, identity: str) -> None:
    client = client_of(site, identity)
    if client.token:
        context.add_cookies([{"name": "consulta", "value": client.token, "url": site.url}])


@pytest.mark.parametrize("identity", [name for name in IDENTITIES if name != "visitor"])
def test_no_private_page_has_a_fault(identity: str, demo: LiveSite, route: Route, browse: Windows) -> None:
    context = browse(demo)
    _enter(context, demo, identity)
    reader = Reader(context.new_page())
    for spot in route[identity]:
        reader.page.goto(spot.path)
        reader.look(f"{spot.endpoint} {spot.path}")
    assert not reader.faults, "\n".join(reader.faults)


def test_the_walk_reaches_every_page(demo: LiveSite, route: Route) -> None:
    shown = {spot.endpoint for spots in route.values() for spot in spots if spot.status == HTTPStatus.OK}
    asked = {
        rule.endpoint for rule in demo.app.url_map.iter_rules() if "GET" in (rule.methods or ()) and _is_page(rule)
    }
    assert asked - shown == NOT_PAGES | BY_CODE | BY_PROVIDER | BY_STEPS


def test_the_page_where_a_mailed_code_is_written_has_no_fault(demo: LiveSite, browse: Windows) -> None:
    context = browse(demo)
    reader = Reader(context.new_page())
    reader.page.goto("/cuenta/codigo")
    reader.page.get_by_label("Correo electrónico").fill("ciudadana@demo.test")
    reader.page.get_by_role("button", name="Enviar el código").click()
    reader.page.get_by_label("Código", exact=True).wait_for()
    reader.look("account.codes.write")
    assert not reader.faults, "\n".join(reader.faults)


def _is_page(rule: Rule) -> bool:
    return "." in rule.endpoint and not rule.endpoint.startswith(("api.", "health."))


def test_no_public_page_has_a_fault_or_weighs_much_or_leaves_a_trace(
    demo: LiveSite, route: Route, browse: Windows
) -> None:
    faults: list[str] = []
    for spot in [*route["visitor"], Spot("nothing", "/no-existe", 404)]:
        context = browse(demo)
        reader = Reader(context.new_page())
        sent: list[int] = []
        reader.page.on("requestfinished", lambda request, sent=sent: sent.append(_size(request)))  # type: ignore[misc]
        reader.page.goto(spot.path)
        reader.page.evaluate(ANSWERED)
        if spot.is_public and (len(sent) > MAX_REQUESTS or sum(sent) > MAX_BYTES):
            faults.append(f"{spot.path}: {len(sent)} requests, {sum(sent)} bytes")
        if spot.is_public and context.cookies():
            faults.append(f"{spot.path}: sets a cookie")
        reader.look(f"{spot.endpoint} {spot.path}")
        faults += reader.faults
        context.close()
    assert len(route["visitor"]) > 20
    assert not faults, "\n".join(faults)


def _size(request: Any) -> int:
    sizes = request.sizes()
    return int(sizes["responseBodySize"]) + int(sizes["responseHeadersSize"])


CLEAR = """
form => {
  for (const one of form.elements) {
    if (one.type === 'hidden' || one.tagName === 'BUTTON') continue;
    if (one.type === 'checkbox' || one.type === 'radio') one.checked = false;
    else if (one.tagName === 'SELECT') {
      const none = [...one.options].findIndex(option => option.value === '');
      if (none >= 0) one.selectedIndex = none;
    } else one.value = '';
  }
  for (let box = form.closest('details'); box; box = box.parentElement.closest('details')) box.open = true;
}
"""
ERRORS = """
() => {
  const summary = document.querySelector('[data-error-summary]');
  if (!summary) return null;
  const links = [...summary.querySelectorAll('a[href^="#"]')].map(one => one.getAttribute('href').slice(1));
  return {
    isFocused: document.activeElement === summary,
    count: summary.querySelectorAll('li').length,
    lost: links.filter(id => !document.getElementById(id)),
    title: document.title,
  };
}
"""
FORMS = "main form[method=post]:has(input:not([type=hidden]), textarea, select)"


@pytest.mark.parametrize("identity", IDENTITIES)
def test_empty_forms_say_what_is_missing(identity: str, demo: LiveSite, route: Route, browse: Windows) -> None:
    context = browse(demo)
    _enter(context, demo, identity)
    reader, tried = Reader(context.new_page()), set[str]()
    for spot in route[identity]:
        reader.page.goto(spot.path)
        for number in range(reader.page.locator(FORMS).count()):
            form = reader.page.locator(FORMS).nth(number)
            kind = re.sub(r"[A-Z]+-\d+-\d+|\d+", "#", form.get_attribute("action") or spot.path)
            if kind not in tried:
                tried.add(kind)
                _send_empty(reader, form, f"{kind} on {spot.path}")
                reader.page.goto(spot.path)
    assert not reader.faults, "\n".join(reader.faults)


def _send_empty(reader: Reader, form: Locator, name: str) -> None:
    form.evaluate(CLEAR)
    with reader.page.expect_navigation() as navigation:
        form.evaluate("form => form.requestSubmit()")
    answer = navigation.value
    seen = reader.page.evaluate(ERRORS)
    if answer is not None and answer.status == 200 and seen is None:
        return  # every field of it is optional
    faults = []
    if answer is None or answer.status not in (409, 422):
        faults.append(f"answers {answer.status if answer else 'nothing'}")
    if seen is None or not seen["isFocused"] or not seen["count"]:
        faults.append("no error summary in focus")
    elif seen["lost"]:
        faults.append(f"links lead nowhere: {seen['lost']}")
    elif not seen["title"].startswith("Error: "):
        faults.append(f"title «{seen['title']}»")
    reader.faults += [f"{name}: {fault}" for fault in faults]
    reader.look(f"{name} (error)")
