"""Words as the index keeps them: the same stems for what is indexed and for what is asked, on every engine.

Case and accents do not count, but ñ is a letter of its own: «año» is not «ano».
"""

import functools
import re
import threading
import unicodedata

import snowballstemmer

QUERY_MAX = 200
TERMS_MAX = 12
WORD_MAX = 60
_WORD = re.compile(r"[a-z]{3,4}-\d{4}-\d{4,}|[^\W_]+")
_MARKS = re.compile("[\u0300-\u036f]")

_STOP_WORDS = """
a al algo algun alguna algunas alguno algunos ante antes asi aun aunque bajo bien cada como con contra cual
cuales cuando cuanto de del desde donde dos durante e el ella ellas ellos en entre era eran es esa esas ese
eso esos esta estaba estan estar estas este esto estos fue fueron ha haber habia hace han hasta hay la las le
les lo los mas me mi mis mismo mucho muchos muy nada ni no nos nosotros o os otra otras otro otros para pero
poco por porque pues que quien quienes se sea sean segun ser si sido sin sobre solo son su sus tal tambien tan
tanto te tiene tienen toda todas todo todos tras tu tus u un una unas uno unos usted ustedes va y ya yo
"""
STOP_WORDS = frozenset(_STOP_WORDS.split())
_local = threading.local()


def fold(text: str) -> str:
    """Lower case without accents; ñ stays."""
    decomposed = unicodedata.normalize("NFD", text.casefold()).replace("n\u0303", "\u00f1")
    return _MARKS.sub("", decomposed)


def words(text: str) -> list[str]:
    """The folded words of a text in order; a folio is one word."""
    return [word[:WORD_MAX] for word in _WORD.findall(fold(text))]


def terms(text: str) -> list[str]:
    """The stems of a text in order, repeated as they are, without stop words."""
    return [stem(word) for word in words(text) if word not in STOP_WORDS]


def query_terms(query: str) -> list[str]:
    """The stems that a query asks for, each once, at most TERMS_MAX of its first QUERY_MAX characters."""
    return list(dict.fromkeys(terms(query[:QUERY_MAX])))[:TERMS_MAX]


@functools.lru_cache(maxsize=65536)
def stem(word: str) -> str:
    """The stem of a folded word; plural and singular share it."""
    stemmed: str = _stemmer().stemWord(_singular(word))
    return stemmed


def _singular(word: str) -> str:
    # The stemmer takes «mujer» for a verb but not «mujeres», so plurals are undone first.
    if len(word) <= 4:
        return word
    if word.endswith("ces"):
        return word[:-3] + "z"
    if word.endswith("es") and word[-3] in "dijlnrsy":
        return word[:-2]
    return word[:-1] if word.endswith(("as", "es", "os")) else word


def _stemmer() -> snowballstemmer.stemmer:
    # A stemmer keeps its word while it works, so each thread has its own.
    if not hasattr(_local, "stemmer"):
        _local.stemmer = snowballstemmer.stemmer("spanish")
    return _local.stemmer
