"""Administration: people and institutions."""

from tests.journeys.pages.screen import Screen


class Institutions(Screen):
    heading = "Instituciones"

    def add(self, code: str, name: str, kind: str) -> "Institutions":
        form = self.follow("Agregar una institución", InstitutionForm)
        form.fill("Siglas", code)
        form.fill("Nombre completo", name)
        form.choose("Tipo", kind)
        form.press("Guardar", Screen)
        return self.open("/administracion/instituciones", Institutions)


class InstitutionForm(Screen):
    heading = "Agregar una institución"


class People(Screen):
    heading = "Personas y roles"

    def invite(self, name: str, email: str, role: str, institution: str = "") -> "People":
        form = self.follow("Invitar a una persona", InvitationForm)
        form.fill("Nombre", name)
        form.fill("Correo electrónico", email)
        form.choose("Rol", role)
        if institution:
            form.choose("Institución", institution)
        form.press("Enviar la invitación", Screen).see("Enviamos la invitación")
        return self.open("/administracion/", People)


class InvitationForm(Screen):
    heading = "Invitar a una persona"
