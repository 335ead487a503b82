"""Identity providers on this machine: a real one of OpenID Connect, and a small one of plain OAuth 2."""

import base64
import hashlib
import secrets
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import parse_qs, urlsplit

import flask
import oidc_provider_mock
import requests
from werkzeug.serving import make_server

CLIENT_ID, CLIENT_SECRET = "consulta", "secreto-del-cliente"


@contextmanager
def openid_provider() -> Iterator[str]:
    """Answers its issuer."""
    with oidc_provider_mock.run_server_in_thread(require_nonce=True) as server:
        yield f"http://localhost:{server.server_port}"


def let_in(issuer: str, subject: str, **claims: Any) -> None:
    """Have the provider of OpenID Connect say this of somebody."""
    requests.put(f"{issuer}/users/{subject}", json=claims, timeout=5).raise_for_status()


def allow(address: str, subject: str) -> str:
    """Press the provider's button as somebody; answers the path that the browser is sent back to."""
    answer = requests.post(address, data={"sub": subject}, allow_redirects=False, timeout=5)
    back = urlsplit(answer.headers["Location"])
    return f"{back.path}?{back.query}"


class PlainProvider:
    """Knows one person. It gives its tokens only to who holds the secret and the key to the challenge."""

    def __init__(self) -> None:
        self.profile: dict[str, Any] = {"data": {"id": 4711, "name": "Ana de X"}}
        self.codes: dict[str, str] = {}
        self.app = flask.Flask("plain_provider")
        self.app.add_url_rule("/authorize", view_func=self.authorize, methods=["POST"])
        self.app.add_url_rule("/token", view_func=self.token, methods=["POST"])
        self.app.add_url_rule("/me", view_func=self.me)

    def authorize(self) -> Any:
        asked = flask.request.args
        if asked["code_challenge_method"] != "S256" or asked["client_id"] != CLIENT_ID:
            flask.abort(400)
        code = secrets.token_urlsafe(8)
        self.codes[code] = asked["code_challenge"]
        return flask.redirect(f"{asked['redirect_uri']}?code={code}&state={asked['state']}")

    def token(self) -> Any:
        sent, who = flask.request.form, flask.request.authorization
        digest = hashlib.sha256(sent["code_verifier"].encode()).digest()
        if who is None or who.password != CLIENT_SECRET:
            flask.abort(401)
        if self.codes.pop(sent["code"], "") != base64.urlsafe_b64encode(digest).decode().rstrip("="):
            flask.abort(400)
        return {"access_token": "la-llave", "token_type": "bearer"}

    def me(self) -> Any:
        return self.profile if flask.request.headers.get("Authorization") == "Bearer la-llave" else flask.abort(401)


@contextmanager
def plain_provider() -> Iterator[tuple[PlainProvider, str]]:
    """The provider and its address."""
    provider = PlainProvider()
    server = make_server("127.0.0.1", 0, provider.app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    yield provider, f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def asked_of(address: str) -> dict[str, str]:
    """What a browser carries to the provider."""
    return {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
