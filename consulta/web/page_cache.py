"""Finished pages in the memory of one process: their keys, their bodies, and how they are compressed."""

import gzip
import hashlib
import threading
from collections import OrderedDict
from dataclasses import dataclass
from datetime import date
from functools import cached_property

import brotli

MAX_BYTES = 64 * 1024 * 1024
ENCODINGS = ("br", "gzip", "identity")
# Quick rather than small: the page may be stale in a second, and is still a sixth of its size.
BROTLI_QUALITY, GZIP_LEVEL = 4, 5


@dataclass(frozen=True)
class PageKey:
    """Everything that the bytes of a page depend on; the local date decides the window and what is late."""

    path: str
    root: str
    query: str
    versions: tuple[int, ...]
    day: date
    build: str

    @cached_property
    def etag(self) -> str:
        """A tag made of the key: equal keys are the same page."""
        parts = (self.path, self.root, self.query, self.versions, self.day.isoformat(), self.build)
        return hashlib.blake2b(repr(parts).encode(), digest_size=12).hexdigest()


Finished = tuple[bytes, str]


class PageCache:
    """Finished bodies with their content type, the least recently used dropped first; bounded in bytes."""

    def __init__(self, max_bytes: int = MAX_BYTES) -> None:
        self._bodies: OrderedDict[tuple[PageKey, str], Finished] = OrderedDict()
        self._lock = threading.Lock()
        self._max_bytes = max_bytes
        self._bytes = 0

    def get(self, key: tuple[PageKey, str]) -> Finished | None:
        """The finished page of a key in an encoding."""
        with self._lock:
            found = self._bodies.get(key)
            if found is not None:
                self._bodies.move_to_end(key)
            return found

    def put(self, key: tuple[PageKey, str], finished: Finished) -> None:
        with self._lock:
            old = self._bodies.pop(key, None)
            self._bytes += len(finished[0]) - (len(old[0]) if old else 0)
            self._bodies[key] = finished
            while self._bytes > self._max_bytes:
                _, (dropped, _) = self._bodies.popitem(last=False)
                self._bytes -= len(dropped)

    def clear(self) -> None:
        """Forget every body; a drill and a measurement of misses begin like this."""
        with self._lock:
            self._bodies.clear()
            self._bytes = 0


def encoding_for(accepted: str) -> str:
    """The best encoding that the reader takes; proxies and browsers ask for a handful of forms."""
    return next((name for name in ENCODINGS if name in accepted), "identity")


def encode(body: bytes, encoding: str) -> bytes:
    """A body as it is sent."""
    if encoding == "br":
        compressed: bytes = brotli.compress(body, quality=BROTLI_QUALITY)
        return compressed
    return gzip.compress(body, GZIP_LEVEL, mtime=0) if encoding == "gzip" else body
