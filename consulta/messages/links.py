"""Addresses in mails: absolute, of this site, each opening a page (never doing anything by itself)."""

from dataclasses import dataclass, field
from urllib.parse import quote


@dataclass(frozen=True)
class Site:
    """The site that sends: its public address, and the secret that signs what a link may carry."""

    url: str
    secret_key: str = field(repr=False, default="")

    def address(self, path: str) -> str:
        """The absolute address of a path that begins with a slash."""
        return self.url.rstrip("/") + path

    def proposal(self, folio: str) -> str:
        return self.address(f"/propuestas/{quote(folio)}")

    def own_contribution(self, contribution_id: int) -> str:
        """Where its author sees one text and does what is asked for it."""
        return self.address(f"/participar/aportes/{contribution_id}/")

    def tracking(self) -> str:
        """Where who has no account sees what they sent, by its folio and its code; neither is in the address."""
        return self.address("/seguimiento")

    def results(self, plan_code: str) -> str:
        return self.address(f"/planes/{quote(plan_code)}/resultados")

    def followed(self) -> str:
        """Where people choose what they follow and how they hear of it."""
        return self.address("/participar/seguir/")

    def stop(self, token: str) -> str:
        """The page that ends a kind of mail by its button; a mail program may press it by itself."""
        return self.address(f"/participar/avisos/{quote(token)}")

    def contribution(self, contribution_id: int) -> str:
        """Where it can be read, whatever becomes of the conversation around it."""
        return self.address(f"/aportes/{contribution_id}")

    def institution_tray(self) -> str:
        return self.address("/institucion/")

    def coordination_tray(self) -> str:
        return self.address("/coordinacion/")
