"""The people of a story, each with a browser of their own."""

from datetime import datetime, timedelta
from typing import Self, TypeVar

from playwright.sync_api import Page

from consulta import clock
from consulta.commands import OPERATOR
from consulta.people.models import Role
from consulta.people.services import invite_person
from tests.clients import Clients
from tests.journeys.looking import watch
from tests.journeys.pages.account import Confirmation, Invitation, SignIn, SignUp
from tests.journeys.pages.screen import Screen
from tests.journeys.serving import LiveSite
from tests.journeys.watching import WIDE, Windows

PASSWORD = "una frase larga y tranquila"
Next = TypeVar("Next", bound=Screen)


class Someone:
    """A person at a browser."""

    def __init__(
        self, site: LiveSite, browse: Windows, email: str = "", *, scripts: bool = True, viewport: dict[str, int] = WIDE
    ) -> None:
        self.site, self.email = site, email
        self.page: Page = browse(site, scripts=scripts, viewport=viewport).new_page()

    def looking(self) -> Self:
        """From now on each screen is looked at as it shows, for what would keep anybody out."""
        watch(self.page)
        return self

    def inside(self, identity: str) -> Self:
        """Already signed in, as one of the identities of all tests."""
        token = Clients(self.site.app, self.site.database)(identity).token
        self.page.context.add_cookies([{"name": "consulta", "value": token, "url": self.site.url}])
        return self

    def open(self, path: str, to: type[Next]) -> Next:
        self.page.goto(path)
        return to(self.page)

    def accept_invitation(self) -> None:
        """Follow the invitation that came by mail, and enter."""
        mail = self.site.mails_to(self.email)[-1]
        self.open(mail.link("/cuenta/invitacion/"), Invitation).accept(PASSWORD).enter(self.email, PASSWORD)

    def sign_up(self, name: str) -> None:
        """Create an account and confirm it by the link of the mail, whose page asks for the password and enters."""
        self.open("/cuenta/crear", SignUp).create(name, self.email, PASSWORD)
        mail = self.site.mails_to(self.email)[-1]
        self.open(mail.link("/cuenta/confirmar/"), Confirmation).confirm(PASSWORD)

    def sign_in(self) -> None:
        self.open("/cuenta/entrar", SignIn).enter(self.email, PASSWORD)


def invite_first_administrator(site: LiveSite, email: str) -> None:
    """What the console command does on a new machine."""
    with site.database.session() as session:
        invite_person(
            session,
            actor=OPERATOR,
            public_name="Administración",
            email=email,
            role=Role.ADMIN,
            institution_id=None,
            allows_test=True,
        )


def in_days(days: int) -> datetime:
    """This time of day, some days from now."""
    return clock.now() + timedelta(days=days)
