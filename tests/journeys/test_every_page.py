"""Every page of the site in every state the demonstration has, narrow and wide: for everybody, without complaint."""

from pathlib import Path
from typing import Any

import axe_playwright_python
import pytest
from playwright.sync_api import BrowserContext, Page

from tests.journeys.serving import LiveSite
from tests.journeys.walking import HOMES, Spot, Walk, client_of
from tests.journeys.watching import WIDE, Windows

pytestmark = pytest.mark.browser
AXE = (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text()
RUN_AXE = """
() => axe.run(document, {resultTypes: ['violations']}).then(result => result.violations.map(
  one => one.id + ': ' + one.nodes.map(node => node.target.join(' ')).slice(0, 3).join(' | ')))
"""
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
MAX_REQUESTS, MAX_BYTES = 8, 100 * 1024


class Reader:
    """Reads pages in one browser and keeps what is wrong with each."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.faults: list[str] = []

    def look(self, name: str) -> None:
        """Look at the page that is open, wide and narrow."""
        seen = self._check_frame(name)
        self._note(name, "wide", self.page.evaluate(RUN_AXE))
        self.page.set_viewport_size({"width": NARROW_WIDTH, "height": 700})
        self._note(name, "narrow", self.page.evaluate(RUN_AXE))
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


@pytest.fixture
def walk(demo: LiveSite) -> Walk:
    return Walk(demo)


def _enter(context: BrowserContext, site: LiveSite, identity: str) -> None:
    client = client_of(site, identity)
    if client.token:
        context.add_cookies([{"name": "consulta", "value": client.token, "url": site.url}])


@pytest.mark.parametrize("identity", [name for name in HOMES if name != "visitor"])
def test_no_page_of_staff_and_participants_has_a_fault(
    identity: str, demo: LiveSite, walk: Walk, browse: Windows
) -> None:
    context = browse(demo)
    context.add_init_script(AXE)
    _enter(context, demo, identity)
    reader = Reader(context.new_page())
    spots = walk.spots(identity)
    for spot in spots:
        reader.page.goto(spot.path)
        reader.look(f"{spot.endpoint} {spot.path}")
    assert len(spots) > 1
    assert not reader.faults, "\n".join(reader.faults)


@pytest.fixture
def public_spots(walk: Walk) -> list[Spot]:
    return walk.spots("visitor")


def test_no_public_page_has_a_fault(demo: LiveSite, public_spots: list[Spot], browse: Windows) -> None:
    context = browse(demo)
    context.add_init_script(AXE)
    reader = Reader(context.new_page())
    for spot in [*public_spots, Spot("nothing", "/no-existe", 404)]:
        reader.page.goto(spot.path)
        reader.look(f"{spot.endpoint} {spot.path}")
    assert len(public_spots) > 20
    assert not reader.faults, "\n".join(reader.faults)


def test_public_pages_are_light_and_leave_no_trace(demo: LiveSite, public_spots: list[Spot], browse: Windows) -> None:
    faults = []
    for spot in (one for one in public_spots if one.is_public):
        context = browse(demo)
        page = context.new_page()
        sent: list[int] = []
        page.on("requestfinished", lambda request, sent=sent: sent.append(_size(request)))  # type: ignore[misc]
        page.goto(spot.path, wait_until="networkidle")
        if len(sent) > MAX_REQUESTS or sum(sent) > MAX_BYTES:
            faults.append(f"{spot.path}: {len(sent)} requests, {sum(sent)} bytes")
        if context.cookies():
            faults.append(f"{spot.path}: sets a cookie")
        context.close()
    assert not faults, "\n".join(faults)


def _size(request: Any) -> int:
    sizes = request.sizes()
    return int(sizes["responseBodySize"]) + int(sizes["responseHeadersSize"])
