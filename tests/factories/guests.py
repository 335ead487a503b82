"""Texts of people without an account."""

from typing import Any

from sqlalchemy.orm import Session

from consulta.contributions.holding import Sending
from consulta.contributions.models import Contribution
from consulta.guests.models import GuestSubmission
from consulta.guests.services import Guest, Text, confirm_submission, send_as_guest
from consulta.plans.models import Topic
from tests.factories import SCRIPT, number

SECRET = "tests-only-secret-0123456789-abcdefghij"


def send_text(session: Session, topic: Topic, parent: Contribution | None = None, **changes: Any) -> GuestSubmission:
    """A text that waits for its author, of a new name and address when none are given."""
    n = number()
    guest = Guest(changes.pop("public_name", f"Vecina {n}"), changes.pop("email", f"vecina{n}@example.org"), True)
    body = changes.pop("body", f"Propongo publicar cuánta agua llega a cada barrio. {n} {SCRIPT}")
    topic_id, parent_id = (None, parent.id) if parent else (topic.id, None)
    text = Text(topic_id, parent_id, title="" if parent else "Agua en los barrios", body=body)
    form_key = changes.pop("form_key", f"clave-{n}")
    send_as_guest(session, guest=guest, text=text, sending=Sending(30.0, **changes), form_key=form_key)
    session.rollback()
    return session.query(GuestSubmission).filter_by(form_key=form_key).one()


def make_guest_contribution(session: Session, topic: Topic, parent: Contribution | None = None) -> Contribution:
    """What a guest sent and confirmed; it waits for a moderator."""
    waiting = send_text(session, topic, parent)
    done = confirm_submission(session, submission_id=waiting.id, form_key="confirma", secret_key=SECRET)
    assert done.contribution_id is not None
    return session.get_one(Contribution, done.contribution_id)
