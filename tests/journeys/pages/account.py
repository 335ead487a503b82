"""Accounts: invitations, sign-up, entering."""

from tests.journeys.pages.screen import Screen


class OwnSpace(Screen):
    """Wherever somebody lands after entering."""


class SignIn(Screen):
    heading = "Entrar"

    def enter(self, email: str, password: str) -> OwnSpace:
        self.fill("Correo electrónico", email)
        self.fill("Contraseña", password)
        return self.press("Entrar", OwnSpace)


class Invitation(Screen):
    heading = "Aceptar la invitación"

    def accept(self, password: str) -> SignIn:
        self.fill("Contraseña", password)
        self.tick("Acepto que mis datos")
        return self.press("Crear mi cuenta", SignIn)


class CheckMail(Screen):
    heading = "Revise su correo"


class SignUp(Screen):
    heading = "Crear una cuenta"

    def create(self, name: str, email: str, password: str) -> CheckMail:
        self.fill("Nombre que verán", name)
        self.fill("Correo electrónico", email)
        self.fill("Contraseña", password)
        self.tick("Acepto que mis datos")
        return self.press("Crear mi cuenta", CheckMail)


class Confirmation(Screen):
    heading = "Confirmar su correo"

    def confirm(self) -> SignIn:
        return self.press("Confirmar mi correo", SignIn)
