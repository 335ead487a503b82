"""What a liaison fills in: an answer, or why a proposal goes back."""

from typing import Any, Self

from wtforms import RadioField, SelectMultipleField, StringField, TextAreaField
from wtforms.validators import InputRequired
from wtforms.widgets import CheckboxInput

from consulta.errors import Invalid
from consulta.people.models import Institution
from consulta.referrals.models import Reason, Referral, ResponseOutcome
from consulta.referrals.rules import check_justification
from consulta.text import clean
from consulta.web.fields import ChoiceField, options
from consulta.web.forms import Form
from consulta.web.i18n import gettext as _
from consulta.web.i18n import lazy_gettext as _l


class RespondForm(Form):
    """An institution's answer; what the texts must hold is for the rules to say."""

    outcome = RadioField(
        _l("¿Incorpora su institución esta propuesta?"),
        validators=[InputRequired(_l("Diga si su institución incorpora la propuesta."))],
    )
    reasons = SelectMultipleField(_l("Motivos"), option_widget=CheckboxInput())
    reason_detail = StringField(_l("Detalle del motivo"))
    justification = TextAreaField(_l("Justificación pública"))

    @classmethod
    def of(cls, referral: Referral) -> Self:
        """The form over the answer that holds, if there is one."""
        answer = referral.response
        shown: dict[str, Any] = {"version": referral.version}
        if answer is not None:
            shown |= {
                "outcome": answer.outcome.value,
                "reasons": answer.reasons,
                "reason_detail": answer.reason_detail,
                "justification": answer.justification,
            }
        form = cls(data=shown)
        form.outcome.choices = options(ResponseOutcome)
        form.reasons.choices = [one for one in options(Reason) if one[0] != Reason.NO_ANSWER.value]
        return form

    def validate(self, extra_validators: Any = None) -> bool:
        """Without an outcome the rules cannot judge the whole; what they say of the text is said at once."""
        valid: bool = super().validate(extra_validators)
        if not valid:
            self._take_problems(Invalid(*check_justification(justification=clean(self.justification.data or ""))))
        return valid

    def values(self) -> dict[str, Any]:
        return {
            "outcome": ResponseOutcome(self.outcome.data),
            "reasons": [Reason(value) for value in self.reasons.data or []],
            "reason_detail": self.reason_detail.data or "",
            "justification": self.justification.data or "",
        }

    def _compare(self, subject: object) -> Any:
        """A stale form is compared with the answer that holds now."""
        answer = subject.response if isinstance(subject, Referral) else None
        return super()._compare(answer if answer is not None else subject)


class ReturnForm(Form):
    """Why it is not for this institution to answer, and for which one it is."""

    reason = TextAreaField(_l("¿Por qué no le compete a su institución?"))
    suggested_institution = ChoiceField(_l("¿A qué institución le compete?"), coerce=int)

    @classmethod
    def of(cls, referral: Referral, institutions: list[Institution]) -> Self:
        form = cls(data={"version": referral.version})
        others = [place for place in institutions if place.id != referral.institution_id]
        form.suggested_institution.choices = [
            ("", _("No lo sé")),
            *((str(place.id), f"{place.code} · {place.name}") for place in others),
        ]
        return form
