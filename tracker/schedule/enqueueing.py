"""Asks for the runs that schedules make due; whoever is free carries them out.

Any number of schedulers may do this at once: each due moment of a schedule is handled in one
transaction that holds the schedule's row. What was missed while none was at work is asked for once.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from hashlib import sha256
from typing import TYPE_CHECKING

from storage import paces, runs, schedules, sites, tags
from storage.run_records import Origin
from tracker.schedule_rules import site_target, tag_target
from tracker.timetables import coming, missed

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from storage.database import Connection, Database
    from storage.run_records import Schedule
    from tracker.schedule_rules import ScheduleRule

LONGEST_STEP = timedelta(days=1)
"""By which a clock may be set back for what was done by then to stay done; a moment farther ahead
was never the time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What a schedule asked for: runs of so many sites, for so many due moments each."""

    target: str
    due: datetime
    covers: int
    sites: int


def enqueue_due(db: Database, now: datetime) -> list[Asked]:
    """Ask for all runs that are due by now.

    Raises:
        StorageError: the database fails.
    """
    asked = []
    for schedule in db.retrieve(schedules.every):
        if not schedule.paused and (_is_ahead(schedule, now) or _missed(schedule, now)):
            found = db.transact(partial(_enqueue, schedule.id, now))
            if found is not None:
                asked.append(found)
    return asked


def next_moments(schedule: Schedule, now: datetime, number: int = 5) -> list[datetime]:
    """The next due moments of a schedule; none while it is paused.

    One that is due and was not asked for yet is the first: a new schedule's, as a rule.
    """
    if schedule.paused:
        return []
    outstanding = _missed(schedule, now)
    after = max(now, _handled_until(schedule))
    following = coming(schedule.timetable, schedule.anchor, after, number)
    return [*([outstanding[0]] if outstanding else []), *following][:number]


def keep_rules(db: Database, rules: Sequence[ScheduleRule], now: datetime) -> None:
    """Have the schedules of the configuration be those that it says, and no others.

    Those made by command stay, but for a target of which the configuration speaks. A site that it
    names is tracked.

    Raises:
        StorageError: the database fails.
    """

    def keep(conn: Connection) -> None:
        for schedule in schedules.every(conn):
            if schedule.origin is Origin.CONFIG and schedule.target not in wanted:
                schedules.remove(conn, schedule.target)
        for rule in rules:
            kind, _, name = rule.target.partition(":")
            if kind == "site" and sites.get(conn, name) is None:
                sites.add(conn, name)
            schedules.put(conn, rule.target, rule.timetable, origin=Origin.CONFIG, now=now)

    wanted = {rule.target for rule in rules}
    kept = {one.target: one for one in db.retrieve(schedules.every)}
    same = all(
        rule.target in kept
        and kept[rule.target].timetable == rule.timetable
        and kept[rule.target].origin is Origin.CONFIG
        for rule in rules
    )
    gone = any(one.origin is Origin.CONFIG and one.target not in wanted for one in kept.values())
    if gone or not same:
        db.transact(keep)


def site_ids_of(conn: Connection, target: str) -> list[int]:
    """The sites that a target's schedule runs: those of which no narrower one speaks."""
    kind, _, name = target.partition(":")
    if kind == "site":
        site = sites.get(conn, name)
        return [site.id] if site is not None and sites.is_crawlable(site) else []
    others = {schedule.target for schedule in schedules.every(conn)}
    every = sites.crawlable(conn)
    own = {site.id for site in every if site_target(site.domain) in others}
    if kind == "tag":
        tagged = set(tags.site_ids(conn, name))
        return [site.id for site in every if site.id in tagged - own]
    for tag in _tags(others):
        own.update(tags.site_ids(conn, tag))
    return [site.id for site in every if site.id not in own]


def _tags(targets: Iterable[str]) -> list[str]:
    prefix = tag_target("")
    return [target.removeprefix(prefix) for target in targets if target.startswith(prefix)]


def _enqueue(schedule_id: int, now: datetime, conn: Connection) -> Asked | None:
    schedule = schedules.held(conn, schedule_id)
    if schedule is None:
        return None
    if _is_ahead(schedule, now):
        schedules.mark(conn, schedule.id, now)
        return None
    found = _missed(schedule, now)
    if found is None:
        return None
    due, covers = found
    adaptive, jitter = schedule.timetable.adaptive, schedule.timetable.jitter
    resting = paces.resting_site_ids(conn, due + jitter, all_of_them=adaptive)
    chosen = [one for one in site_ids_of(conn, schedule.target) if one not in resting]
    moments = {site_id: due + _put_off(site_id, jitter) for site_id in chosen}
    runs.enqueue(conn, moments, schedule_id=schedule.id, covers=covers)
    schedules.mark(conn, schedule.id, due)
    return Asked(target=schedule.target, due=due, covers=covers, sites=len(chosen))


def _missed(schedule: Schedule, now: datetime) -> tuple[datetime, int] | None:
    return missed(schedule.timetable, schedule.anchor, _handled_until(schedule), now)


def _handled_until(schedule: Schedule) -> datetime:
    return schedule.enqueued_until or schedule.anchor - timedelta(seconds=1)


def _is_ahead(schedule: Schedule, now: datetime) -> bool:
    return schedule.enqueued_until is not None and schedule.enqueued_until > now + LONGEST_STEP


def _put_off(site_id: int, jitter: timedelta) -> timedelta:
    """The site's own part of the jitter: the same each time, so that its rhythm stays even."""
    seconds = round(jitter.total_seconds())
    digest = sha256(f"site {site_id}".encode()).digest()
    return timedelta(seconds=int.from_bytes(digest[:8]) % (seconds + 1))
