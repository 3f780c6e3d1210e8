"""The log of a stand-in: what was asked, when, and how it was answered, as JSON lines."""

from __future__ import annotations

import json
import threading
from bisect import bisect_left
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One request as it was logged: when it came (epoch seconds), to which service, its answer."""

    time: float
    service: str
    method: str
    path: str
    status: int
    fault: str | None


class RequestLog:
    """A file of requests; safe to write from many threads."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock = threading.Lock()

    def write(self, request: Request) -> None:
        with self._lock, self.path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(asdict(request)) + "\n")

    def read(self, service: str | None = None) -> list[Request]:
        """What was asked so far, in order of the answers."""
        if not self.path.exists():
            return []
        lines = self.path.read_text(encoding="utf-8").splitlines()
        logged = [Request(**json.loads(line)) for line in lines]
        return [each for each in logged if service in (None, each.service)]


def busiest(moments: Sequence[float], window: float) -> int:
    """The most events that lie within any window of so many seconds."""
    times = sorted(moments)
    return max((bisect_left(times, start + window) - i for i, start in enumerate(times)), default=0)
