"""The list of erasures, outside of the database: what a restored backup brings back is erased again from it.

One line of JSON for each, only ever added, without anything personal: who, by a number and the moment of the first
appearance (so that a number given again is somebody else), when, and which texts were replaced. It is on the disk
before the database keeps the erasure, and so knows of every one that the database does.
"""

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO

FILE_NAME = "erasures.jsonl"


@dataclass(frozen=True)
class Row:
    """A row of the database that is still the same one: its number, and its first moment in ISO 8601."""

    id: int
    at: str


@dataclass(frozen=True)
class Entry:
    """One erasure: the persons, the one that asked first, and those of their texts that were replaced."""

    asked_at: str
    erased_at: str
    persons: tuple[Row, ...]
    texts: tuple[Row, ...]

    @property
    def key(self) -> tuple[Row, str]:
        """What tells one request from another."""
        return self.persons[0], self.asked_at


class BadLine(ValueError):
    """A line that is not an entry."""

    def __init__(self, path: Path, number: int) -> None:
        super().__init__(f"{path}, línea {number}: no es un borrado")


class ErasureList:
    """The list in one file. Several processes may add to it."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def read(self) -> Iterator[Entry | BadLine]:
        """Every line in order. One without its end was cut off while it was written, and never counted."""
        if not self.path.exists():
            return
        for number, line in enumerate(self.path.read_bytes().split(b"\n")[:-1], 1):
            try:
                yield _entry(json.loads(line))
            except (ValueError, KeyError, TypeError, AttributeError):
                yield BadLine(self.path, number)

    def add(self, entry: Entry) -> None:
        """Put an entry on the disk, once: the same request adds nothing the second time."""
        with self._locked() as file:
            if any(isinstance(known, Entry) and known.key == entry.key for known in self.read()):
                return
            whole = file.read()
            file.truncate(whole.rfind(b"\n") + 1)
            file.seek(0, os.SEEK_END)
            file.write(json.dumps(asdict(entry)).encode() + b"\n")
            file.flush()
            os.fsync(file.fileno())

    @contextmanager
    def _locked(self) -> Iterator[BinaryIO]:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        is_new = not self.path.exists()
        descriptor = os.open(self.path, os.O_RDWR | os.O_CREAT, 0o600)
        with os.fdopen(descriptor, "r+b") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            if is_new:
                _keep_name(self.path.parent)
            yield file


def row_of(key: int, at: datetime) -> Row:
    return Row(key, at.isoformat())


def _entry(content: Any) -> Entry:
    persons = tuple(Row(int(row["id"]), str(row["at"])) for row in content["persons"])
    texts = tuple(Row(int(row["id"]), str(row["at"])) for row in content["texts"])
    if not persons:
        raise ValueError("nobody")
    moments = [datetime.fromisoformat(str(content[name])).isoformat() for name in ("asked_at", "erased_at")]
    return Entry(moments[0], moments[1], persons, texts)


def _keep_name(folder: Path) -> None:
    """Have the folder remember that the file exists, whatever happens next."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
