"""What people ask about their own data."""

from tests.journeys.pages.screen import Screen


class OwnData(Screen):
    heading = "Sus datos"

    def take_copy(self) -> str:
        """Download it; the name of the file."""
        form = self.follow("Descargar sus datos", Copy)
        with self.page.expect_download() as download:
            form.page.get_by_role("button", name="Descargar mis datos").click()
        form.follow("Volver a sus datos", OwnData)
        return str(download.value.suggested_filename)

    def erase(self) -> "Erasure":
        return self.follow("Borrar sus datos", Erasure)


class Copy(Screen):
    heading = "Descargar sus datos"


class Erasure(Screen):
    heading = "Borrar sus datos"

    def ask(self) -> "ErasureWaits":
        self.tick("Entiendo que")
        return self.press("Pedir que borren mis datos", ErasureWaits)


class ErasureWaits(Screen):
    heading = "Borraremos sus datos"

    def keep(self) -> OwnData:
        return self.press("Conservar mis datos", OwnData)
