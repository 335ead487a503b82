"""`/en/…`: the same paths in English. The prefix moves to SCRIPT_NAME, so that every link keeps it by itself."""

from collections.abc import Callable, Iterable
from typing import Any

LANGUAGES = {"en": "/en"}
DEFAULT = "es"

WsgiApp = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


class LanguagePrefix:
    """WSGI middleware that reads the language off the path."""

    def __init__(self, app: WsgiApp) -> None:
        self._app = app

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        path = environ.get("PATH_INFO", "")
        environ["consulta.language"] = DEFAULT
        for language, prefix in LANGUAGES.items():
            if path == prefix or path.startswith(prefix + "/"):
                environ["SCRIPT_NAME"] = environ.get("SCRIPT_NAME", "") + prefix
                environ["PATH_INFO"] = path[len(prefix) :] or "/"
                environ["consulta.language"] = language
        return self._app(environ, start_response)
