"""What a form tells of how it was sent: when it was first shown, and a field that only programs fill."""

from itsdangerous import BadSignature, Signer
from wtforms import HiddenField, StringField

from consulta import clock
from consulta.contributions.holding import Sending
from consulta.errors import TooMany
from consulta.limits.rules import Deed
from consulta.receipts import has_recorded
from consulta.web.context import actor, db, parts
from consulta.web.forms import Form
from consulta.web.limiting import address_prefix, spend

SENDING_FIELDS = ("started", "remark")
MILLISECONDS = 1000


def _signer() -> Signer:
    return Signer(parts().config.secret_key, salt="form-started")


def started_now() -> str:
    """The present moment, signed, for a form that is shown for the first time."""
    return _signer().sign(str(round(clock.now().timestamp() * MILLISECONDS))).decode()


def seconds_since(started: str) -> float:
    """Seconds since a signed moment; none for one that we did not sign."""
    try:
        moment = int(_signer().unsign(started)) / MILLISECONDS
    except (BadSignature, ValueError):
        return 0.0
    return max(0.0, clock.now().timestamp() - moment)


class SendingForm(Form):
    """A form that knows since when it is being filled. `remark` is out of sight and reach of people."""

    started = HiddenField(default=started_now)
    remark = StringField()

    @property
    def sending(self) -> Sending:
        return Sending(seconds_since(self.started.data or ""), bool(self.remark.data), address_prefix())


def spend_post(form_key: str) -> None:
    """Count a post. What was recorded already is answered again, however often it is sent. Raises TooMany."""
    try:
        spend(Deed.POST, account=actor().person_id, use=form_key)
    except TooMany:
        if not has_recorded(db(), form_key=form_key, person_id=actor().person_id):
            raise
