"""Public pages: the same bytes for everybody, from a cache of finished bodies in each process.

The key is the path, the language, the query keys the page knows, the versions of its scopes, and the local date,
on which the window depends. One small query reads the versions; the tag of a page is made of its key, so that a
reader who has the page is told so without rendering it.
"""

import functools
import gzip
import hashlib
import threading
from collections import OrderedDict
from collections.abc import Callable, Collection, Mapping
from typing import Any

import brotli
from flask import Response, current_app, g, make_response, request
from flask.typing import ResponseReturnValue

from consulta import clock
from consulta.cache_versions import read_versions
from consulta.web.context import db, parts

CACHE_CONTROL = "public, max-age=0, must-revalidate"
MAX_BYTES = 64 * 1024 * 1024
_ENCODINGS = ("br", "gzip", "identity")


class PageCache:
    """Finished bodies by key, the least recently used dropped first; bounded in bytes."""

    def __init__(self, max_bytes: int = MAX_BYTES) -> None:
        self._bodies: OrderedDict[tuple[Any, ...], tuple[bytes, str]] = OrderedDict()
        self._lock = threading.Lock()
        self._max_bytes = max_bytes
        self._bytes = 0

    def get(self, key: tuple[Any, ...]) -> tuple[bytes, str] | None:
        """The body and content type of a key."""
        with self._lock:
            found = self._bodies.get(key)
            if found is not None:
                self._bodies.move_to_end(key)
            return found

    def put(self, key: tuple[Any, ...], body: bytes, content_type: str) -> None:
        with self._lock:
            old = self._bodies.pop(key, None)
            self._bytes += len(body) - (len(old[0]) if old else 0)
            self._bodies[key] = (body, content_type)
            while self._bytes > self._max_bytes:
                _, (dropped, _) = self._bodies.popitem(last=False)
                self._bytes -= len(dropped)

    def clear(self) -> None:
        """Forget every body; a drill and a measurement of misses begin like this."""
        with self._lock:
            self._bodies.clear()
            self._bytes = 0


def public_page(
    scopes: Callable[..., tuple[str, ...]], allowed_query: Mapping[str, Collection[str] | None] | tuple[str, ...] = ()
) -> Callable[[Callable[..., ResponseReturnValue]], Callable[..., ResponseReturnValue]]:
    """Make a view a cached public page. `scopes` answers, from the URL's parts, which versions it depends on.

    `allowed_query` names the query keys that the page knows, with the values it tells apart (None: any). What it
    does not know makes no other page.
    """
    known = dict.fromkeys(allowed_query) if isinstance(allowed_query, tuple) else dict(allowed_query)

    def decorate(view: Callable[..., ResponseReturnValue]) -> Callable[..., ResponseReturnValue]:
        @functools.wraps(view)
        def cached(**arguments: Any) -> ResponseReturnValue:
            g.is_public_page = True
            key = _key(scopes(**arguments), known)
            etag = hashlib.blake2b(repr(key).encode(), digest_size=12).hexdigest()
            if request.if_none_match.contains_weak(etag):
                return _finish(Response(status=304), etag)
            encoding = _encoding()
            cache: PageCache = current_app.extensions["page_cache"]
            found = cache.get((*key, encoding))
            if found is None:
                response = make_response(view(**arguments))
                if response.status_code != 200:
                    return response
                body = _encode(response.get_data(), encoding)
                content_type = response.content_type or "text/html; charset=utf-8"
                cache.put((*key, encoding), body, content_type)
                found = body, content_type
            answer = Response(found[0], content_type=found[1])
            if encoding != "identity":
                answer.headers["Content-Encoding"] = encoding
            return _finish(answer, etag)

        return cached

    return decorate


def _key(scopes: tuple[str, ...], known: Mapping[str, Collection[str] | None]) -> tuple[Any, ...]:
    asked = request.args if request.query_string else {}
    query = [
        (name, asked[name]) for name, values in known.items() if name in asked and (not values or asked[name] in values)
    ]
    return (
        request.path,
        request.script_root,
        repr(query),
        read_versions(db(), scopes),
        clock.today().isoformat(),
        parts().build,
    )


def _encoding() -> str:
    """The best encoding that the reader takes; proxies and browsers ask for a handful of forms."""
    accepted = request.headers.get("Accept-Encoding", "")
    return next((name for name in _ENCODINGS if name in accepted), "identity")


def _encode(body: bytes, encoding: str) -> bytes:
    if encoding == "br":
        compressed: bytes = brotli.compress(body, quality=5)
        return compressed
    return gzip.compress(body, 6, mtime=0) if encoding == "gzip" else body


def _finish(response: Response, etag: str) -> Response:
    response.set_etag(etag, weak=True)
    response.headers["Cache-Control"] = CACHE_CONTROL
    response.headers["Vary"] = "Accept-Encoding"
    return response
