"""What people ask about their own data."""

from tests.journeys.pages.screen import Screen


class OwnData(Screen):
    heading = "Sus datos"

    def erase(self) -> "Erasure":
        return self.follow("Borrar sus datos", Erasure)


class Erasure(Screen):
    heading = "Borrar sus datos"

    def ask(self) -> "ErasureWaits":
        self.tick("Entiendo que")
        return self.press("Pedir que borren mis datos", ErasureWaits)


class ErasureWaits(Screen):
    heading = "Borraremos sus datos"

    def keep(self) -> OwnData:
        return self.press("Conservar mis datos", OwnData)
