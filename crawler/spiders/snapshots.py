"""The one spider: it sends what discovery and selection ask for, from whatever archive."""

from __future__ import annotations

import asyncio
import logging
import time
from typing import TYPE_CHECKING

from scrapy import Spider

from crawler.config import ArchiveConfig
from crawler.errors import CrawlError
from crawler.fetching import Fetcher
from crawler.job import Job, RunDone, SiteJob, event_to_json
from crawler.pipelines import Keeper
from crawler.session import Session
from crawler.site_crawl import SiteCrawl
from storage import sites
from storage.database import open_database
from storage.errors import StorageError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

    from crawler.job import Event, Outcome, SiteDone

SITES_AT_ONCE = 4
"""Sites whose crawls overlap, so that one's questions to the index don't leave the budget for
replay unused."""

logger = logging.getLogger(__name__)


class SnapshotsSpider(Spider):
    """Fetches and keeps the captures of policies.

    Run by ``python -m crawler`` with a session; or by hand, as any spider of Scrapy:
    ``scrapy crawl snapshots -a site=picroma.com -a archive=warc:PATH -a db=tracker.db``,
    with ``url``, ``strategy`` and ``max_requests`` if wanted.
    """

    name = "snapshots"

    def __init__(self, session: Session | None = None, **arguments: str) -> None:
        super().__init__()
        self.session = session or _session_of(arguments)

    async def start(self) -> AsyncIterator[RunDone]:
        """Crawl all sites of the job; nothing goes through Scrapy's scheduler.

        What to fetch follows from the database, after each answer anew; a queue beside it would
        only be another thing to lose.
        """
        began = time.monotonic()
        session = self.session
        session.enter_loop()
        overrides = {site.id: site.overrides for site in session.job.sites}
        keeper = Keeper(session.db, session.writer, overrides)
        try:
            done = await self._crawl(Fetcher(self.crawler, session), keeper)
            outcome, reason = summary(done)
        except StorageError as error:
            outcome, reason = "failed", str(error)
        finally:
            keeper.close()
        seconds = round(time.monotonic() - began, 3)
        ended = RunDone(outcome=outcome, reason=reason, seconds=seconds)
        session.emit(ended)
        yield ended

    def closed(self, reason: str) -> None:  # noqa: ARG002 - Scrapy's
        """Let go of the database, when Scrapy has ended the spider."""
        self.session.close()

    async def _crawl(self, fetcher: Fetcher, keeper: Keeper) -> list[SiteDone]:
        slots = asyncio.Semaphore(SITES_AT_ONCE)
        cold: list[SiteCrawl] = []
        done: list[SiteDone] = []

        async def crawl(site: SiteJob) -> None:
            async with slots:
                site_crawl = SiteCrawl(self.session, fetcher, keeper, site)
                await site_crawl.first_pass()
            if site_crawl.is_cold:
                cold.append(site_crawl)
            else:
                done.append(await site_crawl.finish())

        async def crawl_or_stop(site: SiteJob) -> None:
            try:
                await crawl(site)
            except StorageError as error:
                self.session.stop(str(error))
                raise

        crawls = [crawl_or_stop(site) for site in self.session.job.sites]
        # Whatever ends the run ends it for all: none may go on when Scrapy has closed the spider.
        for error in await asyncio.gather(*crawls, return_exceptions=True):
            if error is not None:
                raise error
        for site_crawl in cold:
            await site_crawl.second_pass()
            done.append(await site_crawl.finish())
        return done


def summary(done: Sequence[SiteDone]) -> tuple[Outcome, str | None]:
    """The outcome of a run: failed if every site did, done if every site is, else the worst."""
    outcomes = [site.outcome for site in done]
    if outcomes and all(outcome == "failed" for outcome in outcomes):
        return "failed", done[0].reason
    for outcome in ("stopped", "failed", "partial"):
        if outcome in outcomes:
            reason = next(site.reason for site in done if site.outcome == outcome)
            return ("stopped" if outcome == "stopped" else "partial"), reason
    return "done", None


def _session_of(arguments: dict[str, str]) -> Session:
    """A session from the arguments of ``scrapy crawl``, for one site.

    Raises:
        CrawlError: they make no job.
    """
    domain = arguments.get("site")
    if not domain:
        raise CrawlError("name the site: scrapy crawl snapshots -a site=picroma.com")
    database = arguments.get("db", "sqlite:///tracker.db")
    with open_database(database) as db, db.write() as conn:
        site = sites.add(conn, domain)
    limit = arguments.get("max_requests")
    job = Job(
        database=database,
        sites=(SiteJob(id=site.id, domain=site.domain, urls=tuple(_given(arguments))),),
        archive=ArchiveConfig(where=arguments.get("archive", "wayback")),
        strategy=arguments.get("strategy", "adaptive"),
        max_requests=None if limit is None else int(limit),
    )
    return Session(job, _log)


def _given(arguments: dict[str, str]) -> list[str]:
    return [arguments["url"]] if "url" in arguments else []


def _log(event: Event) -> None:
    logger.info("%s", event_to_json(event))
