"""What can be wrong with the Wayback Machine, to be switched on in its stand-in."""

from __future__ import annotations

import itertools
import re
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from enum import StrEnum


class Fault(StrEnum):
    """One way in which an answer goes wrong."""

    TOO_MANY = "429"
    UNAVAILABLE = "503"
    COLD = "504"
    RESET = "reset"
    TRUNCATED = "truncated"
    WRONG_LENGTH = "wrong-length"
    EXCLUDED = "excluded"
    ROBOTS = "robots"


@dataclass(frozen=True, slots=True, kw_only=True)
class Faults:
    """Which faults are on; all are off by default.

    ``*_every``: each N-th request to one of ``services`` (0: never). ``window_after``: after so
    many served requests all are answered 429 for ``window_seconds``, then the count starts anew.
    ``dead`` is a regular expression of addresses that always answer 504. ``retry_after`` is sent
    with a 429, None for no header. ``excluded`` and ``robots`` are domains that the archive does
    not give out. Of Save Page Now, a service of its own name: ``unsavable`` is a regular expression
    of pages that cannot be captured, ``save_polls`` how often a job is pending before it ends, and
    ``save_seconds`` how long an answer takes.
    """

    services: frozenset[str] = frozenset({"cdx", "replay"})
    too_many_every: int = 0
    retry_after: int | None = 1
    window_after: int = 0
    window_seconds: float = 2.0
    unavailable_every: int = 0
    cold: bool = False
    dead: str = ""
    reset_every: int = 0
    truncate_every: int = 0
    wrong_length_every: int = 0
    html_cdx: bool = False
    malformed_rows_every: int = 0
    double_gzip: bool = False
    leave_archive: bool = False
    excluded: frozenset[str] = frozenset()
    robots: frozenset[str] = frozenset()
    unsavable: str = ""
    save_polls: int = 0
    save_seconds: float = 0.0


@dataclass(slots=True)
class FaultPlan:
    """Decides for each request in turn which fault it meets; safe to share between threads."""

    faults: Faults
    _count: itertools.count[int] = field(default_factory=lambda: itertools.count(1))
    _seen: Counter[str] = field(default_factory=Counter)
    _served: int = 0
    _closed_until: float = 0.0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def next(self, service: str, path: str) -> Fault | None:
        if service not in self.faults.services:
            return None
        with self._lock:
            if self._in_window():
                return Fault.TOO_MANY
            if self.faults.dead and re.search(self.faults.dead, path):
                return Fault.COLD
            number = next(self._count)
            for every, fault in self._by_number():
                if every and number % every == 0:
                    return fault
            if self.faults.cold and service == "replay":
                self._seen[path] += 1
                if self._seen[path] == 1:
                    return Fault.COLD
            return None

    def _by_number(self) -> tuple[tuple[int, Fault], ...]:
        faults = self.faults
        return (
            (faults.too_many_every, Fault.TOO_MANY),
            (faults.unavailable_every, Fault.UNAVAILABLE),
            (faults.reset_every, Fault.RESET),
            (faults.truncate_every, Fault.TRUNCATED),
            (faults.wrong_length_every, Fault.WRONG_LENGTH),
        )

    def _in_window(self) -> bool:
        if not self.faults.window_after:
            return False
        now = time.monotonic()
        if now < self._closed_until:
            return True
        self._served += 1
        if self._served > self.faults.window_after:
            self._served = 0
            self._closed_until = now + self.faults.window_seconds
            return True
        return False
