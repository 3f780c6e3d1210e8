"""Claimed runs, kept alive: while they are worked on, their leases are renewed."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from threading import Event, Lock, Thread
from time import monotonic
from typing import TYPE_CHECKING

from storage import runs
from storage.errors import StorageError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from datetime import datetime

    from storage.database import Connection, Database
    from storage.run_records import Run
    from tracker.clocks import Clock

LOOK_SECONDS = 0.1
"""How often it is looked whether the work is to stop."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Leases:
    """How long a worker that is not heard of counts as alive, and how often it gives a sign.

    ``beat_seconds`` pass on this machine, whatever the clock says; a few beats fit into a lease.
    """

    length: timedelta = timedelta(seconds=45)
    beat_seconds: float = 10.0


@dataclass(slots=True, kw_only=True)
class Claims:
    """The runs that a worker holds. Thread-safe: a heart beats beside the work."""

    db: Database
    worker: str
    clock: Clock
    leases: Leases
    halt: Event = field(default_factory=Event)
    """Set when the work is to end: somebody asked for that, or no run is ours any more."""

    _held: dict[int, Run] = field(default_factory=dict)
    _until: datetime | None = None
    _lock: Lock = field(default_factory=Lock)

    def add(self, claimed: Sequence[Run]) -> None:
        """Hold further runs."""
        with self._lock:
            self._held |= {run.id: run for run in claimed}
        self._until = min((run.lease_until for run in claimed if run.lease_until), default=None)

    @property
    def held(self) -> list[Run]:
        """The runs that are not over yet."""
        with self._lock:
            return list(self._held.values())

    def confirm(self, run: Run) -> bool:
        """Renew the lease of one run now; answers whether the run is still ours.

        Raises:
            StorageError: the database fails.
        """
        return bool(self._renewed([run.id]))

    def ours(self, run: Run) -> Callable[[Connection], bool]:
        """What a transaction asks before it writes for a run: nobody takes the run meanwhile."""
        return lambda conn: runs.is_held(conn, run.id, self.worker)

    def release(self, run: Run) -> None:
        """Hold a run no longer: it has ended."""
        with self._lock:
            self._held.pop(run.id, None)

    def hand_back(self) -> int:
        """Give back all that is held: others may take it at once. Answers how many."""
        ids = self._drop()
        return self.db.transact(lambda conn: runs.hand_back(conn, ids, self.worker))

    def put_off(self, wait: timedelta, reason: str) -> int:
        """Give back all that is held, to be tried again after a while. Answers how many."""
        ids, until = self._drop(), self.clock() + wait
        return self.db.transact(lambda conn: runs.put_off(conn, ids, self.worker, until, reason))

    def _drop(self) -> list[int]:
        with self._lock:
            ids = list(self._held)
            self._held.clear()
        return ids

    @contextmanager
    def alive(self, stop: Event) -> Iterator[None]:
        """Renew the leases until the context is left; pass ``stop`` on to ``halt``."""
        over = Event()
        heart = Thread(target=self._beat, args=(stop, over), name="heart", daemon=True)
        heart.start()
        try:
            yield
        finally:
            over.set()
            heart.join()

    def _beat(self, stop: Event, over: Event) -> None:
        renewed = monotonic()
        while not over.wait(LOOK_SECONDS):
            if stop.is_set():
                self.halt.set()
            # A process that was not let run, or whose machine slept, finds its leases over.
            late = self._until is not None and self.clock() >= self._until
            if late or monotonic() - renewed >= self.leases.beat_seconds:
                renewed = monotonic()
                self._renew()

    def _renew(self) -> None:
        ids = [run.id for run in self.held]
        self._until = self.clock() + self.leases.length
        try:
            self._renewed(ids)
        except StorageError:
            # The work itself will meet this, and say so; the lease has some beats left.
            return

    def _renewed(self, ids: Sequence[int]) -> set[int]:
        until = self.clock() + self.leases.length
        kept = self.db.transact(partial(_renew, ids, self.worker, until))
        with self._lock:
            for run_id in set(ids) - kept:
                self._held.pop(run_id, None)
            if ids and not self._held:
                self.halt.set()
        return kept


def _renew(ids: Sequence[int], worker: str, until: datetime, conn: Connection) -> set[int]:
    return runs.renew(conn, ids, worker, until)
