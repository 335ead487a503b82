"""Notes among the team about a contribution; they are read by whoever moderates and by nobody else."""

from sqlalchemy.orm import Session

from consulta.changes import transaction
from consulta.contributions.models import Contribution
from consulta.errors import Invalid, NotFound
from consulta.moderation.models import StaffNote
from consulta.moderation.rules import check_note
from consulta.people.actors import Actor
from consulta.permissions import Permission
from consulta.text import clean


def write_note(
    session: Session, *, actor: Actor, contribution_id: int, text: str, form_key: str | None = None
) -> StaffNote:
    """Leave a note; the log tells that there is one, never what it says. Raises Invalid and KeyReused."""
    text = clean(text)
    if problems := check_note(text):
        raise Invalid(*problems)
    with transaction(session, actor=actor) as change:
        contribution = change.lock(Contribution, contribution_id)
        change.require(Permission.CONTRIBUTION_MODERATE, contribution)
        if actor.person_id is None:
            raise NotFound("Person")
        receipt = change.claim(form_key, contribution=contribution_id, text=text)
        if receipt.earlier:
            return session.get_one(StaffNote, int(receipt.earlier))
        note = StaffNote(contribution_id=contribution.id, person_id=actor.person_id, text=text, written_at=change.now)
        session.add(note)
        session.flush()
        receipt.fill(note.id)
        change.record("contribution.note", contribution)
    return note
