"""Weeks of schedules in minutes: real schedulers in processes of their own, before a fast clock.

Only fetching is played: a capture of each site lies in the archive from a planned moment on, and is
kept as a crawl keeps it. Runs, leases, derivation, the outbox and the webhook are the real ones.

``python -m tests.simulated_schedule FOLDER DATABASE HOOK`` is such a scheduler.
"""

from __future__ import annotations

import fcntl
import json
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from storage import captures, crawls, outbox, runs, schedules, snapshots, tags
from storage import sites as site_table
from storage.database import open_database
from storage.errors import StorageError
from storage.notices import NoticeState
from storage.records import (
    Capture,
    Document,
    Memento,
    Role,
    Screening,
    Verdict,
    format_time,
    format_timestamp,
)
from storage.run_records import Origin, RunState
from tests.standins.receivers import HookReceiver
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
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from crawler.job import Event as CrawlEvent
    from storage.database import Connection, Database
    from storage.records import Site
    from storage.run_records import Run, Schedule
    from tracker.analysis import Analysis
    from tracker.crawling import CrawlOptions

START = datetime(2026, 3, 14, 22, 30, tzinfo=UTC)
"""Within a month of it clocks go forward in Berlin and back in Sydney."""

NORMALIZER = "planned"
SCHEDULERS = 2
PATIENCE = 180.0
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Ledger:
    """What was due, and what became of it."""

    due: int
    run: int
    caught_up: int
    lost: int
    doubled: int
    claimed_again: int
    overlaps: int
    told: int
    sent_again: int
    untold: int
    told_twice: int
    kills: int
    slowest_end: float

    def lines(self) -> list[str]:
        """A line each, for people."""
        return [f"{name:>14} {getattr(self, name)}" for name in self.__dataclass_fields__]


@dataclass(slots=True, kw_only=True)
class Simulation:
    """A database, its schedulers, a receiver, and the ledger in the end."""

    folder: Path
    url: str
    plan: Plan
    gone: Callable[[float], None]
    """Takes the database away for so many seconds."""

    _processes: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def run(self) -> Ledger:
        """Let the time pass."""
        clock = FastClock(self.folder / "clock")
        clock.set(START, 0.0)
        (self.folder / "plan").write_text(json.dumps(_written(self.plan)), encoding="ascii")
        os.environ.setdefault("TRACKER_WEBHOOK_SECRET", "a key of this simulation")
        with HookReceiver(self.folder / "hook.jsonl") as hook, open_database(self.url) as db:
            _set_up(db, clock())
            try:
                self._processes += [self._started(hook.url) for _ in range(SCHEDULERS)]
                # On a busy machine they need as long to start as a simulated week takes.
                _wait(db, lambda conn: len(schedules.signed_in(conn)) == SCHEDULERS)
                kills = self._pass_time(clock, hook.url)
                _drain(db, clock)
            finally:
                slowest = self._ended()
            return _ledger(db, self.plan, hook, self.folder, kills, slowest)

    def _started(self, hook: str) -> subprocess.Popen[bytes]:
        with (self.folder / "log").open("ab") as log:
            return subprocess.Popen(
                [sys.executable, "-m", __name__, str(self.folder), self.url, hook],
                stderr=log,
            )

    def _pass_time(self, clock: FastClock, hook: str) -> int:
        plan, chance = self.plan, random.Random(self.plan.seed)
        seconds = timedelta(days=plan.days).total_seconds() / plan.speed
        moments = sorted(chance.uniform(2.0, seconds * 0.95) for _ in range(plan.kills))
        set_back, gone = seconds / 2, seconds / 3 if plan.database_gone_seconds else seconds * 2
        clock.set(START, plan.speed)
        began, killed = time.monotonic(), 0
        while (passed := time.monotonic() - began) < seconds:
            if killed < len(moments) and passed >= moments[killed]:
                killed += 1
                self._kill(chance, hook)
            if passed >= set_back:
                clock.set(clock() - timedelta(hours=1), plan.speed)
                set_back = seconds * 2
            if passed >= gone:
                self.gone(plan.database_gone_seconds)
                gone = seconds * 2
            time.sleep(0.05)
        return killed

    def _kill(self, chance: random.Random, hook: str) -> None:
        victim = chance.randrange(len(self._processes))
        self._processes[victim].kill()
        self._processes[victim].wait()
        self._processes[victim] = self._started(hook)

    def _ended(self) -> float:
        slowest = 0.0
        for process in self._processes:
            began = time.monotonic()
            process.send_signal(signal.SIGTERM)
            process.wait(60)
            slowest = max(slowest, time.monotonic() - began)
        return round(slowest, 2)


def _written(plan: Plan) -> dict[str, float]:
    return {"days": plan.days, "speed": plan.speed, "kills": plan.kills, "seed": plan.seed}


def _set_up(db: Database, now: datetime) -> None:
    with db.write() as conn:
        for domain in (*OTHERS, *(domain for tagged in TAGGED.values() for domain in tagged)):
            site_table.add(conn, domain)
        for tag, domains in TAGGED.items():
            for domain in domains:
                tags.add(conn, site_table.add(conn, domain).id, [tag])
        for target, table in TIMETABLES.items():
            schedules.put(conn, target, table, origin=Origin.COMMAND, now=now)


def _drain(db: Database, clock: FastClock) -> None:
    """Ask for nothing more, and wait until all is done that was asked for, and told."""

    def left(conn: Connection) -> bool:
        states = runs.states(conn, clock() + timedelta(days=2))
        kept = outbox.counts(conn)
        return bool(states) or any(kept.get(state) for state in OPEN)

    with db.write() as conn:
        for schedule in schedules.every(conn):
            schedules.pause(conn, schedule.target, paused=True, now=clock())
    _wait(db, lambda conn: not left(conn))


def _wait(db: Database, reached: Callable[[Connection], bool]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not db.retrieve(reached):
        if time.monotonic() > deadline:
            raise AssertionError("what should happen does not")
        time.sleep(0.1)


OPEN = (NoticeState.WAITING, NoticeState.SENDING)


def _ledger(
    db: Database, plan: Plan, hook: HookReceiver, folder: Path, kills: int, slowest: float
) -> Ledger:
    with db.read() as conn:
        every = runs.listed(conn)
        expected = Counter[str]()
        for schedule in schedules.every(conn):
            for domain in _sites(schedule.target):
                expected[domain] += _due_moments(schedule)
    assert all(run.state is RunState.ENDED for run in every)
    done, begun = Counter[str](), Counter[str]()
    for run in every:
        done[run.site] += run.covers
        begun[run.site] += 1
    # What is quarantined is left out by its schedule: how often is not known beforehand.
    counted = [domain for domain in expected if domain != PATCHY]
    messages = {posted.headers["idempotency-key"]: posted for posted in hook.posted}
    told = Counter[tuple[str, ...]]()
    for posted in messages.values():
        for notice in posted.document["notices"]:
            what = notice.get("before") if notice["kind"] == "change" else None
            told[(notice["site"], notice["kind"], *([what] if what else []))] += 1
    wanted = set(_wanted_of_patchy(reversed(every)))
    for domain in expected:
        looks = db.retrieve(partial(_looks, domain))
        for moment in plan.changes(domain):
            # What the first look showed is no news, and after the last one nobody looked.
            if looks and looks[0] < moment <= looks[-1]:
                wanted.add((domain, "change", format_time(moment)))
    overlaps = folder / "overlaps"
    return Ledger(
        due=sum(expected[domain] for domain in counted),
        run=sum(begun[domain] for domain in counted),
        caught_up=sum(done[domain] - begun[domain] for domain in counted),
        lost=sum(max(0, expected[domain] - done[domain]) for domain in counted),
        doubled=sum(max(0, done[domain] - expected[domain]) for domain in counted),
        claimed_again=sum(run.attempts - 1 for run in every),
        overlaps=len(overlaps.read_text().splitlines()) if overlaps.exists() else 0,
        told=sum(told.values()),
        sent_again=len(hook.posted) - len(messages),
        untold=len(wanted - set(told)),
        told_twice=sum(told.values()) - len(set(told) & wanted),
        kills=kills,
        slowest_end=slowest,
    )


def _wanted_of_patchy(every: Iterable[Run]) -> Iterator[tuple[str, ...]]:
    """What is to be told of its health, by the runs that it had, in their order."""
    failures = 0
    for run in every:
        if run.site == PATCHY and run.outcome == "failed":
            failures += 1
            if failures == Config().pace.quarantine_after:
                yield PATCHY, "quarantine"
        elif run.site == PATCHY:
            if failures >= Config().pace.quarantine_after:
                yield PATCHY, "recovery"
            failures = 0


def _looks(domain: str, conn: Connection) -> list[datetime]:
    """When a site was looked at, from the run on that made its history known."""
    site = site_table.get(conn, domain)
    assert site is not None
    looks = [crawl.started for crawl in crawls.of_site(conn, site.id) if crawl.outcome == "done"]
    done = [run for run in runs.listed(conn, site_id=site.id) if run.outcome == "done"]
    if not done:
        return []
    known = done[-1].ended
    first = max((look for look in looks if known and look <= known), default=min(looks))
    return [first, *sorted(look for look in looks if look > first)]


def _sites(target: str) -> tuple[str, ...]:
    kind, _, name = target.partition(":")
    if kind == "tag":
        return TAGGED[name]
    return (name,) if kind == "site" else tuple(one for one in OTHERS if one != "hourly.example")


def _due_moments(schedule: Schedule) -> int:
    """How often a schedule was due, counted without what the scheduler counts with."""
    until, when = schedule.enqueued_until, schedule.timetable
    assert until is not None
    if when.every is not None:
        return sum(1 for number in range(100_000) if schedule.anchor + number * when.every <= until)
    zone = ZoneInfo(when.timezone)
    days = (date(2026, 3, 1) + timedelta(days=number) for number in range(120))
    moments = (
        datetime(day.year, day.month, day.day, 2, 30, tzinfo=zone).astimezone(UTC) for day in days
    )
    return sum(schedule.anchor <= moment <= until for moment in moments)


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
