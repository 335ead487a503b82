"""Long conversations, written straight into the tables with the counters that the services would have kept."""

from datetime import timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from consulta import clock
from consulta.contributions.models import Channel, Contribution, ContributionState
from consulta.database import writing
from consulta.plans.models import Topic
from consulta.text import sanitize
from tests.factories import number
from tests.factories.people import make_person
from tests.factories.proposals import make_proposal

# Far above what the other factories give, and of no use to a counter of the database.
FIRST_ID, APART = 1_000_000, 100_000
BODY = "En nuestra comunidad pasa lo mismo y nadie sabe a quién preguntar. Publicarlo ayudaría."
BODY_HTML = sanitize(BODY)


class Thread:
    """Replies below one contribution that is stored already; `write()` stores them all at once."""

    def __init__(self, session: Session, root: Contribution) -> None:
        self._session, self._root = session, root
        self._person_id = make_person(session).id
        self._rows: dict[int, dict[str, Any]] = {}
        self._next = FIRST_ID + number() * APART

    def add(self, parent: int | None = None, **changes: Any) -> int:
        """One reply, to the root when no parent is named; its id."""
        key, above = self._next + len(self._rows), self._rows.get(parent or 0)
        body = changes.pop("body", f"Respuesta {key}: en nuestra comunidad pasa lo mismo y nadie sabe nada.")
        self._rows[key] = {
            "id": key,
            "plan_id": self._root.plan_id,
            "topic_id": self._root.topic_id,
            "person_id": self._person_id,
            "channel": Channel.WEB,
            "state": ContributionState.PUBLISHED,
            "late": False,
            "version": 1,
            "parent_id": parent or self._root.id,
            "root_id": self._root.id,
            "depth": above["depth"] + 1 if above else 1,
            "received_at": clock.now() + timedelta(milliseconds=len(self._rows)),
            "body": body,
            "public_body": body,
            "public_html": BODY_HTML if body is BODY else sanitize(body),
            "support_count": 0,
            "reply_count": 0,
            **changes,
        }
        return key

    def chain(self, length: int, parent: int | None = None) -> list[int]:
        """Answers to answers."""
        keys: list[int] = []
        for _ in range(length):
            keys.append(self.add(keys[-1] if keys else parent))
        return keys

    def write(self) -> None:
        shown = [row for row in self._rows.values() if row["state"] is ContributionState.PUBLISHED]
        for row in shown:
            above = self._rows.get(row["parent_id"])
            while above is not None:
                above["reply_count"] += 1
                above = self._rows.get(above["parent_id"])
        count = {"reply_count": len(shown)}
        if not self._rows:
            return
        with writing(self._session):
            self._session.execute(sa.insert(Contribution), list(self._rows.values()))
            self._session.execute(sa.update(Contribution).where(Contribution.id == self._root.id).values(count))


def fill_topic(session: Session, topic: Topic, roots: list[Contribution], replies: int) -> set[int]:
    """Proposals with replies in all shapes: a deep one, one with a long branch, one with very many direct replies."""
    threads = [Thread(session, root) for root in roots]
    found = {root.id for root in roots}
    for root in roots:
        make_proposal(session, topic, source=root)
    deep, branched, wide = threads[0], threads[1 % len(threads)], threads[2 % len(threads)]
    found |= set(deep.chain(min(24, replies // 3)))
    branch = [branched.add()]
    for n in range(min(600, replies // 3)):
        branch.append(branched.add(branch[n // 3]))
    found |= set(branch)
    found |= {thread.add() for thread in threads[3:] for _ in range(2)}
    while len(found) < replies + len(roots):
        direct = wide.add()
        found |= {direct, *(wide.add(direct) for _ in range(direct % 40 // 10))}
    for thread in threads:
        thread.write()
    return found
