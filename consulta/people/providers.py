"""The identity providers with which people may enter, as the settings name them.

`OIDC_<NAME>_…` is one that speaks OpenID Connect, known by its issuer; `OAUTH_<NAME>_…` is one of plain OAuth 2, which
tells who somebody is at an address of its own. Well-known ones need a client id and a secret only.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

_SETTING = re.compile(r"(?P<kind>OIDC|OAUTH)_(?P<name>[A-Z0-9]+)_(?P<key>[A-Z_]+)")
_KEYS = {
    "OIDC": frozenset({"CLIENT_ID", "CLIENT_SECRET", "LABEL", "ISSUER", "TRUST_EMAIL"}),
    "OAUTH": frozenset(
        {
            *("CLIENT_ID", "CLIENT_SECRET", "LABEL", "AUTHORIZE_URL", "TOKEN_URL", "PROFILE_URL"),
            *("SCOPE", "SUBJECT", "NAME", "TOKEN_AUTH"),
        }
    ),
}
# What a setting need not say of providers that many people have.
_PRESETS: Mapping[str, Mapping[str, str]] = {
    "OIDC_GOOGLE": {"LABEL": "Google", "ISSUER": "https://accounts.google.com"},
    # Whoever runs a tenant there writes what address they like into their tokens, so none of them is believed.
    "OIDC_MICROSOFT": {
        "LABEL": "Microsoft",
        "ISSUER": "https://login.microsoftonline.com/common/v2.0",
        "TRUST_EMAIL": "off",
    },
    "OAUTH_FACEBOOK": {
        "LABEL": "Facebook",
        "AUTHORIZE_URL": "https://www.facebook.com/v23.0/dialog/oauth",
        "TOKEN_URL": "https://graph.facebook.com/v23.0/oauth/access_token",
        "PROFILE_URL": "https://graph.facebook.com/v23.0/me?fields=id,name",
        "SCOPE": "public_profile",
        "TOKEN_AUTH": "client_secret_post",
    },
    "OAUTH_X": {
        "LABEL": "X",
        "AUTHORIZE_URL": "https://x.com/i/oauth2/authorize",
        "TOKEN_URL": "https://api.x.com/2/oauth2/token",
        "PROFILE_URL": "https://api.x.com/2/users/me",
        "SCOPE": "users.read tweet.read",
        "SUBJECT": "data.id",
        "NAME": "data.name",
    },
}


@dataclass(frozen=True)
class Provider:
    """One provider. `name` is its place in our addresses, `issuer` what its identities are kept under."""

    name: str
    label: str
    client_id: str
    client_secret: str = field(repr=False)
    issuer: str
    is_openid: bool
    # whether `email_verified` in its tokens is believed
    trusts_email: bool
    # only of plain OAuth 2; the last two are paths into the answer of `profile_url`, as in `data.id`
    authorize_url: str = ""
    token_url: str = ""
    profile_url: str = ""
    scope: str = ""
    token_auth: str = "client_secret_basic"  # noqa: S105  # the name of a method
    subject_at: str = "id"
    name_at: str = "name"


def read_providers(settings: Mapping[str, str], *, needs_https: bool) -> dict[str, Provider]:
    """The providers that settings describe, by name, in their order. Raises ValueError with the setting's name."""
    found: dict[str, dict[str, str]] = {}
    for setting, value in settings.items():
        parts = _SETTING.fullmatch(setting)
        if parts is None or parts["key"] not in _KEYS[parts["kind"]]:
            raise ValueError(f"CONSULTA_{setting} is not a setting of an identity provider")
        found.setdefault(f"{parts['kind']}_{parts['name']}", {})[parts["key"]] = value.strip()
    providers = [_read(prefix, {**_PRESETS.get(prefix, {}), **given}, needs_https) for prefix, given in found.items()]
    named = {provider.name: provider for provider in providers}
    if len(named) < len(providers):
        raise ValueError("two identity providers have the same name")
    return named


def _read(prefix: str, given: Mapping[str, str], needs_https: bool) -> Provider:
    kind, name = prefix.split("_")
    addresses = ("ISSUER",) if kind == "OIDC" else ("AUTHORIZE_URL", "TOKEN_URL", "PROFILE_URL")
    for key in ("CLIENT_ID", "CLIENT_SECRET", *addresses):
        if not given.get(key):
            raise ValueError(f"CONSULTA_{prefix}_{key} is missing")
    for key in addresses:
        if not is_safe(given[key], needs_https=needs_https):
            raise ValueError(f"CONSULTA_{prefix}_{key} must be an https:// address")
    authorize = urlsplit(given.get("AUTHORIZE_URL", ""))
    return Provider(
        name=name.lower(),
        label=given.get("LABEL") or name.capitalize(),
        client_id=given["CLIENT_ID"],
        client_secret=given["CLIENT_SECRET"],
        issuer=given.get("ISSUER") or f"{authorize.scheme}://{authorize.netloc}",
        is_openid=kind == "OIDC",
        trusts_email=kind == "OIDC" and given.get("TRUST_EMAIL", "on") == "on",
        authorize_url=given.get("AUTHORIZE_URL", ""),
        token_url=given.get("TOKEN_URL", ""),
        profile_url=given.get("PROFILE_URL", ""),
        scope="openid email profile" if kind == "OIDC" else given.get("SCOPE", ""),
        token_auth=given.get("TOKEN_AUTH") or "client_secret_basic",
        subject_at=given.get("SUBJECT") or "id",
        name_at=given.get("NAME") or "name",
    )


def is_safe(address: str, *, needs_https: bool) -> bool:
    """Whether an address may be asked for who somebody is: encrypted, or, in development, at least on the web."""
    parts = urlsplit(address)
    return bool(parts.hostname) and parts.scheme in (("https",) if needs_https else ("https", "http"))
