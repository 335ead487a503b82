"""The one sanitiser: what it may leave to the cleaner, and what it need not."""

import random
import re

import pytest

from consulta import text

PARTS = (
    "agua", "Señor", "ñandú", "¿Cuándo?", "100%", "(sí)", "a,b", "uno. Dos", "plazo: hoy", "fin.", " ", "  ", "\n",
    "\n\n", "*", "**", "- ", "> ", "1. ", "<b>", "<p>", "</p>", "&", "&amp;", "&#60;", "'", '"', "`", "http://x.sv/a",
    "x.com", "w.sv", "a@b.sv", "[x](javascript:a(1))", "\u200b", "\u2028", "\xa0", "\t", "$", "…", "😀", "/", ":", ".",
)  # fmt: skip


def test_plain_words_are_what_the_cleaner_gives_back(monkeypatch: pytest.MonkeyPatch) -> None:
    chance = random.Random(5)
    typed = ["".join(chance.choices(PARTS, k=chance.randint(1, 9))) for _ in range(1500)]
    typed += [" ".join(chance.choices(PARTS[:10], k=8)) for _ in range(200)]
    quick = [text.sanitize(one) for one in typed]
    skipped = sum(bool(text._PLAIN.fullmatch(html)) for html in quick)
    monkeypatch.setattr(text, "_PLAIN", re.compile("(?!)"))
    assert quick == [text.sanitize(one) for one in typed]
    assert 100 < skipped < len(typed) / 2
