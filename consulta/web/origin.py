"""What is refused of a request before any page: a write that comes from another site, an address with a NUL."""

from urllib.parse import urlsplit

from flask import Flask, abort, request

from consulta.web.audiences import SAFE_METHODS


def register_origin_check(app: Flask) -> None:
    app.before_request(_refuse_foreign_origin)
    app.before_request(_refuse_nul)


def _refuse_foreign_origin() -> None:
    """Refuse a write whose Origin, or Referer when a browser sends none, is of another host."""
    if request.method in SAFE_METHODS:
        return
    claimed = request.headers.get("Origin") or request.headers.get("Referer")
    if claimed is None:
        return  # no browser sends a cross-site form without either; the token still stands
    if urlsplit(claimed).netloc != request.host:
        abort(403)


def _refuse_nul() -> None:
    """No page has one in its address, and PostgreSQL keeps none in a text."""
    if "\0" in request.path or "%00" in request.environ.get("QUERY_STRING", ""):
        abort(404)
