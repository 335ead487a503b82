"""Digests: at their hour, what waited for each person goes into one mail.

Whatever was told before the last hour and is in no mail yet is due, so nothing has to remember which digests were
made: a worker that slept through its hour makes them when it wakes.
"""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from consulta import clock
from consulta.database import Database, table_of, writing
from consulta.follows.models import DIGESTS, Mode, Notice
from consulta.follows.rules import last_digest
from consulta.outbox.models import OutboxKind, OutboxRow

PAGE = 100
DIGEST_MAIL = "follow_digest"
_NOTICES = table_of(Notice)
_MAILS = sa.insert(OutboxRow).returning(OutboxRow.id, sort_by_parameter_order=True)
_TAKE = (
    sa.update(_NOTICES)
    .where(
        _NOTICES.c.person_id == sa.bindparam("reader"),
        _NOTICES.c.mode == sa.bindparam("of_mode"),
        _NOTICES.c.mail_id.is_(None),
        _NOTICES.c.told_at < sa.bindparam("due"),
    )
    .values(mail_id=sa.bindparam("mail"))
)


def make_digests(database: Database) -> int:
    """Make the digests of some of the persons for whom one is due; how many."""
    now = clock.now()
    for mode in DIGESTS:
        due = last_digest(mode, now)
        with database.session() as session:
            if session.scalar(_waiting(mode, due).limit(1)) is None:
                continue
            with writing(session):
                return _make_page(session, mode, due)
    return 0


def _waiting(mode: Mode, due: datetime) -> sa.Select[int]:
    """The persons for whom something waits, each as often as there is something."""
    return sa.select(Notice.person_id).where(Notice.mail_id.is_(None), Notice.mode == mode, Notice.told_at < due)


def _make_page(session: Session, mode: Mode, due: datetime) -> int:
    persons = session.scalars(_waiting(mode, due).distinct().order_by(Notice.person_id).limit(PAGE)).all()
    # Another worker at the same page waits here, and then finds nothing left.
    taken = session.scalars(_waiting(mode, due).where(Notice.person_id.in_(persons)).with_for_update(of=Notice)).all()
    readers = sorted(set(taken))
    common = {"kind": OutboxKind.NOTICE, "name": DIGEST_MAIL, "available_at": clock.now()}
    rows = [{**common, "payload": {"person_id": person_id, "mode": mode.value}} for person_id in readers]
    mails = session.scalars(_MAILS, rows).all() if rows else ()
    if rows:
        facts = {"of_mode": mode, "due": due}
        pairs = zip(readers, mails, strict=True)
        session.connection().execute(_TAKE, [{**facts, "reader": reader, "mail": mail} for reader, mail in pairs])
    return len(readers)
