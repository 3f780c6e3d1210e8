"""What keeps us welcome at an archive: its budget, its pauses, and giving up in time.

Scrapy's own retry and throttling know neither Retry-After nor a budget shared by processes; its
requests went out into the archive's pauses, and captures were lost.
"""

from __future__ import annotations

import asyncio
import logging
import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from scrapy.exceptions import (
    CannotResolveHostError,
    DownloadConnectionRefusedError,
    NotConfigured,
)

from crawler.archives.base import Budget
from crawler.archives.cdx import seconds_named
from crawler.job import Paused
from crawler.spiders.snapshots import SnapshotsSpider
from storage import budgets

if TYPE_CHECKING:
    from typing import Self

    from scrapy.crawler import Crawler
    from scrapy.http import Request, Response

    from crawler.session import Session

logger = logging.getLogger(__name__)

PAUSE, LOOPBACK_PAUSE, LONGEST_PAUSE = 60.0, 1.0, 600.0
"""Seconds. The Internet Archive names no time with its 429, and shuts out for an hour whoever goes
on for a minute."""

PATIENCE = budgets.LONGEST_REST
"""Seconds; an archive that asks for a longer rest is left alone by this run."""

TOO_LATE = budgets.SLACK / 2
"""Seconds after which a turn is no longer used: a machine that was asleep, or far too busy."""

NOTICEABLE = 2.0
"""Seconds of waiting that a person is told of."""

MAX_REFUSALS = 6
"""Pauses in a row without one answer in between, after which the archive is left alone."""

MAX_INDEX_REFUSALS = 3
"""The same for the index alone: replay may be open, and tells what is beside a capture."""

MAX_UNREACHABLE = 3
"""The same for connections that are refused: nobody is there."""

MAX_BROKEN = 20
"""Answers in a row that are the archive's own failure (504, a web page in the place of what was
asked for), after which it is given a rest and asked for what it has given before; if that fails as
well, the rest was too short."""

MAX_OUTAGES = 4
"""Such rests in a row, after which the archive is left alone."""


OK = 200


class PolitenessMiddleware:
    """Sends each request in its turn of the shared budget, and holds all of them in a pause.

    A refused request (429, 503 of the archive itself, no connection) is sent again after the pause;
    that uses up no retry.
    """

    def __init__(self, session: Session) -> None:
        self._session = session
        self._archive = session.archive
        config = session.job.archive
        self._rates = {"cdx": config.cdx_per_minute, "replay": config.replay_per_minute}
        self._base = config.pause_seconds or (LOOPBACK_PAUSE if self._archive.loopback else PAUSE)
        self._refusals = self._index_refusals = self._broken = 0
        self._paused_at = self._resume_at = 0.0
        self._worked: dict[str, Request] = {}
        self._turns = {kind: asyncio.Lock() for kind in self._rates}
        self._answered = False

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Made by Scrapy, after the spider and for it."""
        spider = crawler.spider
        if not isinstance(spider, SnapshotsSpider):
            raise NotConfigured("only the spider of snapshots has a session")
        return cls(spider.session)

    async def process_request(self, request: Request) -> None:
        """Wait for the request's turn.

        Raises:
            OverError: the run sends no more requests.
        """
        kind = request.meta["budget"]
        if not self._archive.local:
            # One turn at a time: of those that a pause makes void, a process holds one at most.
            async with self._turns[kind]:
                while not await self._take_turn(kind):
                    pass
        self._session.charge(request.meta["site"], kind)
        request.meta["sent_at"] = time.monotonic()

    async def _take_turn(self, kind: str) -> bool:
        """Wait for a turn; answers whether it still holds when it has come."""
        db, archive = self._session.db, self._archive.name
        due = await asyncio.to_thread(budgets.acquire, db, archive, kind, self._rates[kind])
        wait = due - time.time()
        if wait > NOTICEABLE:
            await self._tell_of_pause()
        if wait > 0:
            await self._session.sleep(wait)
            # Another request, or another process, may have met a pause meanwhile.
            wait = await asyncio.to_thread(budgets.paused_for, db, archive)
        # Our own pauses may be on their way to the database yet.
        wait = max(wait, self._resume_at - time.monotonic())
        if wait > 0:
            await self._session.sleep(wait)
            return False
        return not self._rates[kind] or time.time() - due < TOO_LATE

    async def _tell_of_pause(self) -> None:
        """Say why nothing happens, where it was another run that met a pause."""
        db, archive = self._session.db, self._archive.name
        seconds = await asyncio.to_thread(budgets.paused_for, db, archive)
        known = max(0.0, self._resume_at - time.monotonic())
        if seconds > known + NOTICEABLE:
            self._resume_at = time.monotonic() + seconds
            why = "the archive has asked another run for a rest"
            logger.info("pausing %.0f s: %s", seconds, why)
            self._session.emit(Paused(seconds=seconds, why=why))

    async def process_response(self, request: Request, response: Response) -> Request | Response:
        """Pause where the archive asks for it."""
        self._answered = True
        of_index = request.meta["budget"] == Budget.CDX.value
        refused = response.status in (429, 503) and "Memento-Datetime" not in response.headers
        if self._archive.local:
            return response
        if not refused:
            self._index_refusals *= not of_index
            return await self._heard(request, response)
        # As below: what was under way when a pause began tells nothing about what comes after it.
        self._index_refusals += of_index and request.meta["sent_at"] >= self._paused_at
        why = f"the archive answers {response.status}"
        header = (response.headers.get("Retry-After") or b"").decode("latin-1")
        named = seconds_named(header, datetime.now(UTC))
        again = await self._again(request, why, named, MAX_REFUSALS)
        given_up = of_index and self._index_refusals >= MAX_INDEX_REFUSALS
        return response if given_up and self._archive.timegate else again

    async def _heard(self, request: Request, response: Response) -> Request | Response:
        """Tell an archive that works from one that only answers."""
        if not is_outage(response):
            self._refusals = self._broken = 0
            if response.status == OK:
                self._worked[request.meta["budget"]] = request
            probed: Request | None = request.meta.get("instead_of")
            return response if probed is None else probed.replace(dont_filter=True)
        if request.meta["sent_at"] < self._paused_at:
            return response
        self._broken += 1
        if self._broken < MAX_BROKEN:
            return response
        why = f"the archive has answered {self._broken} requests in a row with its own failures"
        return await self._again(self._probe(request), why, None, MAX_OUTAGES)

    def _probe(self, request: Request) -> Request:
        """What to ask after a rest: something that worked before, for these captures may be dead.

        When that has worked again, the request itself is sent.
        """
        worked = self._worked.get(request.meta["budget"])
        if worked is None or "instead_of" in request.meta:
            return request
        named = {name: request.meta[name] for name in ("site", "budget", "sent_at")}
        return worked.replace(meta={**named, "instead_of": request})

    async def process_exception(self, request: Request, exception: Exception) -> Request | None:
        """Pause where nobody answers."""
        if isinstance(exception, DownloadConnectionRefusedError):
            why = "the archive refuses connections"
        elif isinstance(exception, CannotResolveHostError):
            why = "the archive's host name is not known (no network?)"
            if not self._answered:
                # It is not the archive that refuses: no pause is owed, and none would help.
                self._session.stop(f"{self._archive.name}: {why}", refused=True)
                return request.replace(dont_filter=True)
        else:
            return None
        return await self._again(request, why, None, MAX_UNREACHABLE)

    async def _again(self, request: Request, why: str, named: float | None, most: int) -> Request:
        # What was under way when the pause began tells nothing about what comes after it.
        if request.meta["sent_at"] >= self._paused_at:
            self._refusals += 1
            self._paused_at = time.monotonic()
            seconds = max(named or 0.0, self._base * 2 ** (self._refusals - 1))
            seconds = seconds if named else min(seconds, LONGEST_PAUSE)
            self._resume_at = max(self._resume_at, self._paused_at + seconds)
            await asyncio.to_thread(budgets.pause, self._session.db, self._archive.name, seconds)
            self._paused_at = time.monotonic()
            if self._refusals >= most or seconds > PATIENCE:
                why = f"{self._archive.name}: {why}, again and again; try later"
                self._session.stop(why, refused=True)
            else:
                logger.info("pausing %.0f s: %s", seconds, why)
                self._session.emit(Paused(seconds=seconds, why=why))
        return request.replace(dont_filter=True)


def is_outage(response: Response) -> bool:
    """Whether an answer is the archive's own failure: an error of a server, or a web page.

    A page with ``Memento-Datetime`` is an archived one, and what refuses a site for good or has
    nothing to serve comes with a status of its own.
    """
    if "Memento-Datetime" in response.headers:
        return False
    # Not any "<": a timemap begins with one.
    head = response.body[:4096].lstrip()[:9].lower()
    page = response.status == 200 and head.startswith((b"<!doctype", b"<html"))
    return page or response.status >= 500
