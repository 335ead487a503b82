"""Coordination of a plan: its data, window, calendar, topics, documents, states and results."""

from datetime import date

from tests.journeys.pages.screen import Screen


class Plans(Screen):
    heading = "Planes"

    def create(self, code: str, title: str, starts: date, ends: date, coordinator: str) -> "PlanPage":
        form = self.follow("Crear un plan", NewPlan)
        form.fill("Código", code)
        form.fill("Título", title)
        form.fill("Objetivo", "Que la ciudadanía diga qué debe prometer el gobierno, y que el gobierno responda.")
        form.fill("Inicio del plan", starts)
        form.fill("Fin del plan", ends)
        form.choose("Institución que coordina", coordinator)
        form.press("Crear el plan", Screen).see("El plan quedó creado")
        return self.open(f"/coordinacion/planes/{code}", PlanPage)


class NewPlan(Screen):
    heading = "Crear un plan"


class PlanPage(Screen):
    """One plan as its coordinator sees it."""

    def part(self, name: str) -> "PlanPage":
        return self.follow(name, PlanPage, within=self.page.get_by_role("navigation", name="Partes del plan"))

    def set_window(self, opens: date, closes: date) -> None:
        page = self.part("Plazo")
        page.fill("Publicación del aviso", opens)
        page.fill("Primer día", opens)
        page.fill("Último día", closes)
        page.press("Guardar las fechas", PlanPage)

    def extend_window(self, closes: date, reason: str) -> None:
        form = self.part("Plazo").follow("Ampliar el plazo", PlanPage)
        form.fill("Nuevo último día", closes)
        form.fill("Motivo", reason)
        form.press("Ampliar el plazo", PlanPage).see(reason)

    def add_phase(self, label: str, starts: date, ends: date) -> None:
        form = self.part("Calendario").follow("Agregar una etapa", PlanPage)
        form.choose("Tipo de etapa", "Consulta")
        form.fill("Nombre de la etapa", label)
        form.fill("Inicio previsto", starts)
        form.fill("Fin previsto", ends)
        form.press("Guardar la etapa", PlanPage).see(label)

    def add_topic(self, name: str, line: str, intro: str) -> None:
        form = self.part("Temas").follow("Agregar un tema", PlanPage)
        form.fill("Nombre", name)
        form.fill("En una línea", line)
        form.fill("Introducción", intro)
        form.press("Guardar el tema", PlanPage)
        self.part("Temas").press("Publicar", PlanPage).see("Publicada")

    def set_competence(self, *institutions: str) -> None:
        form = self.part("Instituciones").follow("Elegir", PlanPage)
        form.tick(*institutions)
        form.press("Guardar las instituciones", PlanPage).see(institutions[0])

    def add_document(self, title: str, day: date, content: bytes) -> None:
        form = self.part("Documentos").follow("Agregar un documento", PlanPage)
        form.fill("Título", title)
        form.choose("Tipo de documento", "Método de consulta")
        form.fill("Fecha del documento", day)
        form.field("Archivo").set_input_files({"name": "metodo.txt", "mimeType": "text/plain", "buffer": content})
        form.press("Publicar el documento", PlanPage).see("El documento ya se puede descargar")

    def advance(self, state: str) -> None:
        page = self.part("Estado")
        page.press(f"Pasar a: {state}", PlanPage).see(f"El plan pasó a este estado: {state}")

    def approve(self, day: date) -> None:
        form = self.part("Aprobación")
        form.fill("Fecha de la firma", day)
        form.field("Documento firmado").set_input_files(
            {"name": "plan-firmado.txt", "mimeType": "text/plain", "buffer": b"Plan firmado"}
        )
        form.press("Aprobar el plan", PlanPage).see("El plan quedó aprobado")


class PublishResults(Screen):
    heading = "Publicar los resultados"

    def publish(self) -> "PublishResults":
        self.tick("Entiendo que las decisiones")
        return self.press("Publicar los resultados", PublishResults)
