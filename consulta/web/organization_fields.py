"""Which organisation of society: one of the list, or another one by what it is called."""

from collections.abc import Sequence
from typing import Any

from consulta.people.models import Institution, InstitutionKind
from consulta.representation.rules import SOCIETY_KINDS
from consulta.representation.services import Organization
from consulta.web.fields import ChoiceField, LineField, options
from consulta.web.i18n import gettext
from consulta.web.i18n import lazy_gettext as _l

MISSING_NAME = _l("Elija la organización de la lista o escriba su nombre.")


class OrganizationFields:
    """For a form of which they are part."""

    organization = ChoiceField(_l("Organización"), coerce=int)
    name = LineField(_l("Nombre de la organización"))
    code = LineField(_l("Siglas"))
    kind = ChoiceField(_l("Tipo de organización"), coerce=InstitutionKind)

    def offer(self, known: Sequence[Institution], *, blank: str) -> None:
        """Fill the choices; `blank` is what it says of one that is not among them."""
        self.organization.choices = [("", blank), *((str(one.id), f"{one.name} ({one.code})") for one in known)]
        self.kind.choices = options(SOCIETY_KINDS, blank=gettext("Elija el tipo"))

    @property
    def chosen(self) -> Organization:
        if self.organization.data is not None:
            return Organization(self.organization.data)
        words: dict[str, Any] = {"code": self.code.data or "", "name": self.name.data or "", "kind": self.kind.data}
        return Organization(None, **words)

    @property
    def names_another(self) -> bool:
        """Whether something was written of one that is not in the list."""
        return bool(self.name.data or self.code.data or self.kind.data or self.code.errors or self.name.errors)
