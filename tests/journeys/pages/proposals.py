"""Systematising, merging, dispatching, deciding."""

import re
from datetime import date

from tests.journeys.pages.screen import Screen


class Systematizing(Screen):
    heading = "Sistematizar"

    def order(self, folio: str, topic: str, summary: str) -> "Systematizing":
        row = self.page.locator("li", has_text=folio).first
        row.get_by_label(re.compile("^Tema final")).select_option(label=topic)
        row.get_by_label(re.compile("^Resumen en una línea")).fill(summary)
        return self.press("Guardar tema y resumen", Systematizing, within=row)


class ProposalFile(Screen):
    """One proposal as the team sees it."""

    def merge_into(self, main: str) -> None:
        search = self.follow("Unir a otra", ProposalFile)
        search.fill("Folio o palabras", main)
        found = search.press("Buscar", ProposalFile).follow(main, ProposalFile, within=self.page.get_by_role("main"))
        found.press("Unir las dos", ProposalFile)

    def separate(self, topic: str, summary: str, reason: str) -> None:
        form = self.follow("Separar de la principal", ProposalFile)
        form.choose("Tema final", topic)
        form.fill("Resumen en una línea", summary)
        form.fill("Motivo", reason)
        form.press("Separar la propuesta", ProposalFile)


class Dispatching(Screen):
    heading = "Remitir propuestas"

    def prepare(self, *folios: str) -> "Letter":
        for folio in folios:
            self.page.get_by_role("checkbox", name=re.compile(folio)).check()
        return self.press("Preparar el oficio", Letter)


class Letter(Screen):
    heading = "Preparar el oficio"

    def send(self, institutions: list[str], text: str, due: date) -> None:
        for name in institutions:
            box = self.page.get_by_role("checkbox", name=re.compile(name))
            if not box.is_visible():
                self.unfold("Otras instituciones públicas")
            box.check()
        self.fill("Texto del oficio", text)
        self.fill("Responder a más tardar", due)
        review = self.press("Revisar antes de enviar", Screen)
        review.press("Enviar ahora", Screen).see("Se envi")


class Returned(Screen):
    """The list of referrals that came back."""

    heading = "Remisiones"

    def redirect(self, code: str) -> Letter:
        return self.follow(f"Remitir a {code}", Letter)


class Deciding(Screen):
    heading = "Decidir"

    def decide(self, outcome: str, justification: str, reason: str = "") -> None:
        self.page.get_by_role("radio", name=outcome, exact=True).check()
        if reason:
            self.page.get_by_role("checkbox", name=reason).check()
        self.fill("Justificación pública", justification)
        self.press("Guardar la decisión", Screen).see("La decisión quedó guardada")


class Inbox(Screen):
    """An institution's tray."""

    def take(self, summary: str) -> "Asked":
        return self.follow(summary, Asked)


class Asked(Screen):
    """One proposal that an institution must answer."""

    def acknowledge(self) -> "Asked":
        return self.press("Confirmar que la recibimos", Asked)

    def answer(self, outcome: str, justification: str, reason: str = "") -> None:
        form = self.follow("Responder", Screen, within=self.page.get_by_role("main"))
        form.page.get_by_role("radio", name=outcome, exact=True).check()
        if reason:
            form.page.get_by_role("checkbox", name=reason).check()
        form.fill("Justificación pública", justification)
        preview = form.press("Revisar antes de enviar", Screen)
        preview.see(justification)
        preview.press("Enviar la respuesta", Screen).see("Su respuesta quedó guardada")

    def give_back(self, reason: str, institution: str) -> None:
        form = self.follow("Devolver: no nos compete", Screen)
        form.fill("¿Por qué no le compete", reason)
        form.choose("¿A qué institución le compete?", institution)
        form.press("Devolver la propuesta", Screen).see("volvió al punto de contacto")
