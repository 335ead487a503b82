"""What a process has made and keeps, by everything it is made of; never true for one reader only."""

import threading
from collections import OrderedDict
from collections.abc import Hashable
from typing import Generic, TypeVar

Value = TypeVar("Value")


class Kept(Generic[Value]):
    """Made things by key, the least recently used dropped first."""

    def __init__(self, most: int) -> None:
        self._made: OrderedDict[Hashable, Value] = OrderedDict()
        self._lock = threading.Lock()
        self._most = most

    def get(self, key: Hashable) -> Value | None:
        with self._lock:
            found = self._made.get(key)
            if found is not None:
                self._made.move_to_end(key)
            return found

    def keep(self, key: Hashable, made: Value) -> Value:
        with self._lock:
            self._made[key] = made
            if len(self._made) > self._most:
                self._made.popitem(last=False)
        return made

    def clear(self) -> None:
        with self._lock:
            self._made.clear()
