"""What in a text looks like advertising or like somebody's private data: points that add up, never a verdict.

A text with enough points is read by a person before it is shown; none is discarded. What a citizen may well write
about (betting shops, bitcoin, loans, budgets) weighs little alone, and a language weighs less than what is needed.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import filterfalse

# What holds a text unless its topic says otherwise.
ENOUGH = 4
CALL, STRONG, MIDDLE, SLIGHT = 4, 3, 2, 1
# One weak word counts in a text of at most so many words, two in one twice as long.
WEAK_WORD_PER = 25

# Calls to go, buy, follow or write somewhere, in the languages that advertising comes in.
CALLS = re.compile(
    r"""\b(?:
      subscri(?:be|bed|bing|bers?)
    | (?:please|plz|pls)\s+(?:sub|like|share|check|watch|visit|listen|follow|view)
    | check(?:ing|ed)?\s+(?:(?:me|us|it|this|that|these|them|my|our|the)\s+)?(?:\w+\s+){0,3}out
    | check\s+(?:out|my|our|this)
    | (?:my|our)\s+(?:(?:new|own|latest|you\s?tube|music)\s+)*(?:channel|vids?|videos?|playlist|mixtape|remix|covers?)
    | follow\s+(?:me|us|my|back)
    | click\s+(?:here|on|the|this|below)
    | (?:visit|join|see)\s+(?:my|our)\s+(?:site|website|page|channel|blog|group|store)
    | hit\s+me\s+up
    | gift\s?cards?
    | (?:earn|make|making|get|win)\s+(?:\w+\s+){0,3}(?:money|cash|\$|dollars|paid)
    | (?:buy|order|shop)\s+(?:now|here|online|cheap)
    | (?:free|cheap|instant|get)\s+(?:\w+\s+)?(?:followers|likes|subscribers|traffic|leads|views|v-?bucks|robux)
    | (?:payday|instant|quick)\s+loans?
    | (?:best|live)\s+casinos?
    | viagra|cialis|xanax|tramadol|replica\s+watches
    | sexy\s+(?:video|girls?|singles)|hot\s+(?:girls|singles)|escorts?
    | limited\s+(?:time\s+)?offer|money\s+back\s+guarantee|act\s+now
    | suscrib(?:ete|anse|irte)|suscrib(?:e|an|ase)\s+a\s+(?:mi|nuestro)
    | mi\s+(?:nuevo\s+)?canal|mis\s+videos|nuestra\s+tienda\s+en\s+linea
    | (?:sigue|siga|sigan)(?:me|nos)
    | (?:haz|haga|hagan|da|dale|den)\s+cli[ck]k?\s+(?:aqui|en\s+(?:el|este)\s+(?:enlace|link))|cli[ck]k?\s+aqui
    | (?:gana|gane|ganate|genera|genere|obten|obtenga)\s+(?:\w+\s+){0,3}(?:dinero|dolares|ingresos|\$|usd)
    | (?:dinero|ingresos?)\s+(?:facil|extra|pasivos?)\s+(?:desde|sin|en|con)
    | (?:compra|compre|consigue|consiga)\s+(?:\w+\s+){0,2}(?:seguidores|likes|aqui)
    | amarres?\s+(?:de\s+amor|efectivos?)|lectura\s+de\s+(?:tarot|cartas)|pastillas\s+para\s+adelgazar
    | (?:escrib[ea]|contact[ae]|habl[ae]|mand[ae])(?:me|nos|r)?\s+(?:\w+\s+){0,3}(?:inbox|por\s+interno|al\s+whats\w*)
    | oferta\s+por\s+tiempo\s+limitado|envios?\s+gratis\s+a\s+todo
    | (?:se|sea)\s+(?:tu|su)\s+propio\s+jefe|rentabilidad\s+garantizada|duplica\s+(?:tu|su)
    | chicas\s+(?:calientes|hot)
    | curti[ru]?\s*\?|inscreva-se|abonnez-vous|cliquez\s+ici
    )(?:\b|(?<=\W))""",
    re.VERBOSE,
)
# Words that advertising likes, and that people use too: these alone hold nothing, however many.
WEAK_WORDS = re.compile(
    r"""\b(?:
      channel|subs?|likes|remix|mixtape|promo|discount|coupon|casinos?|gambling|betting|poker|loans?|bitcoin|crypto\w*
    | forex|trading|followers|onlyfans|inbox|watch\?v|vids|rapper|xxx|porno?|prestamos?|apuestas|loteria|tarot|brujeria
    )\b""",
    re.VERBOSE,
)
LINK = re.compile(
    r"(?:https?://|www\.)[^\s<>()\"']+|\b[\w-]{1,63}\.(?:com|net|org|info|biz|ru|xyz|top|club|site|online|tv)/[^\s<>]*"
)
SHORTENERS = re.compile(
    r"\b(?:bit\.ly|bitly\.com|tinyurl\.com|goo\.gl|ow\.ly|t\.co|is\.gd|buff\.ly|adf\.ly|rebrand\.ly|cutt\.ly|shorturl\.at"
    r"|rb\.gy|tiny\.cc|bl\.ink|s\.id|binbox\.io|linktr\.ee|wa\.me|t\.me|chat\.whatsapp\.com)(?:/|\b)"
)
EMAIL = re.compile(r"[\w.+-]{1,64}@[\w-]+(?:\.[\w-]+)+")
PHONE = re.compile(
    r"(?<![\d.,/$-])(?!(?:19|20)\d\d[ -](?:19|20)\d\d)(?:\+?\(?503\)?[ -]?)?[267]\d{3}[ -]\d{4}(?![\d/%-])"
    r"|\+\d{1,3}[ -]?(?:\d[ -]?){7,12}"
    r"|(?:tel|cel|whats|llam)\w*[^\w]{0,3}(?:al\s+)?\+?\d(?:[ -]?\d){6,12}"
)
# The identity document, the tax number and payment cards: what nobody should publish of anybody.
DOCUMENT = re.compile(r"\b\d{8}-\d\b|\b\d{4}-\d{6}-\d{3}-\d\b|\b(?:\d{4}[ -]){3}\d{4}\b")
MONEY = re.compile(r"[$€£]\s?\d|\d\s?(?:usd|dolares|euros|dollars)\b|\${2,}")
BEGGING = re.compile(r"([!?¡¿$*=~▬❤★►])\1{2,}|(?:[\U0001f300-\U0001faff❤]\W*){4,}")
WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?")
# The most used words of each language that the other has not: enough to tell sentences apart.
ENGLISH = frozenset(
    WORD.findall(
        """the and you to of is this that it for are with your was my have i im be will just what all if they we but or
        his her can out get from so please who when how there their been would which more about up these some them
        then than do does did not don't dont at by an it's its could should u ur"""
    )
)
SPANISH = frozenset(
    WORD.findall(
        """el la los las de del que y en un una unos unas por para con se es al lo su sus como mas pero este esta estos
        estas ese esa hay ser son si ya muy tambien sin sobre entre cuando donde porque todos todas nos les le mi tu
        cada debe desde hasta puede pueden tiene tienen"""
    )
)
FEWEST_WORDS = 4
ENGLISH_SHARE = 0.22
SHOUTED_LETTERS, SHOUTED_SHARE = 20, 0.7
# A long text repeats words anyway.
REPEATED_WORDS, REPEATED_SHARE, LONG = 12, 0.34, 100
FOREIGN_SHARE, LAST_LATIN = 0.3, "\u024f"
LINK_SHARE = 0.5
MANY_LINKS = 3


@dataclass(frozen=True)
class Sign:
    """One thing that was noticed, by a code, and what it weighs."""

    code: str
    points: int


def suspicion(*texts: str) -> list[Sign]:
    """What a text (title and body) shows, heaviest first."""
    text = unicodedata.normalize("NFKC", "\n".join(text for text in texts if text))
    plain = _without_accents(text).lower()
    bare = LINK.sub(" ", plain)
    signs = [*_called(bare), *_linked(plain, bare), *_private(plain), *_shaped(text, bare), *_spoken(bare)]
    return sorted(signs, key=lambda sign: -sign.points)


def plain_words(*texts: str) -> str:
    """The words of a text alone: no case, accents, marks or spaces of one's own."""
    text = unicodedata.normalize("NFKC", " ".join(text for text in texts if text))
    return " ".join(re.findall(r"\w+", _without_accents(text).lower()))


def points(signs: list[Sign]) -> int:
    return sum(sign.points for sign in signs)


def _without_accents(text: str) -> str:
    return "".join(filterfalse(unicodedata.combining, unicodedata.normalize("NFD", text)))


def _called(bare: str) -> Iterator[Sign]:
    if CALLS.search(bare):
        yield Sign("call", CALL)
    weak = len({found.group() for found in WEAK_WORDS.finditer(bare)})
    if weak and weak * WEAK_WORD_PER >= len(bare.split()):
        yield Sign("words", MIDDLE if weak == 1 else STRONG)


def _linked(plain: str, bare: str) -> Iterator[Sign]:
    links = LINK.findall(plain)
    if SHORTENERS.search(plain):
        yield Sign("shortener", CALL)
    if not links:
        return
    yield Sign("link", SLIGHT)
    if len(links) >= MANY_LINKS:
        yield Sign("links", MIDDLE)
    if sum(map(len, links)) >= LINK_SHARE * len(plain.strip()) or not WORD.search(bare):
        yield Sign("only_link", STRONG)


def _private(plain: str) -> Iterator[Sign]:
    if DOCUMENT.search(plain):
        yield Sign("document", CALL)
    if EMAIL.search(plain):
        yield Sign("email", MIDDLE)
    if PHONE.search(plain):
        yield Sign("phone", MIDDLE)
    if MONEY.search(plain):
        yield Sign("money", SLIGHT)


def _shaped(text: str, bare: str) -> Iterator[Sign]:
    letters = list(filter(str.isalpha, LINK.sub(" ", text)))
    if len(letters) >= SHOUTED_LETTERS and sum(map(str.isupper, letters)) >= SHOUTED_SHARE * len(letters):
        yield Sign("shouting", MIDDLE)
    if BEGGING.search(text):
        yield Sign("begging", SLIGHT)
    words = WORD.findall(bare)
    if REPEATED_WORDS <= len(words) <= LONG and len(set(words)) <= REPEATED_SHARE * len(words):
        yield Sign("repeated", STRONG)


def _spoken(bare: str) -> Iterator[Sign]:
    """English, or letters of another script. Neighbours of Spanish are left alone."""
    letters = list(filter(str.isalpha, bare))
    if letters and sum(map(LAST_LATIN.__lt__, letters)) > FOREIGN_SHARE * len(letters):
        yield Sign("language", STRONG)
        return
    words = WORD.findall(bare)
    english, spanish = sum(map(ENGLISH.__contains__, words)), sum(map(SPANISH.__contains__, words))
    if len(words) >= FEWEST_WORDS and english > spanish and english >= ENGLISH_SHARE * len(words):
        yield Sign("language", STRONG)
