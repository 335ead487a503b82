"""Unsafe requests must come from this site's own pages: the Origin check beside the token of each form."""

from urllib.parse import urlsplit

from flask import Flask, abort, request

from consulta.web.audiences import SAFE_METHODS


def register_origin_check(app: Flask) -> None:
    app.before_request(_refuse_foreign_origin)


def _refuse_foreign_origin() -> None:
    """Refuse a write whose Origin, or Referer when a browser sends none, is of another host."""
    if request.method in SAFE_METHODS:
        return
    claimed = request.headers.get("Origin") or request.headers.get("Referer")
    if claimed is None:
        return  # no browser sends a cross-site form without either; the token still stands
    if urlsplit(claimed).netloc != request.host:
        abort(403)
