"""Answering with a copy of what belongs to somebody: a zip that waits on the disk and is gone once it was sent."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from tempfile import SpooledTemporaryFile
from typing import IO

from flask import send_file, stream_template
from flask.typing import ResponseReturnValue

from consulta import clock
from consulta.messages.links import Site
from consulta.privacy.copies.archive import Contents, write_archive
from consulta.privacy.copies.rows import Item
from consulta.web.context import parts
from consulta.web.own_words import HOLDERS, STEPS

# What is larger waits on the disk.
IN_MEMORY = 1024 * 1024


def site() -> Site:
    """Whose addresses stand in a copy."""
    return Site(parts().config.site_url)


def readable(contributions: Iterable[Item], name: str) -> Iterator[str]:
    """The page to read and print."""
    return stream_template(
        "account/copy/contributions.html",
        contributions=contributions,
        name=name,
        made_at=clock.now(),
        steps=STEPS,
        holders=HOLDERS,
    )


def make_archive(contents: Contents, record: Callable[[], None]) -> IO[bytes]:
    """The zip, once its making is recorded too."""
    with ExitStack() as unless_made:
        file: IO[bytes] = unless_made.enter_context(SpooledTemporaryFile(max_size=IN_MEMORY))
        write_archive(file, contents, clock.now())
        record()
        unless_made.pop_all()
    return file


def send_archive(file: IO[bytes], name: str) -> ResponseReturnValue:
    """The answer that ends with the file; nobody keeps it on the way."""
    size = file.tell()
    file.seek(0)
    shown = f"{name}-{clock.today().isoformat()}.zip"
    answer = send_file(file, "application/zip", as_attachment=True, download_name=shown, etag=False)
    answer.content_length = size
    answer.headers["Cache-Control"] = "no-store"
    return answer
