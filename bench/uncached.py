"""The site with a page cache that keeps nothing: every read is one right after a change."""

from consulta.web.page_cache import PageCache
from wsgi import app

app.extensions["page_cache"] = PageCache(max_bytes=0)
