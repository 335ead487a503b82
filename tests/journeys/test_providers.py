"""Somebody enters with an account of another site, in a real browser that goes there and comes back."""

import re
from collections.abc import Iterator
from dataclasses import replace

import pytest
from playwright.sync_api import Browser, Page

from config import Config
from tests.journeys.serving import LiveSite
from tests.journeys.test_every_page import Reader
from tests.web.account.local_providers import CLIENT_ID, CLIENT_SECRET, let_in, openid_provider

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def issuer() -> Iterator[str]:
    with openid_provider() as address:
        yield address


@pytest.fixture
def settings(settings: Config, issuer: str) -> Config:
    named = {"CLIENT_ID": CLIENT_ID, "CLIENT_SECRET": CLIENT_SECRET, "ISSUER": issuer, "LABEL": "Ciudad"}
    return replace(settings, providers={f"OIDC_CIUDAD_{key}": value for key, value in named.items()})


def complaints_of(page: Page, site: LiveSite) -> list[str]:
    """What the browser says against our pages; those of the provider are its own matter."""
    found: list[str] = []

    def take(text: str) -> None:
        if page.url.startswith(site.url) and "the server responded with a status of" not in text:
            found.append(text)

    page.on("console", lambda message: take(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: take(str(error)))
    return found


def allow_there(page: Page, subject: str) -> None:
    """On the provider's page."""
    page.fill("input[name=sub]", subject)
    page.locator("button[type=submit]").first.click()
    page.wait_for_url("**/cuenta/con/terminar")


@pytest.mark.parametrize("scripts", [True, False])
def test_somebody_opens_an_account_and_links_another(
    chromium: Browser, site: LiveSite, issuer: str, scripts: bool
) -> None:
    let_in(issuer, "ana", email="ana@example.org", email_verified=False, name="Ana de la Ciudad")
    let_in(issuer, "otra", email="otra@example.org", email_verified=True, name="Otra")
    context = chromium.new_context(base_url=site.url, locale="es-SV", java_script_enabled=scripts)
    context.route(re.compile(r"^https:"), lambda route: route.abort())  # what the provider's page is dressed with
    page = context.new_page()
    reader, complaints = Reader(page), complaints_of(page, site)
    look = reader.look
    page.goto("/cuenta/entrar")
    look("the way in")
    page.get_by_role("link", name="Entrar con Ciudad").click()
    allow_there(page, "ana")
    look("what is missing")
    page.get_by_role("button", name="Continuar").click()
    look("consent is missing")
    page.get_by_label("Acepto que mis datos").check()
    page.get_by_role("button", name="Continuar").click()
    look("the code")
    page.get_by_label("Código").fill(site.mails_to("ana@example.org")[-1].subject.split()[0])
    page.get_by_role("button", name="Entrar").click()
    page.wait_for_url("**/participar/")
    page.goto("/cuenta/vinculadas")
    page.get_by_role("link", name="Vincular una cuenta de Ciudad").click()
    allow_there(page, "otra")
    look("another one")
    page.get_by_role("button", name="Vincular").click()
    look("those that open the account")
    page.get_by_role("button", name="Quitar Ciudad").first.click()
    assert page.get_by_role("button", name="Quitar Ciudad").count() == 1
    page.goto("/cuenta/con/ciudad/vuelta?code=x&state=x")
    look("what could not be checked")
    page.goto("/cuenta/con/terminar")
    look("a step that is over")
    context.close()
    assert reader.faults + complaints == []
