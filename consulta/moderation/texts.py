"""The stored texts that moderators begin from: one for each reason, worded by the coordinator."""

from sqlalchemy.orm import Session

from consulta.changes import transaction
from consulta.errors import Invalid, StaleVersion
from consulta.moderation.models import StoredText
from consulta.moderation.queries import find_stored_text
from consulta.moderation.rules import check_stored_text
from consulta.people.actors import Actor
from consulta.permissions import Permission
from consulta.text import clean


def store_text(session: Session, *, actor: Actor, code: str, text: str, version: int | None) -> StoredText:
    """Give a reason other words. Raises NotFound, Invalid and StaleVersion; version 0 is the first wording."""
    text = clean(text)
    if problems := check_stored_text(text):
        raise Invalid(*problems)
    with transaction(session, actor=actor) as change:
        change.require(Permission.TEXTS_KEEP)
        stored = find_stored_text(session, code)
        if version is not None and stored.version != version:
            raise StaleVersion(stored, version, stored.version)
        before = stored.text
        stored.text = text
        if stored.version:
            change.edit(stored, "stored_text.edit", before=before)
        else:
            stored.version = 1
            change.create(stored, "stored_text.create", code=code, before=before)
    return stored
