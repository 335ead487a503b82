"""Accounts: invitations, sign-up, entering."""

from passlib.totp import TOTP

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

    def confirm(self, password: str) -> OwnSpace:
        self.fill("Contraseña", password)
        return self.press("Confirmar mi correo", OwnSpace)


class Passkeys(Screen):
    heading = "Sus llaves de acceso"

    def add(self, name: str) -> "Passkeys":
        self.fill("Nombre", name)
        return self.press("Agregar una llave", Passkeys)


class PasskeyName(Screen):
    heading = "Cambiar el nombre de la llave"


class PasskeyFailed(Screen):
    heading = "No pudo entrar con la llave"


class SetUpSecondStep(Screen):
    heading = "Activar el segundo paso"

    def finish(self) -> "RecoveryCodes":
        """Type what an application with this key would show now."""
        key = self.page.locator(".typed-key").inner_text().replace(" ", "")
        self.fill("Código", TOTP(key=key, format="base32").generate().token)
        return self.press("Activar el segundo paso", RecoveryCodes)


class RecoveryCodes(Screen):
    heading = "Guarde estos códigos"


class SecondStep(Screen):
    heading = "Segundo paso"


class Account(Screen):
    heading = "Su cuenta"


class WriteCode(Screen):
    heading = "Escriba el código"
