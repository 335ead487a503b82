"""Writing a commitment until its five letters are complete, and its institution's review."""

from datetime import date

from playwright.sync_api import expect

from tests.journeys.pages.screen import Screen


class Commitments(Screen):
    heading = "Compromisos"

    def begin(self) -> "CommitmentForm":
        return self.follow("Escribir un compromiso", CommitmentForm)


class CommitmentForm(Screen):
    heading = "Compromiso"

    def name(self, name: str, lead: str) -> "CommitmentForm":
        self.fill("Nombre del compromiso", name)
        self.choose("Institución responsable", lead)
        return self.save()

    def save(self) -> "CommitmentForm":
        return self.press("Guardar el compromiso", CommitmentForm)

    def describe(self, starts: date, ends: date) -> None:
        self.fill("Fecha de inicio", starts)
        self.fill("Fecha de término", ends)
        self.choose("Procedencia", "De propuestas")
        self.fill("¿Cuál es la problemática", "Nadie puede leer hoy los datos sin pedirlos por escrito. " * 3)
        self.fill("¿Cuál es el compromiso?", "Publicar cada mes los datos, en un solo lugar y en formato abierto. " * 2)
        self.fill("¿Cómo contribuirá", "Quien busca un dato lo encuentra y puede usarlo sin pedirlo.")
        self.tick("Transparencia y acceso")
        self.fill("¿Por qué es relevante", "Amplía lo que la ciudadanía puede saber de su gobierno.")
        self.fill("Cargo", "Dirección de Planificación")
        self.fill("Correo electrónico", "planificacion@marn.gob.sv")

    def add_milestones(self, starts: date, middle: date, ends: date) -> None:
        for number, (first, last) in enumerate(((starts, middle), (middle, ends)), 1):
            row = self.page.get_by_role("group", name=f"Hito {number}", exact=True)
            row.get_by_label("Actividad").fill(f"Publicar la entrega {number}")
            row.get_by_label("Producto entregable").fill(f"Conjunto de datos {number}")
            row.get_by_label("Medio de verificación").fill(f"Dirección de la página {number}")
            row.get_by_label("Inicio").fill(first.isoformat())
            row.get_by_label("Término").fill(last.isoformat())

    def add_indicator(self) -> None:
        row = self.page.get_by_role("group", name="Indicador 1", exact=True)
        row.get_by_label("Indicador").fill("Conjuntos publicados")
        row.get_by_label("No hay línea base").check()
        row.get_by_label("Meta").fill("12")
        row.get_by_label("Unidad de medida").fill("conjuntos")

    def link(self, word: str, *folios: str) -> "CommitmentForm":
        self.fill("Buscar por folio o por palabra", word)
        found = self.press("Buscar propuestas", CommitmentForm)
        for folio in folios:
            found.page.get_by_role("checkbox", name=folio).check()
        return found

    def complete_letters(self) -> int:
        """How many of the five letters are said to be complete."""
        panel = self.page.get_by_role("complementary", name="Las cinco letras")
        expect(panel).to_be_visible()
        return panel.get_by_text("Completa", exact=True).count()

    def send(self) -> None:
        self.press("Enviar a la institución", Screen).see("Se envió a la institución")


class Review(Screen):
    """What the institution that leads it reads."""

    def observe(self, text: str) -> None:
        self.fill("Qué debe cambiar", text)
        self.press("Enviar observaciones", Screen).see("Con observaciones")

    def validate(self) -> None:
        self.press("Validar el compromiso", Screen).see("Validado")
