"""Entering without a password: by a passkey of a virtual device, and by a mailed code, which needs no script."""

import dataclasses
import functools

import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from config import Config
from consulta.people.models import Role
from tests.factories.accounts import PASSWORD, make_account
from tests.factories.people import make_member, make_person
from tests.journeys.pages.account import (
    Account,
    OwnSpace,
    PasskeyFailed,
    PasskeyName,
    Passkeys,
    SecondStep,
    SetUpSecondStep,
    SignIn,
    WriteCode,
)
from tests.journeys.pages.screen import Screen
from tests.journeys.people import Someone
from tests.journeys.serving import LiveSite, free_port
from tests.journeys.watching import PHONE, Windows

pytestmark = pytest.mark.browser
DEVICE = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


@pytest.fixture
def settings(settings: Config) -> Config:
    """Devices keep keys for names, not for numbers; and people with a role need a second factor."""
    return dataclasses.replace(settings, site_url=f"http://localhost:{free_port()}", second_factor=True)


def someone(app: Flask, site: LiveSite, browse: Windows, role: Role | None = None, *, scripts: bool = True) -> Someone:
    """A person with an account, at a telephone."""
    with site.database.session() as session:
        make = functools.partial(make_member, session, role) if role else functools.partial(make_person, session)
        account = make_account(app, session, make(public_name="Ana López"))
        return Someone(site, browse, account.email, scripts=scripts, viewport=PHONE).looking()


def plug_in(page: Page) -> None:
    """A device that keeps passkeys and knows its owner."""
    devices = page.context.new_cdp_session(page)
    devices.send("WebAuthn.enable")
    devices.send("WebAuthn.addVirtualAuthenticator", {"options": DEVICE})


def test_a_passkey_stands_for_a_password(app: Flask, site: LiveSite, browse: Windows) -> None:
    ana = someone(app, site, browse)
    plug_in(ana.page)
    ana.open("/cuenta/entrar", SignIn).enter(ana.email, PASSWORD)
    keys = ana.open("/cuenta/llaves", Passkeys)
    keys = keys.add("Mi teléfono")
    keys.see("Agregó una llave de acceso.", "Mi teléfono")
    naming = keys.follow("Cambiar el nombre", PasskeyName)
    naming.fill("Nombre", "El de la casa")
    naming.press("Guardar el nombre", Passkeys).see("El de la casa")
    ana.page.context.clear_cookies()
    door = ana.open("/cuenta/entrar?next=/cuenta/llaves", SignIn)
    keys = door.press("Entrar con una llave de acceso", Passkeys)
    keys.miss("Todavía no")  # its last use is known
    keys.press("Quitar", Passkeys).see("Ya no abre su cuenta.", "Todavía no tiene ninguna.")
    ana.page.context.clear_cookies()
    failed = ana.open("/cuenta/entrar", SignIn).press("Entrar con una llave de acceso", PasskeyFailed)
    failed.see("Esa llave de acceso no abre ninguna cuenta de este sitio.")


def test_a_passkey_stands_for_the_second_step(app: Flask, site: LiveSite, browse: Windows) -> None:
    luz = someone(app, site, browse, Role.OBSERVER)
    plug_in(luz.page)
    luz.open("/cuenta/entrar", SignIn).enter(luz.email, PASSWORD)
    step = SetUpSecondStep(luz.page)
    codes = step.finish()
    codes.follow("Ya los guardé", OwnSpace)
    assert luz.page.url.endswith("/coordinacion/")
    luz.open("/cuenta/llaves", Passkeys).add("Mi llave")
    luz.open("/cuenta/", Account).see("1 llave", "Le quedan 10 códigos de recuperación.")
    luz.page.context.clear_cookies()
    luz.open("/cuenta/entrar", SignIn).enter(luz.email, PASSWORD)
    second = SecondStep(luz.page)
    second.press("Entrar con una llave de acceso", OwnSpace)
    assert luz.page.url.endswith("/coordinacion/")


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no scripts"])
def test_a_code_by_mail_opens_an_account(app: Flask, site: LiveSite, browse: Windows, scripts: bool) -> None:
    ana = someone(app, site, browse, scripts=scripts)
    door = ana.open("/cuenta/entrar", SignIn)
    # A passkey takes a script, and is not offered where there is none.
    expect(ana.page.get_by_role("button", name="Entrar con una llave de acceso")).to_be_visible(visible=scripts)
    asked = door.follow("Recibir un código por correo", Screen)
    asked.fill("Correo electrónico", ana.email)
    written = asked.press("Enviar el código", WriteCode)
    written.fill("Código", "12 34")
    written.press("Entrar", WriteCode).see("El código no coincide o ya no sirve.")
    mail = site.mails_to(ana.email)[-1]
    ana.open(mail.link("/cuenta/codigo/"), WriteCode).press("Entrar", OwnSpace)
    assert ana.page.url.endswith("/participar/")


def test_the_second_step_needs_no_script(app: Flask, site: LiveSite, browse: Windows) -> None:
    luz = someone(app, site, browse, Role.OBSERVER, scripts=False)
    luz.open("/cuenta/entrar", SignIn).enter(luz.email, PASSWORD)
    SetUpSecondStep(luz.page).finish().follow("Ya los guardé", OwnSpace)
    assert luz.page.url.endswith("/coordinacion/")
