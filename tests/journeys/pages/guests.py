"""Taking part without an account: the text that waits for its mail, and what a folio and a code open."""

import re

from tests.journeys.pages.public import CheckPage, Receipt
from tests.journeys.pages.screen import Screen


class Waiting(Screen):
    heading = "Revise su correo"


class GuestCheck(CheckPage):
    """The check page of a visitor, with its second way to send."""

    def send_without_account(self, name: str, email: str) -> Waiting:
        self.fill("Nombre que verán", name)
        self.fill("Correo electrónico", email)
        self.tick("Acepto que mis datos")
        return self.press("Enviar sin cuenta", Waiting)


class GuestText(Screen):
    """What the link in the mail opens."""

    heading = "Confirme y envíe"

    def confirm(self) -> "GuestReceipt":
        return self.press("Confirmar y enviar", GuestReceipt)


class GuestReceipt(Receipt):
    @property
    def code(self) -> str:
        found = re.search(r"[0-9A-Z]{4}(?:-[0-9A-Z]{4}){3}", self.page.inner_text("main"))
        assert found, "the receipt shows no code"
        return found.group()


class Tracking(Screen):
    heading = "Seguimiento"

    def enter(self, folio: str, code: str) -> "Tracked":
        self.fill("Folio", folio)
        self.fill("Código", code)
        return self.press("Ver mi aporte", Tracked)


class Tracked(Screen):
    """The own contribution, without an account."""

    def complete(self, body: str) -> "Tracked":
        form = self.follow("Completar", Screen, within=self.page.get_by_role("main"))
        form.fill("Su texto completo", body)
        return form.press("Enviar mi texto completo", Tracked)

    def rewrite(self, body: str) -> "Tracked":
        form = self.follow("Cambiar lo que escribí", Screen)
        form.fill("Su texto", body)
        return form.press("Guardar el cambio", Tracked)

    def withdraw(self) -> "Tracked":
        page = self.follow("Retirar lo que escribí", Screen)
        return page.press("Retirar", Tracked)

    def close(self) -> Tracking:
        return self.press("Cerrar el seguimiento", Tracking)
