"""Which names the site answers to: its public one and, while developing, those of this machine."""

import functools
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from werkzeug.sansio.utils import host_is_trusted

if TYPE_CHECKING:
    from config import Config

LOCAL_NAMES = ("localhost", "127.0.0.1")
WsgiApp = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


def known_hosts(config: "Config") -> list[str]:
    public = urlsplit(config.site_url).hostname or ""
    return [public] if config.is_production else [public, *LOCAL_NAMES]


class KnownHosts:
    """WSGI middleware: what is asked under another name goes to the application, which refuses it, past any cache."""

    def __init__(self, app: WsgiApp, application: WsgiApp, hosts: list[str]) -> None:
        self._app, self._application = app, application
        # Asked at every request, and nearly always of the same name.
        self._is_known = functools.lru_cache(maxsize=100)(lambda host: host_is_trusted(host, hosts))

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        is_known = self._is_known(environ.get("HTTP_HOST") or environ.get("SERVER_NAME"))
        return (self._app if is_known else self._application)(environ, start_response)
