"""The bodies that went over a connection last: the next one often rests on one of them."""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlalchemy import Connection

ROOM = 4 * 1024 * 1024
"""Bytes remembered of one connection: a dozen pages of a series that is read in its order."""

_KEY = "recent bodies"


class RecentBodies:
    """Plain bodies by sha256, each verified when it came in; the oldest make room."""

    def __init__(self) -> None:
        self._bodies: OrderedDict[str, bytes] = OrderedDict()
        self._size = 0

    def __len__(self) -> int:
        return len(self._bodies)

    def get(self, key: str) -> bytes | None:
        """A remembered body. That its row is kept is for the caller to know."""
        body = self._bodies.get(key)
        if body is not None:
            self._bodies.move_to_end(key)
        return body

    def add(self, key: str, body: bytes) -> None:
        """Remember a body under its sha256, which the caller has compared."""
        if len(body) > ROOM // 4 or self.get(key) is not None:
            return
        self._bodies[key] = body
        self._size += len(body)
        while self._size > ROOM:
            _, gone = self._bodies.popitem(last=False)
            self._size -= len(gone)


def recent_bodies(conn: Connection) -> RecentBodies:
    """What is remembered of a connection; it ends with it."""
    found: RecentBodies = conn.info.setdefault(_KEY, RecentBodies())
    return found
