"""What was made last, by what it was made of."""

from __future__ import annotations

from collections import OrderedDict
from threading import Lock
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Hashable

Key = TypeVar("Key", bound="Hashable")
Value = TypeVar("Value")


class Latest(Generic[Key, Value]):
    """Values by their keys, the latest that fit.

    ``limit`` bounds the sum of their sizes. What would take an eighth of it is not held. For any
    number of threads.
    """

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._held: OrderedDict[Key, tuple[Value, int]] = OrderedDict()
        self._size = 0
        self._lock = Lock()

    def get(self, key: Key) -> Value | None:
        """The value of a key, if it is held still."""
        with self._lock:
            held = self._held.get(key)
            if held is None:
                return None
            self._held.move_to_end(key)
            return held[0]

    def put(self, key: Key, value: Value, size: int) -> None:
        """Hold a value, in the place of its key's last and of those not asked for the longest."""
        with self._lock:
            if (old := self._held.pop(key, None)) is not None:
                self._size -= old[1]
            if size * 8 > self._limit:
                return
            self._held[key] = value, size
            self._size += size
            while self._size > self._limit:
                _, (_, gone) = self._held.popitem(last=False)
                self._size -= gone
