"""In front of the application: a page that is finished and still true is answered without waking it.

The first answer of an address leaves a memo: on which scopes it depends, and what it understood of its query. With
those, one small query tells whether the finished body, or the reader's own copy, still holds.
"""

import threading
from collections.abc import Callable, Iterable
from typing import Any

from consulta import clock
from consulta.cache_versions import VersionReader
from consulta.web.headers import HEADERS
from consulta.web.page_cache import PageCache, PageKey, encoding_for

MAX_MEMOS = 20_000
CACHE_CONTROL = "public, max-age=0, must-revalidate"

Address = tuple[str, str, str]
WsgiApp = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


def address_of(environ: dict[str, Any]) -> Address:
    """Language prefix, path and query as they came."""
    return environ.get("SCRIPT_NAME", ""), environ.get("PATH_INFO", ""), environ.get("QUERY_STRING", "")


class Memos:
    """What is known of each address, forgotten all at once when there are too many."""

    def __init__(self, most: int = MAX_MEMOS) -> None:
        self._memos: dict[Address, tuple[tuple[str, ...], str]] = {}
        self._lock = threading.Lock()
        self._most = most

    def get(self, address: Address) -> tuple[tuple[str, ...], str] | None:
        """Scopes and understood query of an address."""
        return self._memos.get(address)

    def keep(self, address: Address, scopes: tuple[str, ...], query: str) -> None:
        with self._lock:
            if len(self._memos) >= self._most:
                self._memos.clear()
            self._memos[address] = (scopes, query)


class FinishedPages:
    """WSGI middleware that answers finished pages; whatever it is not sure of goes on to the application."""

    def __init__(self, app: WsgiApp, *, cache: PageCache, memos: Memos, versions: VersionReader, build: str) -> None:
        self._app = app
        self._cache = cache
        self._memos = memos
        self._versions = versions
        self._build = build

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        memo = self._memos.get(address_of(environ)) if environ["REQUEST_METHOD"] == "GET" else None
        if memo is None:
            return self._app(environ, start_response)
        scopes, query = memo
        root, path, _ = address_of(environ)
        try:
            numbers = self._versions.read(scopes)
        except Exception:  # the application says what is wrong with the database
            return self._app(environ, start_response)
        key = PageKey(path, root, query, numbers, clock.today(), self._build)
        encoding = encoding_for(environ.get("HTTP_ACCEPT_ENCODING", ""))
        if key.etag in environ.get("HTTP_IF_NONE_MATCH", ""):
            start_response("304 Not Modified", _headers(key))
            return [b""]
        found = self._cache.get((key, encoding))
        if found is None:
            return self._app(environ, start_response)
        body, content_type = found
        headers = [*_headers(key), ("Content-Type", content_type), ("Content-Length", str(len(body)))]
        if encoding != "identity":
            headers.append(("Content-Encoding", encoding))
        start_response("200 OK", headers)
        return [body]


def _headers(key: PageKey) -> list[tuple[str, str]]:
    return [
        ("ETag", f'W/"{key.etag}"'),
        ("Cache-Control", CACHE_CONTROL),
        ("Vary", "Accept-Encoding"),
        *HEADERS.items(),
    ]
