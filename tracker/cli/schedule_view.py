"""Schedules as a person sees them: a table, or JSON, with the next runs of each."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from storage.records import format_time
from tracker.cli.output import console, say, table
from tracker.durations import written
from tracker.schedule.enqueueing import next_moments, site_ids_of
from tracker.schedule_rules import shown_target

if TYPE_CHECKING:
    from datetime import datetime

    from storage.database import Connection, Database
    from storage.run_records import Schedule, Timetable


def show_schedules(db: Database, found: list[Schedule], now: datetime) -> None:
    """Print schedules as a table."""
    if not found:
        say("nothing is scheduled; add one: tracker schedule add SITE --every 6h")
        return

    def count(conn: Connection) -> list[int]:
        return [len(site_ids_of(conn, schedule.target)) for schedule in found]

    rows = table("target", "sites", "when", "next runs", right=("sites",))
    for schedule, number in zip(found, db.retrieve(count), strict=True):
        coming = "\n".join(_local_times(schedule, now)) or "paused"
        rows.add_row(shown_target(schedule.target), str(number), _when(schedule.timetable), coming)
    console().print(rows)


def _when(when: Timetable) -> str:
    parts = [f"every {written(when.every)}" if when.every else f"{when.cron} {when.timezone}"]
    if when.jitter:
        parts.append(f"spread over {written(when.jitter)}")
    if when.adaptive:
        parts.append("by pace")
    return ", ".join(parts)


def _local_times(schedule: Schedule, now: datetime) -> list[str]:
    zone = ZoneInfo(schedule.timetable.timezone)
    moments = [moment.astimezone(zone) for moment in next_moments(schedule, now)]
    return [
        f"{moment:%a %Y-%m-%d %H:%M:%S %Z}{' (due)' if moment <= now else ''}" for moment in moments
    ]


def schedule_document(schedule: Schedule, now: datetime) -> dict[str, Any]:
    """The JSON of one schedule."""
    when = schedule.timetable
    kind, _, name = schedule.target.partition(":")
    return {
        "target": schedule.target,
        "site": name if kind == "site" else None,
        "tag": name if kind == "tag" else None,
        "every": written(when.every) if when.every else None,
        "cron": when.cron,
        "timezone": when.timezone,
        "jitter": written(when.jitter),
        "adaptive": when.adaptive,
        "paused": schedule.paused,
        "origin": schedule.origin.value,
        "next": [format_time(moment) for moment in next_moments(schedule, now)],
    }
