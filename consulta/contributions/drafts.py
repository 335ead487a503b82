"""What people with an account are writing: kept while they write, gone when it is sent or after a quarter of a year."""

from collections.abc import Mapping, Sequence
from datetime import timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session, selectinload

from consulta import clock
from consulta.changes import transaction
from consulta.contributions.models import Contribution, Draft
from consulta.database import by_dialect, table_of, writing
from consulta.errors import NotFound, StaleVersion
from consulta.keys import EPOCH, MICROSECOND
from consulta.people.actors import Actor
from consulta.permissions import Permission
from consulta.plans.models import Topic

KEPT_FOR = timedelta(days=90)
# Somebody who begins more loses the one touched longest ago.
DRAFTS_MAX = 50

_TABLE = table_of(Draft)
_BEGIN = by_dialect(
    lambda insert: insert(_TABLE).on_conflict_do_nothing(index_elements=["person_id", "place"]).returning(_TABLE.c.id)
)


def place_of(topic_id: int | None, parent_id: int | None) -> str:
    """The key of where a text goes: one draft for each."""
    return f"reply:{parent_id}" if parent_id is not None else f"topic:{topic_id}"


def stamp_of(draft: Draft) -> int:
    """What tells a draft as it is now from what it was before."""
    return (draft.updated_at - EPOCH) // MICROSECOND


def save_draft(
    session: Session,
    *,
    actor: Actor,
    topic_id: int | None,
    parent_id: int | None,
    fields: Mapping[str, str],
    seen: int | None = None,
) -> Draft:
    """Keep what was typed for a place, instead of the draft that was `seen` there. No audit: nothing was said yet.

    Raises StaleVersion when another text was kept there meanwhile; that one stays.
    """
    with transaction(session, actor=actor) as change:
        change.require(Permission.CONTRIBUTION_SUBMIT)
        place, typed = place_of(topic_id, parent_id), dict(fields)
        row = {"person_id": actor.person_id, "place": place, "topic_id": topic_id, "parent_id": parent_id}
        begun = session.execute(_BEGIN(session), {**row, "fields": typed, "updated_at": change.now}).scalar()
        draft = session.scalars(_at(actor.person_id, place).with_for_update()).one()
        if begun is None and draft.fields != typed:
            if stamp_of(draft) != seen:
                raise StaleVersion(draft, seen or 0, stamp_of(draft))
            draft.fields, draft.updated_at = typed, change.now
        _drop_beyond(session, actor.person_id)
    return draft


def end_draft(
    session: Session, *, actor: Actor, place: str, seen: int | None, fields: Mapping[str, str] | None = None
) -> Draft | None:
    """Forget the draft that was `seen` at a place, or says the same; one that changed meanwhile stays, returned."""
    with transaction(session, actor=actor) as change:
        change.require(Permission.CONTRIBUTION_SUBMIT)
        draft = session.scalars(_at(actor.person_id, place).with_for_update()).one_or_none()
        if draft is None or (stamp_of(draft) != seen and draft.fields != fields):
            return draft
        session.delete(draft)
    return None


def drop_draft(session: Session, *, actor: Actor, place: str) -> None:
    """Forget an own draft; nothing when there is none."""
    with transaction(session, actor=actor) as change:
        change.require(Permission.CONTRIBUTION_SUBMIT)
        _delete(session, Draft.person_id == actor.person_id, Draft.place == place)


def find_draft(session: Session, person_id: int | None, place: str) -> Draft | None:
    """What a person was writing for a place."""
    return session.scalars(_at(person_id, place)).one_or_none()


# What hangs on a draft is read apart: most people have none, and joining it costs as much as the rest of their page.
_OWN = (
    sa.select(Draft)
    .where(Draft.person_id == sa.bindparam("person_id"))
    .options(
        selectinload(Draft.topic).joinedload(Topic.plan),
        selectinload(Draft.parent).joinedload(Contribution.person),
    )
)
_OWN_ONE = _OWN.where(Draft.id == sa.bindparam("draft_id"))
_OWN_LIST = _OWN.order_by(Draft.updated_at.desc(), Draft.id.desc())


def find_own_draft(session: Session, person_id: int | None, draft_id: int) -> Draft:
    """A draft by its id. Raises NotFound for anybody else's."""
    draft = session.scalars(_OWN_ONE, {"person_id": person_id, "draft_id": draft_id}).one_or_none()
    if draft is None:
        raise NotFound("Draft", draft_id)
    return draft


def list_drafts(session: Session, person_id: int | None) -> Sequence[Draft]:
    """What a person is writing, the latest first."""
    return session.scalars(_OWN_LIST, {"person_id": person_id}).all()


def forget_old_drafts(session: Session) -> int:
    """Drop what nobody has touched for a quarter of a year; how many."""
    is_old = Draft.updated_at < clock.now() - KEPT_FOR
    if session.scalar(sa.select(Draft.id).where(is_old).limit(1)) is None:
        return 0
    with writing(session):
        return _delete(session, is_old)


def _at(person_id: int | None, place: str) -> sa.Select[Draft]:
    statement = sa.select(Draft).where(Draft.person_id == person_id, Draft.place == place)
    return statement.execution_options(populate_existing=True)


def _drop_beyond(session: Session, person_id: int | None) -> None:
    newest = sa.select(Draft.id).where(Draft.person_id == person_id).order_by(Draft.updated_at.desc(), Draft.id.desc())
    extra = session.scalars(newest.offset(DRAFTS_MAX)).all()
    if extra:
        _delete(session, Draft.id.in_(extra))


def _delete(session: Session, *conditions: sa.ColumnElement[bool]) -> int:
    statement = sa.delete(Draft).where(*conditions).returning(Draft.id)
    return len(session.execute(statement, execution_options={"synchronize_session": False}).all())
