"""The documents that were made last, by all that they depend on."""

from __future__ import annotations

from collections import OrderedDict
from threading import Lock
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from crawler.normalize.html import Source
    from storage.records import Document


class DocumentMemory:
    """Documents by the source that was left of their page and by its URL, the latest that fit.

    ``limit`` bounds the characters of what is held. A page that would take an eighth of it is not
    held. For any number of threads.
    """

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._held: OrderedDict[tuple[Source, str | None], Document] = OrderedDict()
        self._size = 0
        self._lock = Lock()

    def get(self, source: Source, url: str | None) -> Document | None:
        """The document of a source under a URL, if it is held still."""
        with self._lock:
            document = self._held.get((source, url))
            if document is not None:
                self._held.move_to_end((source, url))
            return document

    def put(self, source: Source, url: str | None, document: Document) -> None:
        """Hold a document, in the place of those that were not asked for the longest."""
        size = _size(source, document)
        if size * 8 > self._limit:
            return
        with self._lock:
            if (source, url) in self._held:
                return
            self._held[source, url] = document
            self._size += size
            while self._size > self._limit:
                (old, _), gone = self._held.popitem(last=False)
                self._size -= _size(old, gone)


def _size(source: Source, document: Document) -> int:
    return len(source.html) + len(document.markdown) + sum(map(len, document.surroundings))
