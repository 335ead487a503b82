"""People's words: the same paragraphs, lists, links and emphasis on a page and in a mail, and nothing that hides."""

import html
import random
import re

import pytest

from consulta import text
from consulta.text import clean, plain, sanitize

PAGE_AND_MAIL = [
    ("Hola **mundo** y *otro*.\nLínea.\n\nPárrafo.", "Hola mundo y otro.\nLínea.\n\nPárrafo."),
    ("Pido:\n- uno\n- dos\n  - tres\n\nGracias.", "Pido:\n\n- uno\n- dos\n  - tres\n\nGracias."),
    ("1. uno\n2. dos\n   sigue", "1. uno\n2. dos\n   sigue"),
    ("> cita\n> más\n\nNo.", "> cita\n> más\n\nNo."),
    ("- uno\n\n  más\n\n- dos", "- uno\n\n  más\n\n- dos"),
    (
        "Vea [los datos](https://a.example/x) o <https://b.example>.",
        "Vea los datos (https://a.example/x) o https://b.example.",
    ),
    ("Escriba a <ana@a.example>.", "Escriba a ana@a.example."),
    ("[malo](javascript:alert(1)) <b>no</b>", "[malo](javascript:alert(1)) <b>no</b>"),
    ("# No es título\n---\n`código`", "# No es título\n---\n`código`"),
    ("2 * 3 * 4 y snake_case_aquí", "2 * 3 * 4 y snake_case_aquí"),
    ("", ""),
]


@pytest.mark.parametrize(("typed", "mail"), PAGE_AND_MAIL)
def test_a_mail_says_what_the_page_says(typed: str, mail: str) -> None:
    assert plain(typed) == mail
    said = html.unescape(re.sub(r"<[^>]+>", " ", sanitize(typed)))
    words = re.sub(r"\((https?:[^)]*)\)", "", re.sub(r"^[> ]*(- |\d+\. )?", "", mail, flags=re.MULTILINE))
    assert re.findall(r"\w+", said) == re.findall(r"\w+", words)


HIDING = "\u200b\u200e\u202e\u2066\u2069\ufeff\u00ad\u061c\u180e\u0000\u001b\U000e0041"


def test_what_reorders_or_hides_text_is_taken_out() -> None:
    assert clean(f"pa{HIDING}la\u0301bra\r\n") == "palábra"
    assert clean(HIDING) == ""


# What people type, and what could be taken for more than words.
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
