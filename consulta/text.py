"""What people write, made safe to show: the one sanitiser, and the normal form of typed text."""

import re
import threading
import unicodedata
from collections.abc import Sequence

from bleach.linkifier import LinkifyFilter
from bleach.sanitizer import Cleaner
from markdown_it import MarkdownIt
from markdown_it.token import Token
from markupsafe import Markup

TAGS = frozenset({"p", "br", "strong", "em", "ul", "ol", "li", "blockquote", "a"})
ATTRIBUTES = {"a": ["href", "rel"]}
PROTOCOLS = frozenset({"http", "https", "mailto"})
LINK_REL = "nofollow ugc noopener"

# Controls that reorder or hide text (bidirectional marks, zero-width characters, BOM) and C0/C1 controls
# except tab and line feed. Zero-width joiner and non-joiner go too: Spanish does not need them.
_INVISIBLE = re.compile(
    "[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"
    "\U000e0000-\U000e007f]"
)


class Sanitized(Markup):
    """Markup that `sanitize()` made; the only kind that a SafeHtml column takes."""


def _ugc_links(attrs: dict[object, str], new: bool = False) -> dict[object, str] | None:
    href = attrs.get((None, "href"), "")
    if not href.lower().startswith(("http://", "https://", "mailto:")):
        return None
    attrs[(None, "rel")] = LINK_REL
    return attrs


class _Links(LinkifyFilter):  # type: ignore[misc]  # bleach has no types
    def __init__(self, source: object) -> None:
        super().__init__(source, callbacks=[_ugc_links], skip_tags={"pre"})


_markdown = MarkdownIt("commonmark", {"html": False, "breaks": True}).disable(
    ["image", "heading", "lheading", "code", "fence", "backticks", "hr", "html_block", "html_inline"]
)
# Paragraphs of words without marks, entities or anything that could be an address: the cleaner gives them back as
# they are, and parsing them first costs more than all the rest.
_PLAIN = re.compile(r"""(?:<p>(?:[^<>&"'`.:@/\s]|[.:](?=[\s<])| )*</p>\n)+""")
_local = threading.local()


def _cleaner() -> Cleaner:
    # A Cleaner keeps its parser's state while it works, so each thread has its own.
    if not hasattr(_local, "cleaner"):
        _local.cleaner = Cleaner(tags=TAGS, attributes=ATTRIBUTES, protocols=PROTOCOLS, strip=True, filters=[_Links])
    cleaner: Cleaner = _local.cleaner
    return cleaner


def clean(typed: str) -> str:
    """Typed text in its normal form: NFC, plain line ends, no invisible controls, no surrounding blanks."""
    text = typed.replace("\r\n", "\n").replace("\r", "\n")
    return _INVISIBLE.sub("", unicodedata.normalize("NFC", text)).strip()


def clean_line(typed: str) -> str:
    """As `clean`, on one line."""
    return " ".join(clean(typed).split())


def sanitize(source: str) -> Sanitized:
    """Render people's words (paragraphs, lists, emphasis, quotes, links) as markup that is safe on any page.

    `source` is Markdown without raw HTML; what is not allowed appears as text or not at all.
    """
    html = _markdown.render(clean(source))
    return Sanitized(html if _PLAIN.fullmatch(html) else _cleaner().clean(html))


def plain(source: str) -> str:
    """People's words for a mail: the paragraphs, lists and quotes that a page shows, without the marks that make them.

    Where a link has words of its own its address follows in parentheses.
    """
    lines: list[str] = []
    leads: list[str] = []
    for token in _markdown.parse(clean(source)):
        if token.type == "list_item_open":
            leads.append(f"{token.info}{token.markup} " if token.info else "- ")
        elif token.type == "blockquote_open":
            leads.append("> ")
        elif token.type in ("list_item_close", "blockquote_close"):
            leads.pop()
        elif _begins_block(token) and lines:
            lines.append("")
        elif token.type == "inline":
            for line in _plain_words(token.children or []).split("\n"):
                lines.append("".join(leads) + line)
                # What continues an item stands below its first word.
                leads = [lead if lead == "> " else " " * len(lead) for lead in leads]
    return "\n".join(line.rstrip() for line in lines)


def _begins_block(token: Token) -> bool:
    """Whether a blank line stands before it: not between the items of a list, nor before a list within one."""
    if token.type == "paragraph_open":
        return not token.hidden
    return token.type in ("bullet_list_open", "ordered_list_open") and token.level == 0


def _plain_words(parts: Sequence[Token]) -> str:
    words: list[str] = []
    links: list[tuple[str, int]] = []
    for part in parts:
        if part.type == "link_open":
            links.append((str(part.attrs.get("href", "")), len(words)))
        elif part.type == "link_close":
            address, start = links.pop()
            if address not in ("".join(words[start:]), "mailto:" + "".join(words[start:])):
                words.append(f" ({address})")
        elif part.type in ("softbreak", "hardbreak"):
            words.append("\n")
        else:
            words.append(part.content)
    return "".join(words)


def excerpt(source: str, length: int = 90) -> str:
    """The first words of a text on one line, at most `length` characters, ending in «…» when cut."""
    line = clean_line(re.sub(r"[*_>#`\[\]]", "", source))
    if len(line) <= length:
        return line
    return line[: length - 1].rsplit(" ", 1)[0].rstrip(" ,.;:") + "…"
