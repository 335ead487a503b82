"""What keeps somebody out of the page that is open, whether its scripts run or not; journeys look after every click."""

from pathlib import Path
from weakref import WeakSet

import axe_playwright_python
from playwright.sync_api import Page

AXE = (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text()
# Where scripts are off no timer ever comes due, so the tool gets its own: whatever it wants later comes next.
BRING_AXE = f"""
() => {{
  if (window.axe) return;
  const waiting = new Set();
  let last = 0;
  const later = (act, _, ...given) => {{
    const turn = ++last;
    waiting.add(turn);
    Promise.resolve().then(() => waiting.delete(turn) && act(...given));
    return turn;
  }};
  (function (setTimeout, clearTimeout) {{ {AXE} }}).call(window, later, turn => waiting.delete(turn));
}}
"""
RUN_AXE = """
rules => axe.run(document, {resultTypes: ['violations'], preload: false, rules: rules || {}}).then(
  result => result.violations.map(
    one => one.id + ': ' + one.nodes.map(node => node.target.join(' ')).slice(0, 3).join(' | ')))
"""
# What colours hang on: every kind of element in its kind of parent. Comparing colours takes most of the time.
KINDS = """
() => {
  const kind = one => `${one.localName}.${one.getAttribute('class') || ''}`;
  return [...new Set([...document.body.querySelectorAll('*')].map(one => kind(one.parentElement) + '>' + kind(one)))];
}
"""
SAME_COLOURS = {"color-contrast": {"enabled": False}}
WIDER = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"
# By width of the window, what the colours were compared of so far.
_compared: dict[int, set[str]] = {}
_watched: WeakSet[Page] = WeakSet()


def broken_rules(page: Page) -> list[str]:
    """Which rules of accessibility the page breaks, and where; colours are compared where something shows first."""
    page.evaluate(BRING_AXE)
    size = page.viewport_size
    compared = _compared.setdefault(size["width"] if size else 0, set())
    kinds = set(page.evaluate(KINDS))
    found: list[str] = page.evaluate(RUN_AXE, SAME_COLOURS if kinds <= compared else None)
    if not found:
        compared |= kinds
    return found


def watch(page: Page) -> None:
    """From now on every screen of this page is looked at as soon as it shows."""
    _watched.add(page)


def look(page: Page) -> None:
    """Look at what a click led to, if the page is watched."""
    if page in _watched:
        assert broken_rules(page) == [], page.url
        assert page.evaluate(WIDER) <= 0, f"{page.url} is wider than the screen"
