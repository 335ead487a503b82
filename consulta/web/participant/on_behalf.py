"""On whose behalf somebody writes: asked of who represents an organisation, and of nobody else."""

from wtforms import RadioField

from consulta.errors import Problem
from consulta.keys import key_of
from consulta.people.models import Institution, Role
from consulta.representation.queries import represented_by
from consulta.web.context import actor, db
from consulta.web.i18n import gettext
from consulta.web.i18n import lazy_gettext as _l
from consulta.web.participant.sending import SendingForm

QUESTION = _l("¿En nombre de quién escribe?")
OWN = _l("En mi nombre")


def own_organization() -> Institution | None:
    """The organisation that the reader represents; asks the database only where there is one."""
    return represented_by(db(), actor().person_id) if actor().institutions(Role.ORG_REP) else None


def on_behalf_of(organization: Institution) -> str:
    return gettext("En nombre de %(organization)s", organization=organization.name)


class BehalfForm(SendingForm):
    """A text of one's own, or of the organisation that one represents: its id, or nothing."""

    organization = RadioField(QUESTION, choices=[], validate_choice=False, default="")

    def offer_organization(self) -> None:
        """Fill the choices of a form that is shown."""
        if (organization := own_organization()) is None:
            return
        self.organization.choices = [("", OWN), (str(organization.id), on_behalf_of(organization))]
        if self.organization_id != organization.id:
            self.organization.data = ""

    @property
    def organization_id(self) -> int | None:
        return key_of(self.organization.data or "")

    def check_organization(self) -> list[Problem]:
        """What was chosen must hold now. Who is not signed in yet chooses again later."""
        if not self.organization.data or not actor().is_known:
            return []
        held = actor().institutions(Role.ORG_REP)
        if self.organization_id in held:
            return []
        if not held:
            self.organization.data = ""
        return [Problem("organization" if held else "", "organization_not_yours")]
