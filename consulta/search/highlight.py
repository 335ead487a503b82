"""The part of a text where the words asked for stand, marked; everything else is escaped."""

import functools
import re
from collections.abc import Collection

from markupsafe import Markup, escape

from consulta.search.terms import fold, stem
from consulta.text import clean_line

LENGTH = 220
BEFORE = 60
_WORD = re.compile(r"[^\W_]+(?:-[^\W_]+)*")
_OPEN, _CLOSE = Markup("<mark>"), Markup("</mark>")
_MARKDOWN = re.compile(r"[*_>#`\[\]]")


def snippet(source: str, terms: Collection[str], length: int = LENGTH) -> Markup:
    """About `length` characters around the first word of `terms`, each of them in a <mark>."""
    line = clean_line(_MARKDOWN.sub("", source))
    first = next((match.start() for match in _WORD.finditer(line) if _is_asked(match.group(), terms)), 0)
    start = line.rfind(" ", 0, first - BEFORE) + 1 if first > BEFORE else 0
    end = len(line) if len(line) <= start + length else max(line.rfind(" ", start, start + length), start + 1)
    cut = mark(line[start:end], terms)
    return ("… " if start else "") + cut + (" …" if end < len(line) else "")


def mark(text: str, terms: Collection[str]) -> Markup:
    """The text with each word of `terms` in a <mark>."""
    parts: list[Markup] = []
    last = 0
    for match in _WORD.finditer(text):
        if _is_asked(match.group(), terms):
            parts += [escape(text[last : match.start()]), _OPEN, escape(match.group()), _CLOSE]
            last = match.end()
    return Markup("").join([*parts, escape(text[last:])])


def _is_asked(word: str, terms: Collection[str]) -> bool:
    return _stem_of(word) in terms or ("-" in word and any(_stem_of(part) in terms for part in word.split("-")))


@functools.lru_cache(maxsize=65536)
def _stem_of(word: str) -> str:
    return stem(fold(word))
