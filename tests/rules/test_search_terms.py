"""What counts as the same word."""

import pytest

from consulta.search.highlight import mark, snippet
from consulta.search.terms import TERMS_MAX, query_terms, terms


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("información", "INFORMACION"),  # case and accents
        ("hospital", "hospitales"),
        ("mujer", "mujeres"),  # the stemmer alone takes one for a verb
        ("jóvenes", "joven"),
        ("luz", "luces"),
        ("país", "países"),
        ("niño", "NIN\u0303OS"),  # ñ in two characters
        ("PROP-2018-0001", "prop-2018-0001"),
    ],
)
def test_same_word(one: str, other: str) -> None:
    assert terms(one) == terms(other) != []


def test_enye_is_a_letter_of_its_own() -> None:
    assert terms("año") != terms("ano")


@pytest.mark.parametrize("query", ["", "de la y", "¿¡!?", "\x00\ud7ff'\"\\%_*", "🙂"])
def test_nothing_to_search_for(query: str) -> None:
    assert query_terms(query) == []


def test_query_is_bounded() -> None:
    assert len(query_terms(" ".join(f"palabra{n}" for n in range(100)))) <= TERMS_MAX
    assert query_terms("x" * 10_000 + " agua") == ["x" * 60]


def test_marks_words_and_escapes_the_rest() -> None:
    marked = mark("<b>Hospitales</b> & más", terms("hospital"))
    assert marked == "&lt;b&gt;<mark>Hospitales</mark>&lt;/b&gt; &amp; más"


def test_snippet_begins_near_the_word() -> None:
    text = snippet("relleno " * 100 + "agua potable " + "final " * 100, terms("agua"))
    assert text.startswith("… ")
    assert text.endswith(" …")
    assert "<mark>agua</mark>" in text
    assert len(text) < 300
