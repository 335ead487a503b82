"""The site as a browser meets it: the real application on a port of this machine, with a clock that a story can set."""

import email
import email.policy
import re
import socket
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from email.message import EmailMessage
from pathlib import Path
from typing import TYPE_CHECKING, Any

from flask import Flask
from werkzeug.serving import WSGIRequestHandler, make_server

from config import Config
from consulta import clock
from consulta.database import Database
from consulta.messages.links import Site
from consulta.messages.sending import open_post
from consulta.moderation.rules import MAIL_WAITS
from consulta.outbox.worker import Worker
from consulta.privacy.ledger import FILE_NAME, ErasureList
from consulta.search.index import open_index

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse

HOST = "127.0.0.1"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
        return port


class LiveSite:
    """The application served in this process; `work()` does what its worker would, and then mails can be read."""

    def __init__(self, app: Flask, database: Database, config: Config) -> None:
        self.app, self.database, self.config = app, database, config
        self.url = config.site_url
        # What the clock of the site says; None is the true time.
        self.moment: datetime | None = None

    def __call__(self, environ: dict[str, Any], start_response: "StartResponse") -> Iterable[bytes]:
        # Read whole, so that no file stays open when a browser goes away.
        with self._clock():
            answer = self.app(environ, start_response)
            try:
                return [b"".join(answer)]
            finally:
                if hasattr(answer, "close"):
                    answer.close()

    @contextmanager
    def _clock(self) -> Iterator[None]:
        if self.moment is None:
            yield
            return
        with clock.set_to(self.moment):
            yield

    @contextmanager
    def serving(self) -> Iterator["LiveSite"]:
        port = int(self.url.rpartition(":")[2])
        server = make_server(HOST, port, self, threaded=True, request_handler=_Quiet)
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield self
        finally:
            server.shutdown()
            thread.join()
            server.server_close()

    def work(self) -> None:
        """One round of the worker a moment later, when what a moderator did stands: deadlines, mails, index."""
        config = self.config
        worker = Worker(
            self.database,
            open_index(config, self.database),
            open_post(config),
            Site(config.site_url, config.secret_key),
            ErasureList(config.data_dir / FILE_NAME),
        )
        with clock.set_to((self.moment or clock.now()) + MAIL_WAITS):
            worker.run(once=True)

    @property
    def mails(self) -> list["Letter"]:
        """Every mail sent so far, the newest last."""
        folder = Path(self.config.data_dir) / "mail"
        files = sorted(folder.glob("*.eml"), key=lambda path: int(path.stem.rpartition("-")[2]))
        return [Letter(path) for path in files]

    def mails_to(self, address: str) -> list["Letter"]:
        """Mails of one person, after the worker had its turn."""
        self.work()
        return [mail for mail in self.mails if mail.to == address]


class Letter:
    """A mail as its reader sees it."""

    def __init__(self, path: Path) -> None:
        message = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
        assert isinstance(message, EmailMessage)
        self.to, self.subject = str(message["To"]), str(message["Subject"])
        self.text: str = message.get_content()

    @property
    def links(self) -> list[str]:
        return re.findall(r"https?://\S+", self.text)

    def link(self, part: str) -> str:
        """The one address of the mail whose path holds `part`."""
        found = [address for address in self.links if part in address]
        assert found, f"no link with {part} in: {self.text}"
        return found[0]


class _Quiet(WSGIRequestHandler):
    def log(self, type: str, message: str, *args: Any) -> None:
        """Requests are not printed."""
