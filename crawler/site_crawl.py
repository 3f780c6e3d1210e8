"""The crawl of one site, from its domain to its judged snapshots.

The table of captures is the frontier: nothing else remembers what is to be done, so that a crawl
that was killed goes on where it was.
"""

from __future__ import annotations

import asyncio
import logging
import time
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, Any

from crawler.archives.decoding import TooLargeError
from crawler.archives.neighbours import neighbours
from crawler.errors import ArchiveError, CrawlError, ExcludedError, MementoError
from crawler.frontier import Frontier
from crawler.job import Failure, Listed, Planned, SiteDone, SiteStarted, SnapshotKept
from crawler.listing import Listing
from crawler.session import OverError
from storage import captures, crawls, snapshots
from storage.errors import StorageError
from storage.records import Memento, Verdict

if TYPE_CHECKING:
    from collections.abc import Coroutine, Sequence

    from crawler.fetching import Fetcher
    from crawler.job import Outcome, SiteJob
    from crawler.pipelines import Judged, Keeper
    from crawler.selection import Copy
    from crawler.session import Session
    from crawler.walking import Walking
    from storage.database import Connection
    from storage.records import ListedCapture

logger = logging.getLogger(__name__)

SECOND_PASS_TRIES = 4

CROWD = 50
"""Captures of a second pass for which one request at a time is quick enough."""


class SiteCrawl:
    """One site of a job. Holds no judgement: discovery and selection say what to do."""

    def __init__(self, session: Session, fetcher: Fetcher, keeper: Keeper, site: SiteJob) -> None:
        self._session = session
        self._fetcher = fetcher
        self._keeper = keeper
        self._site = site
        self._archive = session.archive
        self._normalizer = site.overrides.normalizer
        self._frontier = Frontier(
            site_id=site.id,
            archive=session.archive.name,
            strategy_name=session.job.strategy,
            normalizer=self._normalizer,
            first=session.job.first,
            last=session.job.last,
        )
        self._walking: Walking | None = None
        self._cold: dict[int, str] = {}
        self._failures = 0
        self._fetched = 0
        self._stopped: str | None = None
        self._failed: str | None = None
        self._began = time.monotonic()
        self._crawl_id = 0

    async def first_pass(self) -> None:
        """Find, list, fetch.

        Raises:
            StorageError: the database fails; the run cannot go on.
        """
        self._session.emit(SiteStarted(site=self._site.domain))
        self._crawl_id = await self._session.writer.do(
            lambda conn: crawls.start(conn, self._site.id)
        )
        self._settle(await error_of(self._work()))

    @property
    def is_cold(self) -> bool:
        """Whether some captures may be had on a second try."""
        return bool(self._cold) and self._stopped is None

    async def second_pass(self) -> None:
        """Try once more what the archive could not serve at first: it has warmed up since.

        Raises:
            StorageError: the database fails; the run cannot go on.
        """
        again = list(self._cold)
        self._cold.clear()
        self._frontier.try_again(again)
        self._settle(await error_of(self._work_again(again)))

    async def finish(self) -> SiteDone:
        """Record and tell how it went."""
        for capture_id, cold_reason in self._cold.items():
            self._fail(self._frontier.items[capture_id], cold_reason, transient=True)
        self._session.done(self._site.domain)
        requests = self._session.requests(self._site.domain)
        outcome, reason = self._outcome()
        await self._session.writer.do(
            lambda conn: crawls.finish(
                conn,
                self._crawl_id,
                outcome=outcome,
                reason=reason,
                requests_cdx=requests.cdx,
                requests_replay=requests.replay,
            )
        )
        done = SiteDone(
            site=self._site.domain,
            captures_listed=self._frontier.listed,
            captures_fetched=self._fetched,
            requests=requests,
            failures=self._failures,
            seconds=round(time.monotonic() - self._began, 3),
            outcome=outcome,
            reason=reason,
        )
        self._session.emit(done)
        return done

    def _outcome(self) -> tuple[Outcome, str | None]:
        if self._failed is not None:
            return "failed", self._failed
        if self._stopped is not None:
            nothing = self._session.refused and not self._frontier.listed
            return "failed" if nothing else "stopped", self._stopped
        if self._failures:
            return "partial", f"{self._failures} could not be had"
        return "done", None

    async def _work(self) -> None:
        if self._session.job.mode == "crawl":
            await self._fetch_damaged()
        await self._judge_left_over()
        await self._list()
        if self._session.job.mode == "crawl" and self._failed is None:
            await self._fetch_chosen()

    async def _work_again(self, capture_ids: list[int]) -> None:
        # What failed together fails together again: few at a time.
        few = 1 + len(capture_ids) // CROWD
        at_once = min(few, self._session.job.archive.concurrency)
        await self._fetch(capture_ids, tries=SECOND_PASS_TRIES, at_once=at_once)
        await self._fetch_chosen()

    def _settle(self, error: BaseException | None) -> None:
        """What ended the work early, if anything did."""
        if isinstance(error, StorageError):
            raise error
        if isinstance(error, OverError):
            self._stopped = str(error)
        elif isinstance(error, CrawlError):
            self._failed = f"{self._site.domain}: {error}"
        elif error is not None:
            # A fault of ours, met on this site's pages, must not cost the other sites.
            logger.error("cannot crawl %s", self._site.domain, exc_info=error)
            self._failed = f"{self._site.domain}: unexpected: {type(error).__name__}: {error}"

    async def _fetch_damaged(self) -> None:
        """Fetch again what `tracker doctor --repair` gave up, whether or not it would be chosen."""

        def damaged() -> list[ListedCapture]:
            return self._session.db.retrieve(
                lambda conn: snapshots.given_up(conn, self._site.id, self._archive.name)
            )

        for item in await asyncio.to_thread(damaged):
            error = await error_of(self._replace(item))
            if isinstance(error, ArchiveError | MementoError):
                self._fail(item, f"damaged here, and {error}", transient=True)
            elif error is not None:
                raise error

    async def _replace(self, item: ListedCapture) -> None:
        memento = await self._fetcher.memento(self._site.domain, item.capture)
        await self._session.writer.do(lambda conn: snapshots.keep(conn, item.id, memento))
        self._fetched += 1

    async def _judge_left_over(self) -> None:
        """Judge what a killed run kept and did not judge, or an older normalizer did."""

        def left() -> list[int]:
            return self._session.db.retrieve(
                lambda conn: snapshots.unjudged(conn, self._site.id, normalizer=self._normalizer)
            )

        await self._keeper.judge_kept(self._site.id, await asyncio.to_thread(left))

    async def _list(self) -> None:
        listing = Listing(self._session, self._fetcher, self._keeper, self._site)
        policies = await listing.run()
        self._session.emit(policies)
        for failure in listing.failures:
            self._failures += 1
            self._session.emit(failure)
        if not policies.policies:
            self._failed = (
                f"{self._site.domain}: no privacy policy found in {self._archive.name};"
                " name it with --url"
            )
        self._walking = listing.walking
        for url, first, last in listing.walking.spans:
            self._frontier.walk(url, first, last)
        await asyncio.to_thread(self._load_frontier)
        self._session.emit(Listed(site=self._site.domain, captures=self._frontier.listed))

    def _load_frontier(self) -> None:
        self._session.db.retrieve(self._frontier.load)

    async def _fetch_chosen(self) -> None:
        """Ask the strategy, do it, ask again."""
        # Choosing among a hundred thousand takes a second, in which other sites go on.
        while choice := await asyncio.to_thread(self._frontier.choose, self._session.db):
            for copy in choice.copy:
                await self._copy(copy)
            if choice.fetch:
                planned = Planned(site=self._site.domain, captures=len(choice.fetch))
                self._session.emit(planned)
                await self._fetch(choice.fetch)

    async def _copy(self, copy: Copy) -> None:
        item = self._frontier.items[copy.id]
        page_url = self._archive.page_url(item.capture)
        judged = await self._keeper.copy(item, self._frontier.snapshots[copy.source], page_url)
        self._kept(item, judged, copied=True)

    async def _fetch(
        self, capture_ids: Sequence[int], *, tries: int = 1, at_once: int | None = None
    ) -> None:
        queue = iter(capture_ids)

        async def work() -> None:
            for capture_id in queue:
                await self._fetch_one(self._frontier.item(capture_id), tries)

        number = at_once or self._session.job.archive.concurrency
        workers = [asyncio.create_task(work()) for _ in range(number)]
        try:
            await asyncio.gather(*workers)
        finally:
            # One worker has met the end of the run; what the others have under way is kept yet.
            await asyncio.gather(*workers, return_exceptions=True)

    async def _fetch_one(self, item: ListedCapture, tries: int) -> None:
        error = await error_of(self._get(item, tries))
        if error is None:
            return
        if isinstance(error, OverError | StorageError):
            raise error
        if isinstance(error, ArchiveError) and error.transient and item.id > 0:
            self._cold[item.id] = str(error)
            await self._mark_failed(item, str(error), transient=True)
            return
        excluded = isinstance(error, ExcludedError)
        reason = str(error)
        if not isinstance(error, CrawlError):
            # A page of the open web has found a fault of ours: it must not cost the others.
            logger.error("cannot fetch %s", item.capture.original, exc_info=error)
            reason = f"unexpected: {type(error).__name__}: {error}"
        await self._mark_failed(item, reason, transient=False, excluded=excluded)
        self._fail(item, reason, transient=False)

    async def _get(self, item: ListedCapture, tries: int) -> None:
        if item.id < 0:
            await self._visit(item)
            return
        try:
            memento = await self._fetcher.memento(self._site.domain, item.capture, tries=tries)
        except TooLargeError as error:
            judged = await self._keeper.keep_unread(item, self._bodiless(item), str(error))
        else:
            judged = await self._keeper.keep(item, memento)
            if self._walking and self._frontier.walks_by(item.capture):
                around = neighbours(memento.headers)
                await self._walking.look_around(self._frontier, item.capture, around)
        self._kept(item, judged)

    async def _visit(self, guess: ListedCapture) -> None:
        found = self._walking and await self._walking.visit(self._frontier, guess)
        if found:
            self._kept(*found)

    def _bodiless(self, item: ListedCapture) -> Memento:
        return Memento(
            capture=item.capture,
            archive_url=self._archive.page_url(item.capture),
            status=item.capture.statuscode or 200,
            headers=(),
            body=b"",
            fetched_at=datetime.now(UTC),
        )

    def _kept(self, item: ListedCapture, judged: Judged, *, copied: bool = False) -> None:
        shown = judged.word_key if judged.verdict is Verdict.POLICY else None
        self._frontier.kept(item, judged.snapshot_id, shown, judged.days)
        self._fetched += 1
        self._session.emit(
            SnapshotKept(
                site=self._site.domain,
                url=item.capture.original,
                timestamp=item.capture.timestamp,
                verdict=judged.verdict.value,
                word_key=judged.word_key,
                copied=copied,
            )
        )

    async def _mark_failed(
        self, item: ListedCapture, reason: str, *, transient: bool, excluded: bool = False
    ) -> None:
        self._frontier.failed(item, reason, transient=transient)
        if item.id < 0:
            return
        await self._session.writer.do(partial(_mark, item.id, reason, transient, excluded))

    def _fail(self, item: ListedCapture, reason: str, *, transient: bool) -> None:
        self._failures += 1
        self._session.emit(
            Failure(
                site=self._site.domain,
                url=item.capture.original,
                timestamp=item.capture.timestamp,
                reason=reason,
                transient=transient,
            )
        )


async def error_of(work: Coroutine[Any, Any, None]) -> BaseException | None:
    """Do some work to its end; answers what it raised, if anything."""
    task = asyncio.create_task(work)
    await asyncio.wait([task])
    return task.exception()


def _mark(capture_id: int, reason: str, transient: bool, excluded: bool, conn: Connection) -> None:
    if excluded:
        captures.mark_excluded(conn, capture_id, reason)
    else:
        captures.mark_failed(conn, capture_id, reason, transient=transient)
