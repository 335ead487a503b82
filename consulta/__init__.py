"""consulta: the public consultation of an open-government action plan. All parts meet in create_app."""

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING

from flask import Flask
from flask_wtf import CSRFProtect
from jinja2 import StrictUndefined
from werkzeug.middleware.proxy_fix import ProxyFix
from whitenoise import WhiteNoise

from consulta.cache_versions import VersionReader
from consulta.database import Database
from consulta.limits.rules import read_limits
from consulta.limits.spending import Spending
from consulta.search.index import open_index
from consulta.web import (
    context,
    errors,
    filters,
    form_data,
    front,
    headers,
    health,
    hosts,
    i18n,
    keys,
    language,
    origin,
    page_cache,
    rendering,
    spelling,
)
from consulta.web.account import account_blueprint, prepare_accounts
from consulta.web.administration import administration_blueprint
from consulta.web.api import api_blueprint
from consulta.web.coordination import coordination_blueprint
from consulta.web.institution import institution_blueprint
from consulta.web.kept import Kept
from consulta.web.participant import participant_blueprint
from consulta.web.public import public_blueprint
from consulta.web.tracking import tracking_blueprint

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

    from config import Config

ROOT = Path(__file__).resolve().parent.parent
MAX_BODY_BYTES = 1024 * 1024
YEAR_SECONDS = 365 * 24 * 3600


def create_app(config: "Config", database: Database | None = None) -> Flask:
    """The web application of a configuration; tests may hand in a database of their own."""
    app = Flask("consulta", root_path=str(ROOT), static_folder=None, template_folder="templates")
    _set_up(app, config)
    store = database or Database(config.database_url)
    parts = app.extensions["consulta"] = context.Parts(
        config,
        store,
        open_index(config, store),
        _build(),
        VersionReader(store.engine),
        Spending(store, config.secret_key, read_limits(config.limits)),
    )
    cache = app.extensions["page_cache"] = page_cache.PageCache()
    memos = app.extensions["page_memos"] = front.Memos()
    app.extensions.update(topic_frames=Kept(most=200), topic_items=Kept(most=3000))
    i18n.register_translation(app)
    csrf = CSRFProtect(app)
    filters.register_filters(app)
    errors.register_errors(app)
    origin.register_origin_check(app)
    spelling.register_spelling(app)
    app.after_request(headers.add_headers)
    app.teardown_appcontext(context.close_session)
    _register_audiences(app, csrf)
    finished = front.FinishedPages(app.wsgi_app, cache=cache, memos=memos, versions=parts.versions, build=parts.build)
    app.wsgi_app = _before_flask(app.wsgi_app, finished, config)  # type: ignore[assignment, method-assign]
    return app


def _set_up(app: Flask, config: "Config") -> None:
    """What Flask itself is told."""
    app.request_class = form_data.SiteRequest
    app.jinja_environment = rendering.SiteEnvironment
    app.config.update(
        SECRET_KEY=config.secret_key,
        MAX_CONTENT_LENGTH=MAX_BODY_BYTES,
        MAX_FORM_MEMORY_SIZE=MAX_BODY_BYTES,
        WTF_CSRF_TIME_LIMIT=None,
        BABEL_DEFAULT_LOCALE="es",
        TRUSTED_HOSTS=hosts.known_hosts(config),
    )
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.url_map.converters["int"] = keys.KeyConverter


def _register_audiences(app: Flask, csrf: CSRFProtect) -> None:
    """The pages of everybody, and of those whom signing in tells apart."""
    identify = prepare_accounts(app)
    for blueprint in (
        health.blueprint,
        public_blueprint(),
        api_blueprint(),
        account_blueprint(identify),
        participant_blueprint(identify, csrf),
        tracking_blueprint(identify),
        institution_blueprint(identify),
        coordination_blueprint(identify),
        administration_blueprint(identify),
    ):
        app.register_blueprint(blueprint)


def _before_flask(application: "WSGIApplication", finished: front.FinishedPages, config: "Config") -> "WSGIApplication":
    """What looks at a request first: proxies and hosts, static files, languages, finished pages."""
    served = WhiteNoise(
        language.LanguagePrefix(finished),
        root=str(ROOT / "static"),
        prefix="static/",
        # Addresses carry a digest of the content, so a file never changes under its address.
        max_age=YEAR_SECONDS,
        allow_all_origins=False,
        immutable_file_test=lambda path, url: True,
        add_headers_function=headers.add_static_headers,
    )
    known = hosts.KnownHosts(served, application, hosts.known_hosts(config))
    hops = config.trusted_proxies
    return ProxyFix(known, x_for=hops, x_proto=hops, x_host=hops) if hops else known


def _build() -> str:
    """A digest of code, templates and static files: pages made by another build are not the same pages."""
    digest = hashlib.sha256()
    for folder in ("consulta", "templates", "static"):
        for path in sorted((ROOT / folder).rglob("*")):
            if path.suffix in (".py", ".html", ".xml", ".css", ".js"):
                stat = path.stat()
                digest.update(f"{path}:{stat.st_mtime_ns}:{stat.st_size}".encode())
    return digest.hexdigest()[:12]
