"""What people follow."""

from typing import Any

from sqlalchemy.orm import Session

from consulta import clock
from consulta.follows.models import Follow, Mode
from consulta.people.models import Person
from tests.factories import store
from tests.factories.people import make_person


def make_follow(session: Session, person: Person | None = None, **changes: Any) -> Follow:
    """Somebody follows a `topic` or a `proposal`; with neither, the answers to them."""
    topic, proposal = changes.pop("topic", None), changes.pop("proposal", None)
    fields: dict[str, Any] = {
        "person_id": (person or make_person(session)).id,
        "topic_id": topic.id if topic else None,
        "proposal_id": proposal.id if proposal else None,
        "mode": Mode.AT_ONCE,
        "created_at": clock.now(),
    }
    return store(session, Follow(**{**fields, **changes}))
