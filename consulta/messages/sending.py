"""Delivering mails: over SMTP, or as `.eml` files where no server is set."""

import contextlib
import smtplib
import ssl
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from pathlib import Path
from typing import TYPE_CHECKING, Protocol
from urllib.parse import SplitResult, unquote, urlsplit

from consulta import clock
from consulta.messages.mail import Mail

if TYPE_CHECKING:
    from config import Config

TIMEOUT_SECONDS = 15
LOOPBACK = ("localhost", "127.0.0.1", "::1")


class PostUnavailable(Exception):
    """The mail server cannot be reached or does not let us in; no mail is at fault."""


class Post(Protocol):
    """Where mails are handed over. `deliver` raises PostUnavailable, or anything else that is wrong with one mail."""

    def deliver(self, mail: Mail, key: str) -> None:
        """Hand over a mail; `key` makes its Message-ID, the same however often it is sent."""

    def close(self) -> None:
        """End a conversation with the server, if there is one."""


def compose(mail: Mail, *, key: str, sender: str, host: str) -> EmailMessage:
    """The mail with its headers; sent again with the same key it has the same Message-ID."""
    letter = EmailMessage(policy=SMTP)
    letter["From"] = sender
    letter["To"] = mail.to
    letter["Subject"] = mail.subject
    letter["Date"] = format_datetime(clock.now())
    letter["Message-ID"] = f"<outbox-{key}@{host}>"
    letter["Auto-Submitted"] = "auto-generated"
    letter["Content-Language"] = "es-SV"
    if mail.stop is not None:
        # The reader's own mail program offers to stop, with one POST and no page (RFC 8058).
        letter["List-Unsubscribe"] = f"<{mail.stop}>"
        letter["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    letter.set_content(mail.body, charset="utf-8", cte="8bit")
    return letter


class FilePost:
    """Writes each mail as a file named after its key; sent again it is the same file."""

    def __init__(self, folder: Path, sender: str, host: str) -> None:
        self._folder, self._sender, self._host = folder, sender, host

    def deliver(self, mail: Mail, key: str) -> None:
        letter = compose(mail, key=key, sender=self._sender, host=self._host)
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            unfinished = self._folder / f".{key}.part"
            unfinished.write_bytes(letter.as_bytes())
            unfinished.replace(self._folder / f"outbox-{key}.eml")
        except OSError as error:
            raise PostUnavailable(f"mail folder: {error.strerror}") from error

    def close(self) -> None:
        """Nothing is kept open."""


class SmtpPost:
    """Speaks SMTP: `smtps://` encrypted from the start; `smtp://` with STARTTLS when the server offers it.

    A password is sent only over an encrypted connection, or to this machine. Certificates are always verified.
    """

    def __init__(self, url: str, sender: str, host: str) -> None:
        self._url, self._sender, self._host = urlsplit(url), sender, host
        self._server: smtplib.SMTP | None = None

    def deliver(self, mail: Mail, key: str) -> None:
        letter = compose(mail, key=key, sender=self._sender, host=self._host)
        server = self._connected()
        try:
            server.send_message(letter)
        except Exception:
            self.close()
            raise

    def close(self) -> None:
        server, self._server = self._server, None
        if server is not None:
            with contextlib.suppress(OSError, smtplib.SMTPException):
                server.quit()

    def _connected(self) -> smtplib.SMTP:
        if self._server is None:
            try:
                self._server = _connect(self._url)
            except (OSError, smtplib.SMTPException) as error:
                raise PostUnavailable(f"{self._url.hostname}: {error}") from error
        return self._server


def _connect(url: SplitResult) -> smtplib.SMTP:
    host, context = url.hostname or "localhost", ssl.create_default_context()
    if url.scheme == "smtps":
        server: smtplib.SMTP = smtplib.SMTP_SSL(host, url.port or 465, timeout=TIMEOUT_SECONDS, context=context)
    else:
        server = smtplib.SMTP(host, url.port or 25, timeout=TIMEOUT_SECONDS)
        server.ehlo()
        if server.has_extn("starttls"):
            server.starttls(context=context)
            server.ehlo()
        elif url.username and host not in LOOPBACK:
            server.close()
            raise smtplib.SMTPException("no encryption is offered, so the password is not sent")
    if url.username:
        server.login(unquote(url.username), unquote(url.password or ""))
    return server


def open_post(config: "Config") -> Post:
    """Where the configuration says mails go."""
    host = urlsplit(config.site_url).hostname or "localhost"
    if not config.mail_url:
        return FilePost(config.data_dir / "mail", config.mail_from, host)
    return SmtpPost(config.mail_url, config.mail_from, host)
