"""Requests to an archive, from the ask to what its answer says; Scrapy does the transport."""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from scrapy import Request
from scrapy.exceptions import (
    CannotResolveHostError,
    DownloadCancelledError,
    DownloadConnectionRefusedError,
    DownloadFailedError,
    DownloadTimeoutError,
    ResponseDataLossError,
)

from crawler.archives.base import Answer, Budget, Question, Redirected
from crawler.archives.decoding import TooLargeError
from crawler.archives.neighbours import nearest_ask, read_nearest
from crawler.archives.replay import is_whole, sha1_base32
from crawler.errors import (
    ArchiveError,
    IndexRefusedError,
    MementoError,
    OtherCaptureError,
    UnsupportedError,
)

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from scrapy.crawler import Crawler
    from scrapy.http import Response

    from crawler.archives.base import Ask, IndexPage
    from crawler.archives.neighbours import Neighbourhood
    from crawler.session import Session
    from storage.records import Capture, Memento

logger = logging.getLogger(__name__)

FAILURES = (
    CannotResolveHostError,
    DownloadConnectionRefusedError,
    DownloadFailedError,
    DownloadTimeoutError,
    ResponseDataLossError,
)

INDEX_TRIES = 4
MAX_UNANSWERED = 3
"""Questions in a row that the index left unanswered, after which the next ones are tried once."""

MAX_HOPS = 3

MAX_ODD = 3
"""How often a body must come as it is to be believed in spite of its digest."""

MAX_UNLIKE = 5
"""Bodies unlike their digest, after which digests are believed only if more bodies are like them:
those of some archives are of something else than the body."""


class Fetcher:
    """Asks the session's archive, a bounded number of requests at a time."""

    def __init__(self, crawler: Crawler, session: Session) -> None:
        self._crawler = crawler
        self._session = session
        self._archive = session.archive
        # The index is slow and its budget scarce: who waits for it must not keep replay waiting.
        self._slots = {
            budget: asyncio.Semaphore(session.job.archive.concurrency) for budget in Budget
        }
        self._alike = self._unlike = 0
        self._odd: Counter[tuple[str, str, str]] = Counter()
        self._doubted: set[tuple[str, str]] = set()
        self._unanswered = 0
        self._rest = 0.25 if session.archive.loopback else 5.0

    async def index(self, site: str, question: Question) -> AsyncIterator[IndexPage]:
        """The pages of an index's answer.

        Raises:
            ArchiveError: a page could not be had after several tries, or the site is excluded.
            OverError: the run sends no more requests.
        """
        resume: str | None = None
        while True:
            page = await self._page(site, _at(question, resume))
            if page.bad_rows:
                logger.warning(
                    "%s: %d rows of the index on %s cannot be read and are left out: %r (%s)",
                    site,
                    len(page.bad_rows),
                    question.url,
                    page.bad_rows[0].row[:200],
                    page.bad_rows[0].reason,
                )
            yield page
            if page.resume is None or page.resume == resume:
                return
            resume = page.resume

    async def _page(self, site: str, question: Question) -> IndexPage:
        ask = self._archive.index_ask(question)
        if self._session.index_refuses:
            raise IndexRefusedError("the index refuses every question", transient=True)
        tries = INDEX_TRIES if self._unanswered < MAX_UNANSWERED else 1
        for tried in range(1, tries + 1):
            try:
                answer = await self._answer(site, ask)
                self._session.index_refuses = answer.status in (429, 503)
                page = self._archive.read_index(question, answer)
            except ArchiveError as error:
                if self._session.index_refuses:
                    raise IndexRefusedError(str(error), transient=True) from error
                if not error.transient or tried == tries:
                    self._unanswered += error.transient
                    raise
                await self._session.sleep(error.retry_after or self._rest * 2**tried)
            else:
                self._unanswered = 0
                return page
        raise AssertionError("unreachable: the last try returns or raises")

    async def memento(self, site: str, capture: Capture, *, tries: int = 1) -> Memento:
        """A capture's memento.

        Raises:
            ArchiveError: the archive failed, in the last of the tries, or refuses for good.
            MementoError: it has not this capture; `TooLargeError` if that is too large.
            OverError: the run sends no more requests.
        """
        for tried in range(1, tries + 1):
            try:
                return await self._available(site, capture)
            except ArchiveError as error:
                if not error.transient or tried == tries:
                    raise
                await self._session.sleep(error.retry_after or self._rest * 2**tried)
        raise AssertionError("unreachable: the last try returns or raises")

    async def _available(self, site: str, capture: Capture) -> Memento:
        """A memento; that the archive offers another in its place is believed the second time."""
        try:
            return await self._memento(site, capture)
        except OtherCaptureError as error:
            came = (capture.original, capture.timestamp)
            if came in self._doubted:
                raise
            self._doubted.add(came)
            raise ArchiveError(str(error), transient=True) from error

    async def _memento(self, site: str, capture: Capture) -> Memento:
        """A memento that is whole, by the index's digest.

        A body that was cut off on its way under a length that fits shows in nothing else. One that
        stays as it is, time after time, is what the archive has.
        """
        memento, whole = await self._replayed(site, capture)
        if whole:
            self._alike += 1
            return memento
        self._unlike += 1
        came = (capture.original, capture.timestamp, sha1_base32(memento.body))
        self._odd[came] += 1
        believed = self._unlike < MAX_UNLIKE or self._alike > self._unlike
        if believed and self._odd[came] < MAX_ODD:
            raise ArchiveError("the body is not the one of the index's digest", transient=True)
        return memento

    async def _replayed(self, site: str, capture: Capture) -> tuple[Memento, bool]:
        ask = self._archive.replay_ask(capture)
        asked: set[str] = set()
        while ask.url not in asked and len(asked) < MAX_HOPS:
            asked.add(ask.url)
            answer = await self._answer(site, ask)
            found = self._archive.read_replay(capture, answer, datetime.now(UTC))
            if not isinstance(found, Redirected):
                return found, is_whole(capture, answer, found.body)
            ask = found.ask
        raise MementoError("not available: the archive redirects in circles")

    async def nearest(self, site: str, url: str, timestamp: str) -> Neighbourhood:
        """The capture of a URL nearest to an instant, and those beside it.

        Raises:
            ArchiveError: the archive has none, failed or refuses, or has no such way.
            MementoError: it answers with what is no capture.
            OverError: the run sends no more requests.
        """
        timegate = self._archive.timegate
        if timegate is None:
            raise UnsupportedError(f"{self._archive.name} tells of no neighbours")
        ask = nearest_ask(timegate, url, timestamp)
        for _ in range(MAX_HOPS):
            found = read_nearest(timegate, await self._answer(site, ask), datetime.now(UTC))
            if not isinstance(found, Redirected):
                return found
            ask = found.ask
        raise MementoError("not available: the archive redirects in circles")

    async def _answer(self, site: str, ask: Ask) -> Answer:
        request = Request(
            ask.url,
            headers=dict(ask.headers),
            meta={"site": site, "budget": ask.budget.value},
            dont_filter=True,
        )
        engine = self._crawler.engine
        if engine is None:
            raise ArchiveError("the crawler has ended", transient=True)
        try:
            async with self._slots[ask.budget]:
                response = await engine.download_async(request)
        except DownloadCancelledError as error:
            raise TooLargeError(f"the answer is too large: {error}") from error
        except FAILURES as error:
            raise ArchiveError(f"no answer: {_words(error)}", transient=True) from error
        return _answer_of(response)


def _at(question: Question, resume: str | None) -> Question:
    return replace(question, resume=resume)


def _answer_of(response: Response) -> Answer:
    headers = tuple(
        (name.decode("latin-1"), value.decode("latin-1"))
        for name, values in response.headers.items()
        for value in values
    )
    return Answer(url=response.url, status=response.status, headers=headers, body=response.body)


def _words(error: Exception) -> str:
    names = {DownloadTimeoutError: "timed out", ResponseDataLossError: "cut off on its way"}
    return names.get(type(error)) or " ".join(str(error).split())[:200] or type(error).__name__
