"""What anybody reads, and how people write from there."""

import re

from playwright.sync_api import expect

from tests.journeys.pages.screen import Screen


class PublicPage(Screen):
    """Any public page."""


class Composer(Screen):
    """A topic with its composer."""

    def write(self, title: str, body: str, institution: str = "") -> "CheckPage":
        self.fill("Título", title)
        self.fill("Su propuesta", body)
        if institution:
            self.unfold("Elegir la institución")
            self.choose("¿Qué institución", institution)
        return self.press("Revisar mi propuesta", CheckPage)


class CheckPage(Screen):
    """The text as it will be read; nothing is sent yet."""

    heading = "Revise su"

    def send(self) -> "Receipt":
        button = "Enviar mi propuesta" if "propuesta" in self.page.title() else "Enviar mi respuesta"
        return self.press(button, Receipt)

    def change(self) -> Screen:
        return self.press("Cambiar lo que escribí", Screen)


class Receipt(Screen):
    heading = "Recibimos su"

    @property
    def folio(self) -> str:
        found = re.search(r"PROP-\d{4}-\d{4}", self.page.inner_text("main"))
        assert found, "the receipt shows no folio"
        return found.group()


class Conversation(Screen):
    """A topic or a proposal with its conversation."""

    def reply(self, author: str, body: str) -> Receipt:
        """Without scripts there is a page for it."""
        form = self.follow(f"Responder {author}", Screen)
        form.fill("Su respuesta", body)
        return form.press("Revisar mi respuesta", CheckPage).send()

    def reply_in_place(self, author: str, body: str) -> None:
        """With scripts the form opens below the text, and what follows is said there."""
        self.page.get_by_role("link", name=f"Responder {author}").first.click()
        self.fill(f"Su respuesta a {author}", body)
        self.page.get_by_role("button", name="Enviar mi respuesta").click()
        expect(self.page.get_by_text("Recibimos su respuesta")).to_be_focused()

    def support_in_place(self, author: str) -> None:
        """With scripts the button does it at once."""
        self.page.get_by_role("link", name=f"Apoyar {author}").first.click()
        expect(self.page.get_by_text("Apoyada").first).to_be_visible()

    def support(self, author: str) -> Screen:
        """Without scripts a page asks first."""
        form = self.follow(f"Apoyar {author}", Screen)
        return form.press("Apoyar", Screen)


class OwnContribution(Screen):
    """One contribution in its author's space."""

    def complete(self, body: str) -> None:
        form = self.follow("Completar", Screen, within=self.page.get_by_role("main"))
        form.fill("Su texto completo", body)
        form.press("Enviar mi texto completo", Screen).see("Recibimos su texto completo")

    def appeal(self, text: str) -> None:
        form = self.follow("Pedir que se revise de nuevo", Screen)
        form.fill("¿Por qué pide", text)
        form.press("Enviar mi reclamo", Screen).see("Recibimos su reclamo")

    def withdraw(self) -> None:
        form = self.follow("Retirar lo que escribí", Screen)
        form.press("Retirar", Screen).see("Retiramos su aporte")
