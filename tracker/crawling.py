"""Runs crawls and derives what they brought: the one path that commands and schedules share."""

from __future__ import annotations

import contextlib
from dataclasses import asdict, dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any

from crawler.errors import CrawlError
from crawler.job import (
    Failure,
    Job,
    Listed,
    Mode,
    PassedOver,
    Policies,
    PolicyFound,
    Requests,
    RunDone,
    SiteDone,
    SiteJob,
    SnapshotKept,
)
from crawler.run import run_crawl
from storage.records import format_time
from tracker.analysis import analyse
from tracker.classify.model import load
from tracker.errors import TrackerError
from tracker.kept import last_policy_url
from tracker.labels import LabelBook
from tracker.overrides import overrides_by_site

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime
    from threading import Event as ThreadEvent

    from crawler.job import Event, Outcome
    from crawler.live import LiveCheck
    from crawler.overrides import Overrides
    from storage.database import Database
    from storage.records import Site
    from tracker.analysis import Analysis
    from tracker.config import Config


@dataclass(slots=True, kw_only=True)
class SiteResult:
    """What became of one site in a crawl; filled as its events come in."""

    site: str
    policies: tuple[PolicyFound, ...] = ()
    passed_over: tuple[PassedOver, ...] = ()
    captures_listed: int = 0
    captures_fetched: int = 0
    requests: Requests = field(default_factory=Requests)
    versions: int = 0
    versions_new: int = 0
    failures: dict[tuple[str, str | None], Failure] = field(default_factory=dict)
    seconds: float = 0.0
    outcome: Outcome = "stopped"
    reason: str | None = "the crawl ended before this site was done"
    live: LiveCheck | None = None

    def take(self, event: Event) -> None:
        """Take in one event of this site."""
        match event:
            case Policies():
                self.policies, self.passed_over = event.policies, event.passed_over
            case Listed():
                self.captures_listed = event.captures
            case SnapshotKept():
                self.captures_fetched += 1
                self.failures.pop((event.url, event.timestamp), None)
            case Failure():
                self.failures[event.url, event.timestamp] = event
            case SiteDone():
                self.captures_listed = event.captures_listed
                self.captures_fetched = event.captures_fetched
                self.requests = event.requests
                self.seconds = event.seconds
                self.outcome, self.reason = event.outcome, event.reason
            case _:
                pass


@dataclass(frozen=True, slots=True, kw_only=True)
class CrawlResult:
    """What became of a crawl: its sites in the order asked, and how it ended."""

    sites: tuple[SiteResult, ...]
    outcome: Outcome
    reason: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CrawlOptions:
    """What the user may ask of a crawl besides its sites."""

    first: datetime | None = None
    last: datetime | None = None
    strategy: str = "adaptive"
    max_requests: int | None = None
    max_requests_per_site: int | None = None
    mode: Mode = "crawl"


def crawl(
    db: Database,
    config: Config,
    sites: Sequence[Site],
    options: CrawlOptions,
    watch: Callable[[Event], None],
    *,
    stop: ThreadEvent | None = None,
    done: Callable[[Site, SiteResult, Analysis | None], None] | None = None,
) -> CrawlResult:
    """Crawl sites; each one's versions are derived as soon as its captures are in.

    ``watch`` sees every event, for a progress bar; ``done`` sees each site once its versions are
    derived. Ctrl-C ends the crawl gracefully: what was fetched is kept and derived, then
    KeyboardInterrupt goes on. So does ``stop`` once it is set, in seconds, and nothing is raised.

    Raises:
        CrawlError: the job is senseless, or the crawling process died.
        StorageError: what came in cannot be kept.
    """
    if not sites:
        raise TrackerError("no site is tracked: name one, or add some with `tracker add`")
    with db.read() as conn:
        rules = overrides_by_site(conn, sites, config)
    job = Job(
        database=config.database.url,
        archive=config.archive,
        sites=tuple(
            SiteJob(id=site.id, domain=site.domain, overrides=rules[site.id]) for site in sites
        ),
        first=options.first,
        last=options.last,
        strategy=options.strategy,
        max_requests=options.max_requests,
        max_requests_per_site=options.max_requests_per_site,
        mode=options.mode,
    )
    crawling = _Crawling(db, config, sites, rules, derives=options.mode == "crawl", done=done)
    try:
        with contextlib.closing(run_crawl(job, stop=stop)) as events:
            for event in events:
                watch(event)
                crawling.take(event)
    except CrawlError:
        if stop is None or not stop.is_set():
            raise
        crawling.ended = RunDone(outcome="stopped", reason="stopped before its end")
    finally:
        # What an interrupted crawl fetched is worth a history too, unless somebody waits for us.
        if stop is None or not stop.is_set():
            crawling.derive_left_over()
    ended = crawling.ended
    return CrawlResult(
        sites=tuple(crawling.results.values()), outcome=ended.outcome, reason=ended.reason
    )


class _Crawling:
    """What comes of a crawl while it runs: each site's result, derived once its captures are in."""

    def __init__(
        self,
        db: Database,
        config: Config,
        sites: Sequence[Site],
        rules: Mapping[int, Overrides],
        *,
        derives: bool,
        done: Callable[[Site, SiteResult, Analysis | None], None] | None,
    ) -> None:
        self.results = {site.domain: SiteResult(site=site.domain) for site in sites}
        self.ended = RunDone(outcome="failed", reason="the crawl ended without a word")
        self._db = db
        self._config = config
        self._rules = rules
        self._derives = derives
        self._done = done
        self._waiting = {site.domain: site for site in sites}
        self._book = LabelBook(partial(load, config.classifier.path))

    def take(self, event: Event) -> None:
        """Take in one event."""
        name = getattr(event, "site", None)
        if isinstance(event, RunDone):
            self.ended = event
        elif name in self.results:
            self.results[name].take(event)
            if isinstance(event, SiteDone):
                self._finish(self._waiting.pop(name))

    def derive_left_over(self) -> None:
        """Derive sites of which something was fetched before the crawl broke off."""
        for name, site in self._waiting.items():
            if self.results[name].captures_fetched:
                self._derive(site)

    def _finish(self, site: Site) -> None:
        result = self.results[site.domain]
        if self._derives and self._config.archive.live:
            result.live = self._look(site)
        analysis = self._derive(site)
        if self._done is not None:
            self._done(site, result, analysis)

    def _derive(self, site: Site) -> Analysis | None:
        if not self._derives:
            return None
        normalizer = self._rules[site.id].normalizer
        analysis = analyse(self._db, site, self._book, normalizer=normalizer)
        result = self.results[site.domain]
        result.versions, result.versions_new = analysis.versions, len(analysis.new)
        return analysis

    def _look(self, site: Site) -> LiveCheck | None:
        """Look at the page itself, where it is known where that is."""
        from crawler.live import check_live  # brings the normalizer along

        url = self._db.retrieve(lambda conn: last_policy_url(conn, site))
        if url is None:
            return None
        rules = self._rules[site.id]
        return check_live(self._db, site.id, url, self._config.archive, rules)


def crawl_document(result: CrawlResult) -> dict[str, Any]:
    """The JSON of ``tracker crawl --format json``."""
    return {"sites": [site_document(site) for site in result.sites]}


def discovery_document(result: CrawlResult) -> dict[str, Any]:
    """The JSON of ``tracker discover --format json``."""
    return {
        "sites": [
            {
                "site": site.site,
                "policies": [
                    {**_policy(found), "evidence": list(found.evidence)} for found in site.policies
                ],
                "passed_over": [
                    {"url": link.url, "text": link.text, "why": link.why}
                    for link in site.passed_over
                ],
                "requests": {"cdx": site.requests.cdx, "replay": site.requests.replay},
                "reason": site.reason,
            }
            for site in result.sites
        ]
    }


def site_document(site: SiteResult) -> dict[str, Any]:
    """One site of it."""
    return {
        "site": site.site,
        "policies": [_policy(found) for found in site.policies],
        "captures_listed": site.captures_listed,
        "captures_fetched": site.captures_fetched,
        "requests": {"cdx": site.requests.cdx, "replay": site.requests.replay},
        "versions": site.versions,
        "versions_new": site.versions_new,
        "failures": [
            {
                "url": failure.url,
                "timestamp": failure.timestamp,
                "reason": failure.reason,
                "transient": failure.transient,
            }
            for failure in site.failures.values()
        ],
        "seconds": round(site.seconds, 3),
        "outcome": site.outcome,
        "reason": site.reason,
        **({"live": asdict(site.live)} if site.live else {}),
    }


def _policy(found: PolicyFound) -> dict[str, Any]:
    return {
        "url": found.url,
        "from": format_time(found.first) if found.first else None,
        "to": format_time(found.last) if found.last else None,
        "how": found.how,
    }
