"""One thread that writes: what arrives while it is busy is committed together.

A commit a page inside the event loop was the largest cost of a crawl; and SQLite has one writer at
a time anyhow.
"""

from __future__ import annotations

import asyncio
import queue
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Thread
from typing import TYPE_CHECKING, Any, TypeVar

from storage.database import Connection

if TYPE_CHECKING:
    from storage.database import Database

BATCH = 64
"""Jobs of one transaction at most: other processes wait for it meanwhile."""

T = TypeVar("T")
Job = tuple[Callable[[Connection], Any], "Future[Any]"]


class Writer:
    """Runs functions of a connection in its thread, in order, a batch to a transaction."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._jobs: queue.SimpleQueue[Job | None] = queue.SimpleQueue()
        # A pool of one turns whatever a job raises into a result: the writer outlives every job.
        self._pool = ThreadPoolExecutor(max_workers=1, thread_name_prefix="write")
        self._thread = Thread(target=self._run, name="writer", daemon=True)
        self._thread.start()

    async def do(self, work: Callable[[Connection], T]) -> T:
        """Do some work in a transaction; returns once that is committed.

        It may be done a second time, if the first was rolled back: with others' work, or because
        the database was restarted.

        Raises:
            StorageError: the database fails; nothing of this work is kept.
        """
        done: Future[T] = Future()
        self._jobs.put((work, done))
        return await asyncio.shield(asyncio.wrap_future(done))

    def close(self) -> None:
        """Commit what was given so far, and end the thread."""
        self._jobs.put(None)
        self._thread.join()
        self._pool.shutdown()

    def _run(self) -> None:
        more = True
        while more:
            batch, more = self._next_batch()
            if not self._commit(batch) and len(batch) > 1:
                # One of several has spoilt the transaction for all: each for itself, then.
                for job in batch:
                    self._commit([job])

    def _next_batch(self) -> tuple[list[Job], bool]:
        """Wait for a job and take what has queued up behind it; False at the end."""
        batch: list[Job] = []
        try:
            job = self._jobs.get()
            while job is not None:
                batch.append(job)
                if len(batch) == BATCH:
                    return batch, True
                job = self._jobs.get_nowait()
        except queue.Empty:
            return batch, True
        return batch, False

    def _commit(self, batch: list[Job]) -> bool:
        attempt = self._pool.submit(self._transaction, [work for work, _ in batch])
        error = attempt.exception()
        if error is None:
            for (_, done), result in zip(batch, attempt.result(), strict=True):
                done.set_result(result)
        elif len(batch) == 1:
            batch[0][1].set_exception(error)
        return error is None

    def _transaction(self, works: list[Callable[[Connection], Any]]) -> list[Any]:
        if not works:
            return []
        return self._db.transact(lambda conn: [work(conn) for work in works])
