"""The moderators' tray, and what arrives by other ways."""

from tests.journeys.pages.screen import Screen


class Tray(Screen):
    heading = "Moderación"

    def read(self, title: str) -> "Reading":
        return self.follow(title, Reading)

    def take_next(self) -> "Reading":
        return self.press("Revisar el siguiente", Reading)

    def mark(self, count: int) -> None:
        """Tick the first ones."""
        for place in range(count):
            self.page.get_by_role("checkbox", name="Marcar").nth(place).check()

    def undo(self) -> Screen:
        return self.press("Deshacer", Screen)


class Reading(Screen):
    """One contribution and what can be done with it; after most acts the next one is in front."""

    def publish(self) -> None:
        self.press("Publicar", Screen).see("Se publicó.")

    def ask(self, what: str) -> None:
        self.unfold("Pedir que lo complete")
        self.fill("Qué falta", what)
        self.press("Pedir que lo complete", Screen).see("Pedimos al autor que lo complete.")

    def reject(self, reason: str, text: str) -> None:
        self.unfold("No admitir")
        self.choose("Motivo", reason)
        self.fill("Texto público", text)
        self.press("No admitir", Screen).see("No se admitió.")

    def reject_with_stored_text(self, reason: str) -> None:
        """Without scripts: the text is put in by a button, and then sent."""
        self.unfold("No admitir")
        self.choose("Motivo", reason)
        filled = self.press("Insertar el texto guardado", Reading)
        filled.press("No admitir", Screen).see("No se admitió.")

    def hide(self, reason: str, text: str) -> None:
        self.unfold("Ocultar el texto")
        self.choose("Motivo", reason)
        self.fill("Texto público", text)
        self.press("Ocultar el texto", Screen).see("Se ocultó.")

    def redact(self, body: str, note: str) -> None:
        self.unfold("Quitar datos personales")
        self.fill("Texto público", body)
        self.fill("Qué se quitó", note)
        self.press("Guardar la versión pública", Screen).see(note)


class Submissions(Screen):
    heading = "Entregas"

    def register(self, plan: str, organization: str) -> "Submission":
        form = self.follow("Registrar una entrega", NewSubmission)
        form.choose("Plan", plan)
        form.choose("Medio por el que llegó", "Documento")
        form.fill("Si no está en la lista", organization)
        form.choose("Es una", "Organización")
        form.fill("Cargo de quien la recibió", "Punto de contacto")
        return form.press("Registrar la entrega", Submission)


class NewSubmission(Screen):
    heading = "Registrar una entrega"


class Submission(Screen):
    heading = "Entrega ENT-"

    def add(self, topic: str, title: str, body: str) -> "Submission":
        form = self.follow("Añadir propuesta", NewProposal)
        form.choose("Tema", topic)
        form.fill("Título", title)
        form.fill("Texto de la propuesta", body)
        form.tick("El texto no tiene datos personales")
        return form.press("Registrar la propuesta", Submission)


class NewProposal(Screen):
    heading = "Añadir una propuesta"
