"""What the parts of a crawl share while it runs: job, archive, database, count of requests."""

from __future__ import annotations

import asyncio
from collections import Counter
from math import ceil
from typing import TYPE_CHECKING

from crawler.archives.base import Budget
from crawler.archives.registry import open_archive
from crawler.errors import CrawlError, JobError
from crawler.job import Requests
from crawler.selection import parse_strategy
from crawler.writer import Writer
from storage.database import open_database

if TYPE_CHECKING:
    from collections.abc import Callable

    from crawler.archives.base import Archive
    from crawler.job import Event, Job

NEVER_UNLIMITED = ("web.archive.org",)
"""Archives that are never asked without a limit."""


class OverError(CrawlError):
    """This run sends no more requests; the message says why. What was fetched is kept."""


class Session:
    """One run of the crawler, from its job to its last event."""

    def __init__(self, job: Job, emit: Callable[[Event], None]) -> None:
        self.archive = check_job(job)
        self.job = job
        self.emit = emit
        self.db = open_database(job.database, create=False)
        self.writer = Writer(self.db)
        self.stopping = asyncio.Event()
        self.over: str | None = None
        self.refused = False
        self.index_refuses = False
        self._loop: asyncio.AbstractEventLoop | None = None
        self._closed = False
        self._sent: Counter[tuple[str, str]] = Counter()
        self._open_sites = {site.domain for site in job.sites}

    def stop(self, why: str, *, refused: bool = False) -> None:
        """Send no more requests; those under way are waited for. ``refused``: by the archive."""
        self.over = self.over or why
        self.refused = self.refused or refused
        if self._loop is None:
            self.stopping.set()
        else:
            # From a signal's handler, an idle loop would not wake up for it otherwise.
            self._loop.call_soon_threadsafe(self.stopping.set)

    def enter_loop(self) -> None:
        """Note which event loop the run lives in."""
        self._loop = asyncio.get_running_loop()

    def charge(self, site: str, budget: str) -> None:
        """Count a request that is about to go out.

        Raises:
            OverError: it must not.
        """
        limit, share = self.job.max_requests, self._share(site)
        if limit is not None and self._sent.total() >= limit:
            self.stop(f"stopped at {limit} requests, as asked; the next run goes on")
        if self.over is not None:
            raise OverError(self.over)
        if share is not None and self.requests(site).total >= share:
            raise OverError(f"stopped at its share of {share} requests; the next run goes on")
        self._sent[site, budget] += 1

    def done(self, site: str) -> None:
        """Note that a site sends no more: what it has left is the others'."""
        self._open_sites.discard(site)

    def _share(self, site: str) -> int | None:
        """What a site may send: its own limit, and an equal part of what the run may yet send."""
        limits = []
        if self.job.max_requests is not None and site in self._open_sites:
            spent = sum(n for (one, _), n in self._sent.items() if one not in self._open_sites)
            limits.append(ceil((self.job.max_requests - spent) / len(self._open_sites)))
        if self.job.max_requests_per_site is not None:
            limits.append(self.job.max_requests_per_site)
        return min(limits, default=None)

    def requests(self, site: str) -> Requests:
        """How many requests a site has cost in this run."""
        return Requests(
            cdx=self._sent[site, Budget.CDX.value], replay=self._sent[site, Budget.REPLAY.value]
        )

    async def sleep(self, seconds: float) -> None:
        """Sleep.

        Raises:
            OverError: the run is being stopped.
        """
        try:
            await asyncio.wait_for(self.stopping.wait(), timeout=seconds)
        except TimeoutError:
            return
        raise OverError(self.over or "stopped")

    def close(self) -> None:
        """Write what is left to write, and let go of the database."""
        if not self._closed:
            self._closed = True
            self.writer.close()
            self.db.close()


def check_job(job: Job) -> Archive:
    """Refuse a job that makes no sense; answers the archive that it names.

    Raises:
        CrawlError: one line that says what to change.
    """
    archive = open_archive(job.archive.where)
    parse_strategy(job.strategy, {}, {})
    rates = (job.archive.cdx_per_minute, job.archive.replay_per_minute)
    if min(rates) < 0:
        raise JobError("a budget of requests a minute cannot be negative")
    if archive.name in NEVER_UNLIMITED and min(rates) == 0:
        raise JobError(f"{archive.name} is never asked without a limit: give requests a minute")
    if job.archive.concurrency < 1 or job.archive.timeout_seconds <= 0:
        raise JobError("concurrency and timeout_seconds must be above 0")
    if job.first and job.last and job.first > job.last:
        raise JobError(f"--from {job.first:%Y-%m-%d} lies after --to {job.last:%Y-%m-%d}")
    limits = (job.max_requests, job.max_requests_per_site)
    if any(limit is not None and limit < 1 for limit in limits):
        raise JobError("--max-requests and --max-requests-per-site must be at least 1")
    return archive
