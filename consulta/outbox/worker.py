"""The worker: sends mail, tells followers, writes the search index, does what is due. One process is enough."""

import logging
import threading
from collections.abc import Sequence
from datetime import datetime, timedelta

import sqlalchemy as sa

from consulta import clock
from consulta.cache_versions import raise_versions, search_scope
from consulta.database import Database, writing
from consulta.follows.digests import make_digests
from consulta.follows.spreading import spread_page
from consulta.messages.catalogue import find_message
from consulta.messages.links import Site
from consulta.messages.mail import Mail
from consulta.messages.sending import Post, PostUnavailable
from consulta.outbox.due import do_what_is_due
from consulta.outbox.models import OutboxKind, OutboxRow
from consulta.outbox.queue import MAX_ATTEMPTS, ClaimLost, Queue
from consulta.people.models import Person
from consulta.privacy.ledger import ErasureList
from consulta.privacy.retiring import erase_due, keep_up
from consulta.search.documents import affected, documents_of
from consulta.search.index import SearchIndex, rebuild

log = logging.getLogger("consulta.worker")
POLL_SECONDS = 1.0
AFTER_FAILURE_SECONDS = 5.0
# Few at a time, so that a slow server cannot outlast the claim.
MAIL_BATCH, INDEX_BATCH, EVENT_BATCH = 10, 500, 5
CLOCK_EVERY = timedelta(seconds=30)
FIRST_PAUSE, LONGEST_PAUSE = timedelta(seconds=5), timedelta(minutes=5)
# A message that says so is already for one reader.
READERS = frozenset({"person_id", "institution_id"})


class Worker:
    """Drains the outbox until it is stopped."""

    def __init__(self, database: Database, index: SearchIndex, post: Post, site: Site, erasures: ErasureList) -> None:
        self._database, self._index, self._post, self._site = database, index, post, site
        self._erasures, self._is_caught_up = erasures, False
        self._queue = Queue(database)
        self._stopping = threading.Event()
        self._clock_next: datetime | None = None
        self._mail_next: datetime | None = None
        self._index_next: datetime | None = None
        self._mail_pause = FIRST_PAUSE
        # Why mail waits, when it does.
        self.post_trouble: PostUnavailable | None = None

    def stop(self) -> None:
        """End after the row at hand; may be called by a signal."""
        self._stopping.set()

    def run(self, *, once: bool = False) -> None:
        """Work until stopped; with `once`, until nothing is left to do now."""
        while not self._stopping.is_set():
            try:
                worked = self.work()
            except sa.exc.SQLAlchemyError:
                if once:
                    raise
                log.exception("the database does not answer; trying again")
                self._stopping.wait(AFTER_FAILURE_SECONDS)
                continue
            if not worked and once:
                break
            if not worked:
                self._stopping.wait(POLL_SECONDS)
        self._post.close()

    def work(self) -> int:
        """One round; how many rows it took. Each lane does a little, so that none keeps another waiting."""
        if not self._is_caught_up:
            keep_up(self._database, self._erasures)
            self._is_caught_up = True
        self._keep_time()
        told = self._tell_some() + make_digests(self._database)
        return self._index_some() + self._mail_some(OutboxKind.MAIL) + told + self._mail_some(OutboxKind.NOTICE)

    def _keep_time(self) -> None:
        now = clock.now()
        if self._clock_next is not None and self._clock_next - CLOCK_EVERY <= now < self._clock_next:
            return
        self._clock_next = now + CLOCK_EVERY
        do_what_is_due(self._database)
        with self._database.session() as session:
            erase_due(session, self._erasures)

    def _index_some(self) -> int:
        """Bring the index up to date with one commit, whatever the number of rows."""
        if not self._index_is_ready():
            return 0
        rows = self._queue.claim(OutboxKind.INDEX, INDEX_BATCH)
        if not rows:
            return 0
        try:
            self._write_index(rows)
        except Exception as error:
            log.exception("the search index was not written")
            for row in rows:
                self._queue.fail(row, error)
        else:
            self._renew_search_pages()
            self._queue.finish(rows)
        return len(rows)

    def _index_is_ready(self) -> bool:
        """Make the index again when it is missing or damaged; the rows wait until that works."""
        if self._index.is_usable():
            return True
        if self._index_next is not None and clock.now() < self._index_next:
            return False
        log.warning("no search index that can be read: making it from the database")
        try:
            rebuild(self._index, self._database)
        except Exception:
            log.exception("the search index could not be made")
            self._index_next = clock.now() + LONGEST_PAUSE
            return False
        self._index_next = None
        self._renew_search_pages()
        return True

    def _write_index(self, rows: Sequence[OutboxRow]) -> None:
        with self._database.reading() as session:
            objects = dict.fromkeys((row.name, int(row.payload["id"])) for row in rows)
            wanted: dict[str, set[int]] = {}
            for name, object_id in objects:
                for kind, key in affected(session, name, object_id):
                    wanted.setdefault(kind, set()).add(key)
            documents = [document for kind, ids in wanted.items() for document in documents_of(session, kind, ids)]
        present = {document.key for document in documents}
        gone = [(kind, key) for kind, ids in wanted.items() for key in ids if (kind, key) not in present]
        self._index.update(documents, gone)
        if any(name == Person.__tablename__ for name, _ in objects):
            self._index.forget_deleted()  # somebody was erased

    def _renew_search_pages(self) -> None:
        with self._database.session() as session, writing(session):
            raise_versions(session, [search_scope()])

    def _tell_some(self) -> int:
        """Tell one page of followers of each of some events; an event with more of them goes on in the next round."""
        rows = self._queue.claim(OutboxKind.EVENT, EVENT_BATCH)
        for row in rows:
            try:
                with self._database.session() as session, writing(session):
                    self._queue.advance(session, row, spread_page(session, row))
            except ClaimLost:
                log.warning("event %s was taken over by another worker", row.id)
            except Exception as error:
                log.exception("event %s was not told", row.id)
                self._queue.fail(row, error)
        return len(rows)

    def _mail_some(self, lane: OutboxKind) -> int:
        now = clock.now()
        if self._mail_next is not None and now < self._mail_next:
            return 0
        rows = self._queue.claim(lane, MAIL_BATCH)
        for position, row in enumerate(rows):
            if self._stopping.is_set():
                self._queue.release(rows[position:], InterruptedError("the worker was stopped"))
                break
            try:
                self._send(row)
            except PostUnavailable as trouble:
                self._pause_mail(trouble)
                self._queue.release(rows[position:], trouble)
                return position
            except Exception as error:
                log.warning("mail %s (%s) failed: %s", row.id, row.name, type(error).__name__)
                self._queue.fail(row, error)
        return len(rows)

    def _send(self, row: OutboxRow) -> None:
        """First written, then sent, then marked: stopped in between, it is sent again with the same Message-ID."""
        if row.attempts > MAX_ATTEMPTS:
            raise RuntimeError("the worker never came back from this mail")
        message = find_message(row.name)
        if message.each is not None and not READERS.intersection(row.payload):
            with self._database.reading() as session:
                readers = message.each(session, **row.payload)
            self._queue.spread(row, [{**row.payload, **reader} for reader in readers])
            return
        mail = self._write(row)
        if mail is not None:
            self._post.deliver(mail, str(row.id))
            self.post_trouble, self._mail_pause, self._mail_next = None, FIRST_PAUSE, None
        self._queue.finish([row])

    def _write(self, row: OutboxRow) -> Mail | None:
        # What a notice tells is what points to its row.
        ids = {"mail_id": row.id} if row.kind is OutboxKind.NOTICE else {}
        with self._database.reading() as session:
            return find_message(row.name).render(session, self._site, **row.payload, **ids)

    def _pause_mail(self, trouble: PostUnavailable) -> None:
        """Leave the server alone for a while, longer each time."""
        log.warning("mail waits %s: %s", self._mail_pause, trouble)
        self.post_trouble = trouble
        self._mail_next = clock.now() + self._mail_pause
        self._mail_pause = min(self._mail_pause * 2, LONGEST_PAUSE)
