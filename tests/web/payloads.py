"""Markup that must come out as text or not at all, however it came in."""

from html.parser import HTMLParser

PAYLOADS = (
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<svg/onload=alert(1)>",
    '"><script>alert(1)</script>',
    "</textarea><script>alert(1)</script>",
    '<a href="javascript:alert(1)">clic</a>',
    "[clic](javascript:alert(1))",
    "[clic](JaVaScRiPt:alert(1))",
    "[clic](java\tscript:alert(1))",
    "[clic](&#106;avascript:alert(1))",
    "[clic](data:text/html;base64,PHNjcmlwdD4=)",
    "[clic](//example.org/x)",
    "![imagen](http://example.org/rastro.png)",
    "<iframe src=//example.org></iframe>",
    "<object data=x></object><embed src=x>",
    "<form action=/cuenta/salir method=post><button>clic</button></form>",
    "<style>body{display:none}</style>",
    "<link rel=stylesheet href=//example.org/x.css>",
    "<base href=//example.org/>",
    "<meta http-equiv=refresh content=0;url=//example.org>",
    "<math><mtext><script>alert(1)</script></mtext></math>",
    "<b onmouseover=alert(1)>texto</b>",
    "<!--><script>alert(1)</script>-->",
    "<![CDATA[<script>alert(1)</script>]]>",
    "<scr<script>ipt>alert(1)</scr</script>ipt>",
    "<details open ontoggle=alert(1)>x</details>",
    "{{ config }} ${7*7} <%= 7*7 %>",
    "`<script>alert(1)</script>`",
    "    <script>alert(1)</script>",
    "<template><script>alert(1)</script></template>",
    'mira http://example.org/"onmouseover=alert(1)',
)
# What goes through the pages together: one plan, one session and one application for all of a group.
GROUPS = tuple(PAYLOADS[start : start + 8] for start in range(0, len(PAYLOADS), 8))
ALLOWED = {"p", "br", "strong", "em", "ul", "ol", "li", "blockquote", "a"}


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.bad: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in ALLOWED or (attrs and tag != "a"):
            self.bad.append(self.get_starttag_text() or tag)
        for name, value in attrs:
            if name not in ("href", "rel"):
                self.bad.append(f"{name}={value}")
            elif name == "href" and not (value or "").lower().startswith(("http://", "https://", "mailto:")):
                self.bad.append(f"href={value}")


def what_is_wrong(html: str) -> list[str]:
    """Elements and attributes that no sanitised text holds."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    return reader.bad
