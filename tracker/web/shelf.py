"""Pages that were made before, kept as long as what they show is the same.

Most pages follow from one site's rows alone. A site's *edition* (`storage.overviews.edition`) is
read with every request, in one statement, so that nothing stale is ever shown.
"""

from __future__ import annotations

from collections import OrderedDict
from threading import Lock
from typing import TYPE_CHECKING

from starlette.responses import Response

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.requests import Request

    from storage.overviews import Edition

ROOM = 32_000_000
"""Bytes of pages that are kept; one that takes a tenth of it is not."""


class Shelf:
    """Bodies of pages by address, those that were asked for last; safe between threads."""

    def __init__(self, room: int = ROOM) -> None:
        self._room = room
        self._size = 0
        self._pages: OrderedDict[str, tuple[Edition, bytes]] = OrderedDict()
        self._lock = Lock()

    def get(self, address: str, edition: Edition) -> bytes | None:
        """The body that was made of this edition, None if there is none."""
        with self._lock:
            found = self._pages.get(address)
            if found is None or found[0] != edition:
                return None
            self._pages.move_to_end(address)
            return found[1]

    def put(self, address: str, edition: Edition, body: bytes) -> None:
        """Keep a body; the ones that nobody asked for make room."""
        if len(body) > self._room // 10:
            return
        with self._lock:
            before = self._pages.pop(address, None)
            self._size += len(body) - (len(before[1]) if before else 0)
            self._pages[address] = (edition, body)
            while self._size > self._room:
                _, (_, gone) = self._pages.popitem(last=False)
                self._size -= len(gone)


def shelved(request: Request, edition: Edition, make: Callable[[], Response]) -> Response:
    """The page of this address as it was made of this edition, or else made now."""
    shelf: Shelf = request.app.state.shelf
    address = f"{request.url.path}?{request.url.query}"
    body = shelf.get(address, edition)
    if body is not None:
        return Response(body, media_type="text/html")
    made = make()
    if made.status_code == 200 and made.media_type == "text/html":
        shelf.put(address, edition, bytes(made.body))
    return made
