"""The scheduler: asks for runs as they fall due, and has a few workers carry them out.

It is a loop of its own, on the machine's monotonic clock. APScheduler's loop sleeps until the next
moment by the wall clock: set back by an hour, it would sleep an hour too long.
"""

from __future__ import annotations

from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from time import monotonic
from typing import TYPE_CHECKING

from crawler.job import Paused
from storage import runs, schedules
from storage.errors import StorageError
from storage.records import format_time
from tracker.notify.deliver import Delivered, deliver
from tracker.running import carry_out, worker_name
from tracker.schedule.enqueueing import enqueue_due
from tracker.schedule_rules import shown_target

if TYPE_CHECKING:
    from collections.abc import Callable
    from threading import Event as ThreadEvent

    from crawler.job import Event
    from storage.database import Connection, Database
    from storage.run_records import Run
    from tracker.claims import Claims
    from tracker.running import SiteUpdate, Work
    from tracker.schedule.log import Log

BATCH = 20
"""Runs that one crawl takes together."""

DEAD_AFTER = timedelta(days=1)
"""After which a scheduler that is not heard of is forgotten; until then, its end is told."""

LONG_PAUSE = 5.0
"""Seconds of an archive's pause that are worth a line."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rhythm:
    """How often, in seconds on this machine: work is looked for, a sign of life is given, notices
    are sent; and how long the work may take to end."""

    tick: float = 1.0
    sign: float = 20.0
    send: float = 30.0
    end: float = 8.0


@dataclass(slots=True)
class _Every:
    """Something that is done every so many seconds."""

    seconds: float
    work: Callable[[], None]
    next_at: float = field(default=0.0)

    def __call__(self) -> None:
        if monotonic() >= self.next_at:
            self.next_at = monotonic() + self.seconds
            self.work()


class Service:
    """A scheduler and its workers, in this process."""

    def __init__(self, work: Work, log: Log, *, workers: int = 4, rhythm: Rhythm) -> None:
        self._work = work
        self._db: Database = work.db
        self._log = log
        self._rhythm = rhythm
        self._name = worker_name()
        self._workers = workers
        self._pool = ThreadPoolExecutor(workers + 1, thread_name_prefix="worker")
        self._crawls: dict[Future[str | None], Claims] = {}
        self._sending: Future[Delivered] | None = None
        self._is_away = False

    def run(self, stop: ThreadEvent) -> bool:
        """Work until ``stop`` is set, then hand back what is not done.

        Answers whether every worker has ended; one that has not is at a site's analysis, which
        is kept as a whole or not at all, and this process may end.
        """
        chores = (
            _Every(self._rhythm.sign, self._sign),
            _Every(self._rhythm.tick, self._ask),
            _Every(self._rhythm.tick, partial(self._claim, stop)),
            _Every(self._rhythm.send, self._send),
        )
        while not stop.is_set():
            self._collect()
            try:
                for chore in chores:
                    chore()
                self._back()
            except StorageError as error:
                self._away(error)
            stop.wait(self._rhythm.tick)
        return self._end()

    def _sign(self) -> None:
        now = self._work.clock()
        self._db.transact(
            lambda conn: schedules.sign_in(conn, self._name, now, dead_before=now - DEAD_AFTER)
        )

    def _ask(self) -> None:
        for asked in enqueue_due(self._db, self._work.clock()):
            stands = f", for {asked.covers} that were missed" if asked.covers > 1 else ""
            sites = "1 site" if asked.sites == 1 else f"{asked.sites} sites"
            self._log(
                "due",
                f"{shown_target(asked.target)}: {sites} due{stands}",
                target=asked.target,
                due=format_time(asked.due),
                covers=asked.covers,
                sites=asked.sites,
            )

    def _claim(self, stop: ThreadEvent) -> None:
        while len(self._crawls) < self._workers and not stop.is_set():
            now = self._work.clock()
            if not self._db.retrieve(partial(_anything_to_claim, now)):
                return
            claims = self._work.claims(worker_name())
            until = now + self._work.leases.length
            claimed = self._db.transact(partial(_claim, claims.worker, now, until))
            if not claimed:
                return
            claims.add(claimed)
            names = ", ".join(run.site for run in claimed[:3])
            more = f" and {len(claimed) - 3} more" if len(claimed) > 3 else ""
            self._log("began", f"{names}{more}: begun", sites=[run.site for run in claimed])
            future = self._pool.submit(
                carry_out, self._work, claims, self._ended, self._heard, stop
            )
            self._crawls[future] = claims

    def _ended(self, one: SiteUpdate) -> None:
        ended = one.ended
        parts = [f"{one.run.site}: {ended.outcome}", f"{ended.captures} captures"]
        parts += [f"{ended.late} late"] if ended.late else []
        parts += [f"{ended.versions} new versions"] if ended.versions else []
        parts += [f"{one.notices} notices"] if one.notices else []
        parts += [ended.reason] if ended.reason else []
        parts += ["quarantined"] if one.pace.quarantined_at else []
        self._log(
            "ended",
            ", ".join(parts),
            site=one.run.site,
            due=format_time(one.run.due),
            covers=one.run.covers,
            outcome=ended.outcome,
            reason=ended.reason,
            captures=ended.captures,
            late=ended.late,
            versions=ended.versions,
            requests={"cdx": ended.requests_cdx, "replay": ended.requests_replay},
            notices=one.notices,
            seconds=round(one.result.seconds, 3),
            quarantined=one.pace.quarantined_at is not None,
        )

    def _heard(self, event: Event) -> None:
        if isinstance(event, Paused) and event.seconds >= LONG_PAUSE:
            text = f"the archive asks for a pause of {event.seconds:.0f} s: {event.why}"
            self._log("paused", text, seconds=event.seconds)

    def _send(self) -> None:
        if self._sending is None:
            work = self._work
            self._sending = self._pool.submit(deliver, work.db, work.config, work.clock)

    def _collect(self) -> None:
        """Take in what has ended, and why where it was not in order."""
        for future in [future for future in self._crawls if future.done()]:
            del self._crawls[future]
            error = future.exception()
            reason = future.result() if error is None else str(error) or type(error).__name__
            if reason is not None:
                self._log("broken off", f"broken off, to be tried again: {reason}", reason=reason)
        if self._sending is not None and self._sending.done():
            sending, self._sending = self._sending, None
            error = sending.exception()
            if error is None:
                self._sent(sending.result())
            else:
                self._log("not sent", f"notices could not be sent: {error}", reason=str(error))

    def _sent(self, delivered: Delivered) -> None:
        if delivered.notices:
            text = f"{delivered.notices} notices sent in {delivered.messages} messages"
            self._log("sent", text, notices=delivered.notices, messages=delivered.messages)
        for channel, reason in delivered.failures.items():
            text = f"notices to {channel} wait: {reason}"
            self._log("not sent", text, channel=channel, reason=reason)

    def _away(self, error: StorageError) -> None:
        if not self._is_away:
            self._is_away = True
            self._log("database", f"{error}; it is waited for", reason=str(error))

    def _back(self) -> None:
        if self._is_away:
            self._is_away = False
            self._log("database", "the database is back", reason=None)

    def _end(self) -> bool:
        """Wait for the workers to hand back what they have; do it for those that take too long."""
        deadline = monotonic() + self._rhythm.end
        for future in self._crawls:
            try:
                future.exception(timeout=max(0.0, deadline - monotonic()))
            except TimeoutError:
                continue
        self._pool.shutdown(wait=False, cancel_futures=True)
        left = [claims for future, claims in self._crawls.items() if not future.done()]
        try:
            for claims in left:
                claims.hand_back()
            self._db.transact(lambda conn: schedules.sign_out(conn, self._name))
        except StorageError as error:
            self._log("database", f"{error}; others go on when the leases end", reason=str(error))
        self._collect()
        self._log("stopped", "stopped; what was not done is handed back")
        return not left and self._sending is None


def _anything_to_claim(now: datetime, conn: Connection) -> bool:
    return runs.anything_to_claim(conn, now)


def _claim(worker: str, now: datetime, until: datetime, conn: Connection) -> list[Run]:
    return runs.claim(conn, worker, now, until=until, limit=BATCH)
