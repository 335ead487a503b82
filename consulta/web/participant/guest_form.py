"""What the check page asks of who sends without an account."""

from wtforms import BooleanField, StringField
from wtforms.validators import InputRequired

from consulta.guests.services import Guest, Text
from consulta.web.i18n import lazy_gettext as _l
from consulta.web.participant.drafts import ComposeForm, Place


class GuestForm(ComposeForm):
    """A checked text, with a name, an address and a consent of its own."""

    public_name = StringField(
        _l("Nombre que verán las demás personas"),
        [InputRequired(_l("Escriba el nombre que verán las demás personas."))],
    )
    email = StringField(_l("Correo electrónico"), [InputRequired(_l("Escriba su correo electrónico."))])
    consents = BooleanField(
        _l("Acepto que mis datos se usen para esta consulta."),
        [InputRequired(_l("Para enviarlo debe aceptar el uso de sus datos."))],
    )

    @property
    def guest(self) -> Guest:
        return Guest(self.public_name.data or "", self.email.data or "", self.consents.data)

    def text(self, place: Place) -> Text:
        institution = place.institution(self.suggested_institution.data or "")
        return Text(
            topic_id=place.topic_id,
            parent_id=place.parent_id,
            title=self.title.data or "",
            body=self.body.data or "",
            suggested_institution_id=institution.id if institution else None,
            suggested_institution_text=self.suggestion,
        )
