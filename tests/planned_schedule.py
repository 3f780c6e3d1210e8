"""A scheduler before a fast clock and a planned archive, as a process of its own.

Only fetching is played: a capture of each site lies in the archive from a planned moment on, and is
kept as a crawl keeps it. Runs, leases, derivation, the outbox and the webhook are the real ones.

``python -m tests.planned_schedule FOLDER DATABASE HOOK`` is such a scheduler.
"""

from __future__ import annotations

import fcntl
import json
import os
import random
import signal
import sys
import time
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING

from storage import captures, crawls, snapshots
from storage.database import open_database
from storage.errors import StorageError
from storage.records import (
    Capture,
    Document,
    Memento,
    Role,
    Screening,
    Verdict,
    format_timestamp,
)
from tracker.analysis import analyse
from tracker.claims import Leases
from tracker.classify.model import load
from tracker.config import Config
from tracker.crawling import CrawlResult, SiteResult
from tracker.labels import LabelBook
from tracker.notification_config import rule_of
from tracker.running import Work
from tracker.schedule.log import Log
from tracker.schedule.service import Rhythm, Service
from tracker.timetables import timetable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from crawler.job import Event as CrawlEvent
    from storage.database import Connection, Database
    from storage.records import Site
    from tracker.analysis import Analysis
    from tracker.crawling import CrawlOptions

START = datetime(2026, 3, 14, 22, 30, tzinfo=UTC)
"""Within a month of it clocks go forward in Berlin and back in Sydney."""

NORMALIZER = "planned"
LEASE_SECONDS = 3.0
"""Of this machine; a scheduler that is killed is stood in for after so long."""

PATCHY = "patchy.example"
"""A site that cannot be crawled for a while."""

TIMETABLES = {
    "site:hourly.example": timetable(every="1h"),
    "tag:berlin": timetable(cron="30 2 * * *", timezone="Europe/Berlin", jitter="20m"),
    "tag:sydney": timetable(cron="30 2 * * *", timezone="Australia/Sydney"),
    "all": timetable(every="6h", jitter="1h"),
}
TAGGED = {
    "berlin": ("berlin-1.example", "berlin-2.example"),
    "sydney": ("sydney-1.example", "sydney-2.example"),
}
OTHERS = ("hourly.example", "all-1.example", "all-2.example", PATCHY)


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """How long it takes, and what goes wrong meanwhile."""

    days: int
    speed: float
    kills: int
    seed: int
    database_gone_seconds: float = 0.0

    @property
    def end(self) -> datetime:
        return START + timedelta(days=self.days)

    def changes(self, domain: str) -> list[datetime]:
        """When a site's policy is captured; from the second on, each time changed."""
        chance = random.Random(f"{self.seed} {domain}")
        hours = sorted(chance.sample(range(30, self.days * 24 - 24), max(1, self.days // 5)))
        return [START - timedelta(days=400), *(START + timedelta(hours=hour) for hour in hours)]

    @property
    def failing(self) -> tuple[datetime, datetime]:
        """Between which the patchy site cannot be crawled."""
        return START + timedelta(days=self.days * 0.2), START + timedelta(days=self.days * 0.6)


class FastClock:
    """A clock that all processes read from one file: the moment it was set, and how it runs."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def __call__(self) -> datetime:
        set_at, moment, speed = json.loads(self._file.read_text(encoding="ascii"))
        return datetime.fromtimestamp(moment + (time.monotonic() - set_at) * speed, UTC)

    def set(self, moment: datetime, speed: float) -> None:
        """Set it, for all who read it."""
        new = self._file.with_suffix(".new")
        new.write_text(json.dumps([time.monotonic(), moment.timestamp(), speed]), encoding="ascii")
        new.replace(self._file)


class PlannedCrawl:
    """Stands for `tracker.crawling.crawl`, without an archive."""

    def __init__(self, folder: Path, plan: Plan, clock: Callable[[], datetime]) -> None:
        self._folder = folder
        self._plan = plan
        self._clock = clock
        self._book = LabelBook(load)

    def __call__(
        self,
        db: Database,
        config: Config,  # noqa: ARG002 - the signature of what it stands for
        sites: Sequence[Site],
        options: CrawlOptions,  # noqa: ARG002
        watch: Callable[[CrawlEvent], None],  # noqa: ARG002
        *,
        stop: Event | None = None,
        done: Callable[[Site, SiteResult, Analysis | None], None] | None = None,
    ) -> CrawlResult:
        """Keep what has been captured by now, derive, and tell."""
        results = []
        for site in sites:
            if stop is not None and stop.is_set():
                break
            with self._alone(site):
                result, analysis = self._one(db, site)
            results.append(result)
            if done is not None:
                done(site, result, analysis)
        return CrawlResult(sites=tuple(results), outcome="done", reason=None)

    @contextmanager
    def _alone(self, site: Site) -> Iterator[None]:
        """Note it where another process is at this site; the system lets go of whom it kills."""
        with (self._folder / f"{site.domain}.lock").open("w") as held:
            try:
                fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                with (self._folder / "overlaps").open("a") as ledger:
                    ledger.write(f"{site.domain}\n")
            yield

    def _one(self, db: Database, site: Site) -> tuple[SiteResult, Analysis | None]:
        now = self._clock()
        first, last = self._plan.failing
        if site.domain == PATCHY and first <= now < last:
            return SiteResult(site=site.domain, outcome="failed", reason="not to be had"), None
        crawl = db.transact(lambda conn: crawls.start(conn, site.id, at=now))
        moments = [moment for moment in self._plan.changes(site.domain) if moment <= now]
        kept = db.transact(lambda conn: self._keep(conn, site, moments))
        analysis = analyse(db, site, self._book, normalizer=NORMALIZER)
        db.transact(
            lambda conn: crawls.finish(
                conn, crawl, outcome="done", requests_cdx=1, requests_replay=kept, at=now
            )
        )
        result = SiteResult(site=site.domain, outcome="done", reason=None, captures_fetched=kept)
        result.versions_new = len(analysis.new)
        return result, analysis

    def _keep(self, conn: Connection, site: Site, moments: Sequence[datetime]) -> int:
        known = {one.capture.timestamp for one in captures.of_site(conn, site.id)}
        new = 0
        for number, moment in enumerate(moments):
            if format_timestamp(moment) not in known:
                _keep(conn, site, moment, number)
                new += 1
        return new


def _keep(conn: Connection, site: Site, moment: datetime, number: int) -> None:
    capture = Capture(
        urlkey="k",
        timestamp=format_timestamp(moment),
        original=f"https://{site.domain}/privacy",
        mimetype="text/html",
        statuscode=200,
        digest="-",
    )
    captures.record(conn, site.id, "wayback", Role.POLICY, [capture])
    [listed] = [one for one in captures.of_site(conn, site.id) if one.capture == capture]
    lines = [f"We use your data for purpose {n} of our many purposes." for n in range(6)]
    lines += [f"Since revision {n} we share it with {n + 1} partners, too." for n in range(number)]
    text = "# Privacy policy\n\n" + "\n\n".join(lines)
    memento = Memento(
        capture=capture,
        archive_url=f"https://archive.example/{capture.timestamp}/{capture.original}",
        status=200,
        headers=(),
        body=text.encode(),
        fetched_at=moment,
    )
    snapshot_id = snapshots.keep(conn, listed.id, memento)
    screening = Screening(verdict=Verdict.POLICY, reason="", policy_score=1.0)
    document = Document(markdown=text, language="en")
    snapshots.judge(conn, snapshot_id, screening, document, normalizer=NORMALIZER)


def main() -> None:
    """Be a scheduler until SIGTERM."""
    folder, url, hook = Path(sys.argv[1]), sys.argv[2], sys.argv[3]
    plan = Plan(**json.loads((folder / "plan").read_text(encoding="ascii")))
    clock = FastClock(folder / "clock")
    stop = Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    rule = rule_of({"name": "desk", "to": [f"webhook:{hook}"]})
    lease = timedelta(seconds=LEASE_SECONDS * max(plan.speed, 1.0))
    rhythm = Rhythm(tick=0.05, sign=0.5, send=0.3)
    while not stop.is_set():
        try:
            with open_database(url) as db:
                work = Work(
                    db=db,
                    config=Config(notify=(rule,)),
                    clock=clock,
                    leases=Leases(length=lease, beat_seconds=LEASE_SECONDS / 6),
                    crawl=PlannedCrawl(folder, plan, clock),
                )
                log = Log(sys.stderr, clock, as_json=False)
                Service(work, log, workers=2, rhythm=rhythm).run(stop)
        except StorageError as error:
            # One that starts while the database is away is started again, as systemd does.
            sys.stderr.write(f"{error}\n")
            time.sleep(0.5)
    os._exit(0)


if __name__ == "__main__":
    main()
