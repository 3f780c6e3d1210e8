"""Rows of an index that may have to wait: a file takes them where they are too many for memory."""

from __future__ import annotations

import json
from operator import attrgetter
from tempfile import SpooledTemporaryFile
from typing import TYPE_CHECKING, Final
from weakref import finalize

from storage.records import Capture

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

IN_MEMORY: Final = 8 * 1024 * 1024
"""Bytes of one answer that are kept in memory; some 40,000 rows."""

_FIELDS: Final = tuple(Capture.__dataclass_fields__)
_values: Final = attrgetter(*_FIELDS)


class KeptRows:
    """Captures in the order in which they were added, to be read as often as one likes.

    ``count`` and ``newest``, the latest timestamp (None without rows), cost nothing.
    """

    def __init__(self) -> None:
        self._file = SpooledTemporaryFile(max_size=IN_MEMORY)  # noqa: SIM115 - closed with this object
        finalize(self, self._file.close)
        self.count = 0
        self.newest: Capture | None = None

    def add(self, captures: Iterable[Capture]) -> None:
        """Take in a page of an answer.

        Raises:
            OSError: there is no room for it.
        """
        for capture in captures:
            self.count += 1
            if self.newest is None or capture.timestamp >= self.newest.timestamp:
                self.newest = capture
            self._file.write(json.dumps(_values(capture)).encode() + b"\n")

    def __iter__(self) -> Iterator[Capture]:
        place = 0
        while True:
            # Another reader may be under way: each goes on from its own place.
            self._file.seek(place)
            lines = self._file.readlines(1 << 20)
            place = self._file.tell()
            if not lines:
                return
            for line in lines:
                yield Capture(**dict(zip(_FIELDS, json.loads(line), strict=True)))
