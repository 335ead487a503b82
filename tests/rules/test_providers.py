"""Identity providers as the settings name them."""

import pytest

from consulta.people.providers import read_providers

KEYS = {"CLIENT_ID": "id", "CLIENT_SECRET": "secreto"}


def settings(prefix: str, **more: str) -> dict[str, str]:
    return {f"{prefix}_{key}": value for key, value in {**KEYS, **more}.items()}


@pytest.mark.parametrize(
    ("prefix", "label", "issuer", "trusts_email"),
    [
        ("OIDC_GOOGLE", "Google", "https://accounts.google.com", True),
        # Tenants write what address they like.
        ("OIDC_MICROSOFT", "Microsoft", "https://login.microsoftonline.com/common/v2.0", False),
        ("OAUTH_FACEBOOK", "Facebook", "https://www.facebook.com", False),
        ("OAUTH_X", "X", "https://x.com", False),
    ],
)
def test_well_known_providers_need_an_id_and_a_secret(prefix: str, label: str, issuer: str, trusts_email: bool) -> None:
    (found,) = read_providers(settings(prefix), needs_https=True).values()
    assert (found.label, found.issuer, found.trusts_email) == (label, issuer, trusts_email)
    assert "secreto" not in repr(found)


@pytest.mark.parametrize(
    ("wrong", "named"),
    [
        (settings("OIDC_CIUDAD"), "OIDC_CIUDAD_ISSUER"),
        (settings("OIDC_CIUDAD", ISSUER="http://ciudad.example"), "OIDC_CIUDAD_ISSUER"),
        (settings("OAUTH_CIUDAD", AUTHORIZE_URL="https://a.example"), "OAUTH_CIUDAD_TOKEN_URL"),
        ({"OIDC_GOOGLE_CLIENT_ID": "id"}, "OIDC_GOOGLE_CLIENT_SECRET"),
        (settings("OIDC_GOOGLE", SECRET="x"), "OIDC_GOOGLE_SECRET"),
        (settings("OIDC_X", ISSUER="https://a.example") | settings("OAUTH_X"), "same name"),
    ],
)
def test_a_provider_that_cannot_work_stops_the_start(wrong: dict[str, str], named: str) -> None:
    with pytest.raises(ValueError, match=named):
        read_providers(wrong, needs_https=True)
