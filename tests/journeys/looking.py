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
([rules, kinds]) => {
  const shown = window.shownByKind(), where = kinds ? kinds.flatMap(kind => shown.get(kind)) : document;
  return axe.run(where, {resultTypes: ['violations'], preload: false, ...rules}).then(result => result.violations.map(
    one => one.id + ': ' + one.nodes.map(node => node.target.join(' ')).slice(0, 3).join(' | ')));
}
"""
# What colours hang on: what shows, by the kind of element in its kind of parent. Comparing colours takes most of the
# time, so each kind is compared once.
KINDS = """
() => {
  const name = one => `${one.localName}.${one.getAttribute('class') || ''}`;
  window.shownByKind = () => {
    const found = new Map();
    for (const one of document.body.querySelectorAll('*')) {
      if (!one.checkVisibility()) continue;
      const kind = name(one.parentElement) + '>' + name(one);
      found.set(kind, [...(found.get(kind) || []), one]);
    }
    return found;
  };
  return [...window.shownByKind().keys()];
}
"""
# How a screen is made, without its words and numbers: each kind of element in its kind of parent, with the names of
# its attributes and whether it says anything; and in which order headings come.
SHAPE = """
() => {
  const shape = one => `${one.localName}.${one.getAttribute('class') || ''}[${one.getAttributeNames().sort()}]`
    + (one.textContent.trim() ? '' : '-');
  const kinds = [...document.querySelectorAll('body, body *')].map(one => shape(one.parentElement) + '>' + shape(one));
  const headings = [...document.querySelectorAll('h1, h2, h3, h4')].map(one => one.localName);
  return [...new Set(kinds)].sort().join('\\n') + headings.filter((one, place) => one !== headings[place - 1]).join();
}
"""
COLOURS = "color-contrast"
# What can change with the width alone.
LAYOUT_ALONE = {"runOnly": ["scrollable-region-focusable"]}
ALL_ELSE, COLOURS_ALONE = {"rules": {COLOURS: {"enabled": False}}}, {"runOnly": [COLOURS]}
WIDER = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"
# By width of the window, what the colours were compared of so far.
_compared: dict[int, set[str]] = {}
# The screens that broke no rule, by width and shape.
_good: set[tuple[int, str]] = set()
_watched: WeakSet[Page] = WeakSet()


def broken_rules(page: Page, *, again: bool = False) -> list[str]:
    """Which rules of accessibility the page breaks, and where.

    `again`: it was looked at in another width just now, so that only what shows in this one alone is new.
    """
    page.evaluate(BRING_AXE)
    size = page.viewport_size
    compared = _compared.setdefault(size["width"] if size else 0, set())
    kinds = set(page.evaluate(KINDS)) - compared
    found: list[str] = page.evaluate(RUN_AXE, [LAYOUT_ALONE if again and not kinds else ALL_ELSE, None])
    if kinds:
        found += page.evaluate(RUN_AXE, [COLOURS_ALONE, sorted(kinds)])
    if not found:
        compared |= kinds
    return found


def watch(page: Page) -> None:
    """From now on every screen of this page is looked at as soon as it shows."""
    _watched.add(page)


def look(page: Page) -> None:
    """Look at what a click led to, if the page is watched; once at each shape, whichever engine and words it has."""
    if page not in _watched:
        return
    assert page.evaluate(WIDER) <= 0, f"{page.url} is wider than the screen"
    size = page.viewport_size
    seen = (size["width"] if size else 0, page.evaluate(SHAPE))
    if seen in _good:
        return
    assert broken_rules(page) == [], page.url
    _good.add(seen)
