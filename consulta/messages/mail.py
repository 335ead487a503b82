"""A mail to one address: plain text, with headers that cannot be broken out of."""

from dataclasses import dataclass


class BadAddress(ValueError):
    """The address or the subject would break the headers of the mail."""


@dataclass(frozen=True)
class Mail:
    """What the worker sends: one recipient, a subject and a plain text.

    `stop` is the address that ends this kind of mail with one POST, for what somebody chose to hear of.
    """

    to: str
    subject: str
    body: str
    stop: str | None = None

    def __post_init__(self) -> None:
        for value in (self.to, self.subject, self.stop or ""):
            if any(character in value for character in "\r\n\0"):
                raise BadAddress("a line break in a header")
        local, at, host = self.to.rpartition("@")
        if not (local and at and host) or any(character in self.to for character in ' ,;<>"'):
            raise BadAddress("not one plain address")
