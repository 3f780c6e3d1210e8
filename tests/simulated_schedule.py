"""Weeks of schedules in minutes, with kills and clocks that change: what became of what was due."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from storage import crawls, outbox, runs, schedules, tags
from storage import sites as site_table
from storage.database import open_database
from storage.notices import NoticeState
from storage.records import format_time
from storage.run_records import Origin, RunState
from tests import planned_schedule
from tests.planned_schedule import OTHERS, PATCHY, START, TAGGED, TIMETABLES, FastClock, Plan
from tests.standins.receivers import HookReceiver
from tracker.config import Config

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

    from storage.database import Connection, Database
    from storage.run_records import Run, Schedule


SCHEDULERS = 2
PATIENCE = 180.0


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
                [sys.executable, "-m", planned_schedule.__name__, str(self.folder), self.url, hook],
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
