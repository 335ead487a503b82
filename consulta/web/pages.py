"""Public pages: the same bytes for everybody, finished once and kept until something they show changes.

The key is the path, the language, the query keys the page knows, the versions of its scopes, and the local date,
on which the window depends. What is kept is answered by `front.py`; here it is made.
"""

import functools
from collections.abc import Callable, Collection, Mapping
from typing import Any

from flask import Response, current_app, g, make_response, request
from flask.typing import ResponseReturnValue

from consulta import clock
from consulta.web.context import parts
from consulta.web.front import CACHE_CONTROL, Memos, address_of
from consulta.web.page_cache import PageCache, PageKey, encode, encoding_for

Known = Mapping[str, Collection[str] | None]


def public_page(
    scopes: Callable[..., tuple[str, ...]], allowed_query: Known | tuple[str, ...] = ()
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
            depends_on, query = scopes(**arguments), _understood(known)
            numbers = g.page_versions = parts().versions.read(depends_on)
            key = PageKey(request.path, request.script_root, query, numbers, clock.today(), parts().build)
            if request.if_none_match.contains_weak(key.etag):
                _remember(depends_on, query)
                return _finish(Response(status=304), key)
            encoding = encoding_for(request.headers.get("Accept-Encoding", ""))
            cache: PageCache = current_app.extensions["page_cache"]
            found = cache.get((key, encoding))
            if found is None:
                response = make_response(view(**arguments))
                if response.status_code != 200:
                    return response
                found = encode(response.get_data(), encoding), response.content_type or "text/html; charset=utf-8"
                cache.put((key, encoding), found)
                _remember(depends_on, query)
            answer = Response(found[0], content_type=found[1])
            if encoding != "identity":
                answer.headers["Content-Encoding"] = encoding
            return _finish(answer, key)

        return cached

    return decorate


def _remember(scopes: tuple[str, ...], query: str) -> None:
    """Leave a memo of this address, so that the next reader is answered in front of the application."""
    memos: Memos = current_app.extensions["page_memos"]
    memos.keep(address_of(request.environ), scopes, query)


def _understood(known: Known) -> str:
    """The part of the query that makes a difference, in the page's own order."""
    asked = request.args if request.query_string else {}
    return repr(
        [
            (name, asked[name])
            for name, values in known.items()
            if name in asked and (not values or asked[name] in values)
        ]
    )


def _finish(response: Response, key: PageKey) -> Response:
    response.set_etag(key.etag, weak=True)
    response.headers["Cache-Control"] = CACHE_CONTROL
    response.headers["Vary"] = "Accept-Encoding"
    return response
