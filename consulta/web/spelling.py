"""Folios in addresses: people type them in small letters too, and each page has one spelling."""

import re

from flask import Flask, redirect, request, url_for
from flask.typing import ResponseReturnValue

_TYPED = re.compile(r"[A-Za-z]+-\d{4}-\d{4,}", re.ASCII)


def register_spelling(app: Flask) -> None:
    app.before_request(_lead_to_the_spelling)


def _lead_to_the_spelling() -> ResponseReturnValue | None:
    """Lead from a folio in small letters to the page, whatever it answers; the rest of the address stays."""
    parts = request.view_args or {}
    folio = parts.get("folio", "")
    if request.method not in ("GET", "HEAD") or folio == folio.upper() or not _TYPED.fullmatch(folio):
        return None
    address = url_for(str(request.endpoint), **{**parts, "folio": folio.upper()})
    query = request.query_string.decode("ascii", "ignore")
    return redirect(f"{address}?{query}" if query else address, 301)
