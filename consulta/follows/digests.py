"""Digests: at their hour, what waited for each person goes into one mail.

Whatever was told before the last hour and is in no mail yet is due, so nothing has to remember which digests were
made: a worker that slept through its hour makes them when it wakes.
"""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from consulta import clock
from consulta.database import Database, writing
from consulta.follows.models import DIGESTS, Mode, Notice
from consulta.follows.rules import last_digest
from consulta.outbox.models import OutboxKind, OutboxRow

PAGE = 200
DIGEST_MAIL = "follow_digest"


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
    for person_id in sorted(set(taken)):
        payload = {"person_id": person_id, "mode": mode.value}
        mail = OutboxRow(kind=OutboxKind.NOTICE, name=DIGEST_MAIL, payload=payload, available_at=clock.now())
        session.add(mail)
        session.flush()
        session.execute(
            sa.update(Notice)
            .where(Notice.person_id == person_id, Notice.mode == mode, Notice.mail_id.is_(None), Notice.told_at < due)
            .values(mail_id=mail.id),
            execution_options={"synchronize_session": False},
        )
    return len(set(taken))
