"""Runs carried out: crawled, derived, told, ended.

Everything that is done for a run can be done twice with the same result; ending it is done once, by
the worker that holds it. Whoever is killed in between leaves the run to the next worker. Whoever
was held up until another had taken it over writes no more for it: what tells and what ends asks, in
the transaction that writes, whose the run is. What is fetched and derived needs no such question: a
capture is the same whoever keeps it, and a derivation takes the place only of the one it has read.
"""

from __future__ import annotations

import os
import socket
import uuid
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Protocol

from storage import arrivals, crawls, paces, runs, sites
from storage.notices import NoticeKind
from storage.run_records import Pace, RunResult
from tracker import pace as pacing
from tracker.claims import Claims, Leases
from tracker.crawling import CrawlOptions, SiteResult, crawl
from tracker.notify.announce import announce, begin_watch, health_notices
from tracker.saving import save_if_stale
from tracker.targets import NO_ARCHIVE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from datetime import datetime
    from threading import Event as ThreadEvent

    from crawler.job import Event, Outcome
    from storage.arrivals import Known
    from storage.database import Connection, Database
    from storage.records import Site
    from storage.run_records import Run
    from tracker.analysis import Analysis
    from tracker.clocks import Clock
    from tracker.config import Config
    from tracker.crawling import CrawlResult

MOST_ATTEMPTS = 5
"""Claims of one run: what has ended so many workers without a word is not tried again."""

BROKEN_OFF = timedelta(minutes=1)
"""How long a run rests that broke off for no reason of its site's."""

SEVERAL = 2
"""Other sites that fail, while none does not: then the archive is unwell, and no site is."""

HISTORY_IS_KNOWN = ("done", "partial")


class Crawl(Protocol):
    """What fetches and derives: `tracker.crawling.crawl`."""

    def __call__(
        self,
        db: Database,
        config: Config,
        sites: Sequence[Site],
        options: CrawlOptions,
        watch: Callable[[Event], None],
        *,
        stop: ThreadEvent | None = None,
        done: Callable[[Site, SiteResult, Analysis | None], None] | None = None,
    ) -> CrawlResult: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteUpdate:
    """What became of one site's run: how it ended, what it told, when the site's turn is next."""

    run: Run
    result: SiteResult
    ended: RunResult
    pace: Pace
    notices: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """What runs are carried out with."""

    db: Database
    config: Config
    clock: Clock
    leases: Leases = field(default_factory=Leases)
    crawl: Crawl = crawl

    def claims(self, worker: str) -> Claims:
        """An empty hand of a worker's."""
        return Claims(db=self.db, worker=worker, clock=self.clock, leases=self.leases)


def worker_name() -> str:
    """A name that no other worker has: the machine, the process, and a random part."""
    return f"{socket.gethostname()}:{os.getpid()}:{uuid.uuid4().hex[:8]}"


def carry_out(
    work: Work,
    claims: Claims,
    ended: Callable[[SiteUpdate], None],
    watch: Callable[[Event], None],
    stop: ThreadEvent,
) -> str | None:
    """Carry out claimed runs: ``ended`` sees each as it ends, the rest is given back.

    Answers why something was given back to be tried later, None where nothing was.

    ``stop``, set from any thread, ends it within seconds. A site whose run has broken off before
    is run alone: if it is to blame, it costs no other one its turn.

    Raises:
        CrawlError: the job is senseless, or the crawling process died.
        StorageError: the database fails.
    """
    carrying = _Carrying(work, claims, ended)
    try:
        with claims.alive(stop):
            for part in carrying.parts():
                if not claims.halt.is_set():
                    carrying.crawl(part, watch)
    except KeyboardInterrupt:
        claims.hand_back()
        raise
    except BaseException as error:
        claims.put_off(BROKEN_OFF, str(error) or type(error).__name__)
        raise
    if claims.halt.is_set():
        claims.hand_back()
    if not claims.held:
        return None
    reason = carrying.reason or "the crawl ended before its sites were done"
    claims.put_off(BROKEN_OFF, reason)
    return reason


class _Carrying:
    """One batch of runs on its way."""

    def __init__(self, work: Work, claims: Claims, ended: Callable[[SiteUpdate], None]) -> None:
        self._work = work
        self._claims = claims
        self._ended = ended
        self._db = work.db
        self._runs: dict[int, Run] = {}
        self._first: dict[int, bool] = {}
        self._known: dict[int, Known] = {}
        self._told: dict[int, int] = {}
        self.reason: str | None = None

    def parts(self) -> Iterator[list[Site]]:
        """The sites that are crawled together; what must not be tried again is ended here."""
        claimed = self._claims.held
        known = self._db.retrieve(lambda conn: [sites.by_id(conn, run.site_id) for run in claimed])
        together = []
        for run, site in zip(claimed, known, strict=True):
            if site is None:
                continue
            self._runs[site.id] = run
            if not sites.is_crawlable(site):
                self._refuse(site, outcome="stopped", reason=NO_ARCHIVE)
            elif run.attempts > MOST_ATTEMPTS:
                self._give_up(site, run)
            elif run.attempts > 1:
                yield [site]
            else:
                together.append(site)
        if together:
            yield together

    def crawl(self, part: Sequence[Site], watch: Callable[[Event], None]) -> None:
        """Crawl some sites; each one's run ends as soon as its versions are derived."""
        ours = [site for site in part if self._begin(site)]
        if not ours:
            return
        result = self._work.crawl(
            self._db,
            self._work.config,
            ours,
            CrawlOptions(),
            watch,
            stop=self._claims.halt,
            done=self._settle,
        )
        self.reason = result.reason

    def _begin(self, site: Site) -> bool:
        """Note what is known of a site before; False where its run is no longer ours."""
        run = self._runs[site.id]
        if not self._claims.confirm(run):
            return False
        due = run.due
        self._known[site.id] = self._db.retrieve(lambda conn: arrivals.known(conn, site.id))
        self._first[site.id] = self._db.retrieve(lambda conn: _is_first(conn, site, due))
        if not self._first[site.id]:
            self._told[site.id] = begin_watch(
                self._db,
                self._work.config,
                site,
                self._work.clock,
                ours=self._claims.ours(run),
            )
        return True

    def _settle(self, site: Site, result: SiteResult, analysis: Analysis | None) -> None:
        if self._claims.halt.is_set() and result.outcome == "stopped":
            return
        run = self._runs[site.id]
        # Who was held up past the lease has been stood in for: the rest is the other's to do.
        if not self._claims.confirm(run):
            return
        notices = self._told.get(site.id, 0)
        if analysis is not None:
            notices += announce(
                self._db,
                self._work.config,
                site,
                analysis,
                first=self._first[site.id],
                clock=self._work.clock,
                ours=self._claims.ours(run),
            )
        save_if_stale(self._db, self._work.config, site)
        known = self._known[site.id]
        late = self._db.retrieve(lambda conn: arrivals.late(conn, site.id, known))
        ended = RunResult(
            outcome=result.outcome,
            reason=None if result.outcome == "done" else result.reason,
            captures=result.captures_fetched,
            late=late,
            versions=result.versions_new,
            requests_cdx=result.requests.cdx,
            requests_replay=result.requests.replay,
        )
        self._end(site, result, ended, notices)

    def _give_up(self, site: Site, run: Run) -> None:
        reason = f"broken off {run.attempts - 1} times"
        if run.reason:
            reason += f", last: {run.reason}"
        self._refuse(site, outcome="failed", reason=reason)

    def _refuse(self, site: Site, *, outcome: Outcome, reason: str) -> None:
        """End a run without a crawl."""
        result = SiteResult(site=site.domain, outcome=outcome, reason=reason)
        self._end(site, result, RunResult(outcome=outcome, reason=reason), 0)

    def _end(self, site: Site, result: SiteResult, ended: RunResult, notices: int) -> None:
        run = self._runs[site.id]
        pace = self._db.transact(lambda conn: self._keep(conn, site, run, ended))
        self._claims.release(run)
        if pace is not None:
            self._ended(SiteUpdate(run=run, result=result, ended=ended, pace=pace, notices=notices))

    def _keep(self, conn: Connection, site: Site, run: Run, ended: RunResult) -> Pace | None:
        """End the run; None where it is no longer ours, and whoever has it will end it."""
        now = self._work.clock()
        if not runs.finish(conn, run.id, self._claims.worker, ended, now):
            return None
        before = paces.of_site(conn, site.id)
        if not sites.is_crawlable(site):
            pace = before
        elif ended.outcome == "failed":
            pace = self._after_failure(conn, site, run, before, now)
        elif ended.outcome == "stopped":
            pace = replace(before, next_due=run.due + self._work.config.pace.limits.shortest)
        else:
            pace = self._after_success(conn, site, run)
        if before.quarantined_at is None and pace.quarantined_at is not None:
            reason = f"{pace.failures} runs in a row have failed; last: {ended.reason}"
            health_notices(conn, self._work.config, site, NoticeKind.QUARANTINE, reason, now)
        elif before.quarantined_at is not None and pace.quarantined_at is None:
            reason = f"crawled again after {before.failures} failures"
            health_notices(conn, self._work.config, site, NoticeKind.RECOVERY, reason, now)
        paces.keep(conn, site.id, pace)
        return pace

    def _after_success(self, conn: Connection, site: Site, run: Run) -> Pace:
        first_seen, changes = paces.told_by_archive(conn, site.id)
        limits = self._work.config.pace.limits
        length = pacing.interval(first_seen, changes, run.due, limits)
        return Pace(interval=length, next_due=run.due + length - pacing.early(length))

    def _after_failure(
        self, conn: Connection, site: Site, run: Run, before: Pace, now: datetime
    ) -> Pace:
        limits, allowed = self._work.config.pace.limits, self._work.config.pace.quarantine_after
        failures, since = before.failures + 1, before.failing_since or run.due
        length = pacing.after_failures(failures, allowed, limits)
        quarantined_at = before.quarantined_at
        if quarantined_at is None and failures >= allowed and not _all_fail(conn, site, since):
            quarantined_at = now
        return Pace(
            interval=length,
            next_due=run.due + length - pacing.early(length),
            failures=failures,
            failing_since=since,
            quarantined_at=quarantined_at,
        )


def _is_first(conn: Connection, site: Site, due: datetime) -> bool:
    """Whether the site's history is still being filled in by the run that was due then.

    A crawl by hand may have filled it in, too; one that ended after this run was due may be its
    own, before somebody was killed.
    """
    if runs.has_ended(conn, site.id, HISTORY_IS_KNOWN):
        return False
    return not any(
        crawl.outcome in HISTORY_IS_KNOWN and crawl.ended is not None and crawl.ended <= due
        for crawl in crawls.of_site(conn, site.id)
    )


def _all_fail(conn: Connection, site: Site, since: datetime) -> bool:
    """Whether several other sites fail, too, and none does not: the archive is unwell then."""
    if runs.sites_since(conn, since, ("done", "partial"), without=site.id):
        return False
    return runs.sites_since(conn, since, ("failed",), without=site.id) >= SEVERAL
