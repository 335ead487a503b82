"""Talking with identity providers: where somebody is sent, and who comes back. Only their own addresses are asked."""

import re
from collections.abc import Mapping
from typing import Any

import requests
from authlib.common.errors import AuthlibBaseError
from authlib.integrations.flask_client import FlaskIntegration, FlaskOAuth2App
from authlib.integrations.requests_client import OAuth2Session
from flask import Flask, current_app
from joserfc.errors import JoseError
from werkzeug import Response

from consulta.people.identities import Proof
from consulta.people.providers import Provider, is_safe, read_providers
from consulta.people.rules import PUBLIC_NAME_MAX, normal_email
from consulta.text import clean_line
from consulta.web.context import parts

TIMEOUT_SECONDS = 8
SUBJECT_MAX = 255
MICROSOFT = "https://login.microsoftonline.com/"
_TENANT = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
# Signed with a key that only the provider has; `none` and shared keys are not.
_ALGORITHMS = frozenset({"RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"})
_FAILURES = (AuthlibBaseError, JoseError, requests.RequestException, ValueError, LookupError, TypeError, RuntimeError)


class ProviderFailed(Exception):
    """The provider could not be reached, or what came back is not what it should send."""


class _Asking(OAuth2Session):  # type: ignore[misc]  # authlib has no types
    """Follows no redirect, and asks nothing without encryption outside of development."""

    def request(self, method: str, url: str, *args: Any, **kwargs: Any) -> requests.Response:
        if not is_safe(url, needs_https=parts().config.is_production):
            raise ValueError("an address of the provider is not safe")
        kwargs |= {"allow_redirects": False, "timeout": TIMEOUT_SECONDS}
        answer: requests.Response = super().request(method, url, *args, **kwargs)
        if answer.is_redirect:
            raise ValueError("the provider sends elsewhere")
        return answer


class _App(FlaskOAuth2App):  # type: ignore[misc]  # authlib has no types
    """Authlib's client, whose metadata are believed only if they are of the issuer that was asked for."""

    client_cls = _Asking
    issuer = ""

    def load_server_metadata(self) -> dict[str, Any]:
        found: dict[str, Any] = super().load_server_metadata()
        if not self._server_metadata_url or "_checked" in found:
            return found
        if found.get("issuer") != self.issuer and not self._is_microsoft(str(found.get("issuer"))):
            self.server_metadata: dict[str, Any] = {}
            raise ValueError("the metadata are of another issuer")
        if not is_safe(str(found.get("authorization_endpoint")), needs_https=parts().config.is_production):
            raise ValueError("an address of the provider is not safe")
        offered = found.get("id_token_signing_alg_values_supported") or ["RS256"]
        found["id_token_signing_alg_values_supported"] = [name for name in offered if name in _ALGORITHMS]
        found["_checked"] = True
        return found

    def _is_microsoft(self, issuer: str) -> bool:
        """Microsoft names no tenant in the metadata of them all; each token names its own."""
        return self.issuer.startswith(MICROSOFT) and issuer == f"{MICROSOFT}{{tenantid}}/v2.0"

    def is_issuer(self, claims: Mapping[str, Any], issuer: str) -> bool:
        expected, tenant = str(self.load_server_metadata()["issuer"]), str(claims.get("tid", ""))
        return issuer == (expected.replace("{tenantid}", tenant) if _TENANT.fullmatch(tenant) else expected)


class ProviderClient:
    """One provider, as the pages use it."""

    def __init__(self, provider: Provider) -> None:
        self.provider = provider
        well_known = f"{provider.issuer.rstrip('/')}/.well-known/openid-configuration"
        self._app = _App(
            FlaskIntegration(provider.name),
            provider.name,
            client_id=provider.client_id,
            client_secret=provider.client_secret,
            server_metadata_url=well_known if provider.is_openid else None,
            authorize_url=provider.authorize_url or None,
            access_token_url=provider.token_url or None,
            client_kwargs={
                "scope": provider.scope,
                "code_challenge_method": "S256",
                **({} if provider.is_openid else {"token_endpoint_auth_method": provider.token_auth}),
            },
        )
        self._app.issuer = provider.issuer

    def send_there(self) -> Response:
        """To the provider's page; state, nonce and the key to the challenge stay in the session. Raises ProviderFailed.

        Providers know where to send back by the public address of the site, whatever name it was asked by.
        """
        back = f"{parts().config.site_url}/cuenta/con/{self.provider.name}/vuelta"
        try:
            answer: Response = self._app.authorize_redirect(back)
        except _FAILURES as failure:
            raise ProviderFailed(type(failure).__name__) from failure
        answer.status_code = 303
        return answer

    def receive(self) -> Proof:
        """Who came back with the request. Raises ProviderFailed for whoever was not sent from this browser too."""
        try:
            return self._of_token() if self.provider.is_openid else self._of_profile()
        except _FAILURES as failure:
            raise ProviderFailed(type(failure).__name__) from failure

    def _of_token(self) -> Proof:
        options = {
            "iss": {"essential": True, "validate": self._app.is_issuer},
            "aud": {"essential": True, "value": self.provider.client_id},
        }
        claims = self._app.authorize_access_token(claims_options=options)["userinfo"]
        typed = str(claims.get("email") or "")
        email = normal_email(typed, allows_test=not parts().config.is_production) or ""
        is_verified = bool(email) and claims.get("email_verified") is True and self.provider.trusts_email
        return self._proof(str(claims["iss"]), claims["sub"], claims.get("name"), email=email, is_verified=is_verified)

    def _of_profile(self) -> Proof:
        token = self._app.authorize_access_token()
        answer = self._app.get(self.provider.profile_url, token=token)
        answer.raise_for_status()
        profile = answer.json()
        subject = _inside(profile, self.provider.subject_at)
        return self._proof(self.provider.issuer, subject, _inside(profile, self.provider.name_at))

    def _proof(self, issuer: str, subject: Any, name: Any, *, email: str = "", is_verified: bool = False) -> Proof:
        if not isinstance(subject, str | int) or not 0 < len(str(subject)) <= SUBJECT_MAX:
            raise ValueError("the provider does not say who it is")
        shown = clean_line(str(name or ""))[:PUBLIC_NAME_MAX]
        return Proof(self.provider.label, issuer, str(subject), email, is_verified, shown)


def _inside(profile: Any, path: str) -> Any:
    """The value at a path as in `data.id`; None where there is nothing."""
    for key in path.split("."):
        profile = profile.get(key) if isinstance(profile, dict) else None
    return profile


def prepare_providers(app: Flask) -> None:
    """Make the clients of the providers that the settings name; nothing is asked of them yet."""
    config = app.extensions["consulta"].config
    found = read_providers(config.providers, needs_https=config.is_production)
    app.extensions["providers"] = {name: ProviderClient(provider) for name, provider in found.items()}


def provider_clients() -> dict[str, ProviderClient]:
    found: dict[str, ProviderClient] = current_app.extensions["providers"]
    return found
