"""What a form tells of how it was sent: when it was first shown, and a field that only programs fill."""

from typing import Any

from wtforms import HiddenField, StringField

from consulta.contributions.holding import Sending
from consulta.errors import TooMany
from consulta.limits.rules import Deed
from consulta.receipts import has_recorded
from consulta.web.context import actor, db
from consulta.web.forms import Form
from consulta.web.limiting import address_prefix, spend
from consulta.web.timing import seconds_since, started_now

SENDING_FIELDS = ("started", "remark")


class SendingForm(Form):
    """A form that knows since when it is being filled. `remark` is out of sight and reach of people."""

    started = HiddenField()
    remark = StringField()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if seconds_since(self.started.data or "") is None:
            self.started.data = started_now()

    @property
    def sending(self) -> Sending:
        return Sending(seconds_since(str(self.started.data)) or 0.0, bool(self.remark.data), address_prefix())


def spend_post(form_key: str) -> None:
    """Count a post. What was recorded already is answered again, however often it is sent. Raises TooMany."""
    try:
        spend(Deed.POST, account=actor().person_id, use=form_key)
    except TooMany:
        if not has_recorded(db(), form_key=form_key, person_id=actor().person_id):
            raise
