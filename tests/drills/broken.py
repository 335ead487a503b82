"""The site with a promise broken on purpose, to prove that the drill notices."""

import io
import secrets
import threading
import time
from collections.abc import Iterable
from typing import Any

import config
from consulta import create_app, receipts

POST_PATH = "/participar/aportes"
DELAY = 0.3


def doubling() -> Any:
    """Forgets the keys of forms: what is sent again is recorded again."""
    claim = receipts.claim

    def forget(session: Any, *, form_key: str, **facts: Any) -> tuple[receipts.Receipt, bool]:
        return claim(session, form_key=secrets.token_urlsafe(18), **facts)

    receipts.claim = forget
    return create_app(config.from_environment())


def hasty() -> Any:
    """Acknowledges a post first and records it a moment later."""
    app = create_app(config.from_environment())

    def answer(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        if environ["REQUEST_METHOD"] != "POST" or environ["PATH_INFO"] != POST_PATH:
            return app(environ, start_response)
        body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        later = {**environ, "wsgi.input": io.BytesIO(body)}
        threading.Thread(target=_record, args=(app, later)).start()
        start_response("303 SEE OTHER", [("Location", "/participar/recibo/PROP-0000-0000"), ("Content-Length", "0")])
        return [b""]

    return answer


def _record(app: Any, environ: dict[str, Any]) -> None:
    time.sleep(DELAY)
    list(app(environ, lambda status, headers, error=None: None))
