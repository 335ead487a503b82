"""The site with a page cache that keeps nothing: every read is one right after a change."""

import config
from consulta import create_app
from consulta.web.page_cache import PageCache

app = create_app(config.from_environment())
app.extensions["page_cache"] = PageCache(max_bytes=0)
