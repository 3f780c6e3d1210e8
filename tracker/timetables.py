"""Timetables: what a person may write, and when it makes something due.

Due moments are computed by APScheduler's triggers, which know calendars and timezones; nothing else
of it is used (docs/decisions says why). Two of its habits are not a crontab's and are mended here:
weekdays counted from Monday, and a day of the month *and* of the week where crontab(5) says *or*.
"""

from __future__ import annotations

import re
from collections import deque
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from itertools import islice
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from storage.run_records import Timetable
from tracker.durations import duration
from tracker.errors import RequestError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from apscheduler.triggers.cron import CronTrigger

SHORTEST = timedelta(seconds=1)

NICKNAMES = {
    "@hourly": "0 * * * *",
    "@daily": "0 0 * * *",
    "@midnight": "0 0 * * *",
    "@weekly": "0 0 * * 0",
    "@monthly": "0 0 1 * *",
    "@yearly": "0 0 1 1 *",
    "@annually": "0 0 1 1 *",
}
WEEKDAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
WEEKDAY = re.compile(r"([0-7]|[a-z]{3})(?:-([0-7]|[a-z]{3}))?(?:/([1-7]))?")

COUNTED = 10_000
"""Missed moments of a cron line that are counted one by one; beyond, the count stays there."""

LOOK_BACK = timedelta(days=1)
"""Within which a cron line that was missed so often has been due at least once."""


def timetable(
    *,
    every: str | None = None,
    cron: str | None = None,
    timezone: str = "UTC",
    jitter: str = "0",
    adaptive: bool = False,
) -> Timetable:
    """Check what a person wrote.

    Raises:
        RequestError: it is no timetable, or never makes anything due.
    """
    if (every is None) == (cron is None):
        raise RequestError("give either an interval (every) or a cron line (cron)")
    length = None if every is None else duration(every)
    if length is not None and length < SHORTEST:
        raise RequestError(f"every {every}: an interval is a second at least")
    try:
        ZoneInfo(timezone)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise RequestError(f"unknown timezone {timezone!r}: write it as Europe/Berlin") from error
    line = None if cron is None else " ".join(cron.split())
    made = Timetable(
        every=length, cron=line, timezone=timezone, jitter=duration(jitter), adaptive=adaptive
    )
    if line is not None and next_after(made, _EPOCH, datetime.now(UTC)) is None:
        raise RequestError(f"{line!r} never makes anything due")
    return made


def next_after(table: Timetable, anchor: datetime, moment: datetime) -> datetime | None:
    """The first due moment after another, None if there is none; an interval's first is its anchor.

    A cron line that names its hours is due once on the day when a clock is set back, and one whose
    hour is skipped in spring is due when that hour would have begun to count.
    """
    if table.every is not None:
        return anchor + table.every * max(0, (moment - anchor) // table.every + 1)
    nearest = [
        found
        for trigger in _triggers(table.cron or "", table.timezone)
        if (found := _fire(trigger, moment, ZoneInfo(table.timezone))) is not None
    ]
    return min(nearest, default=None)


def coming(table: Timetable, anchor: datetime, after: datetime, number: int) -> Iterator[datetime]:
    """The next due moments after another, as many as asked for, or fewer."""
    moment: datetime | None = after
    for _ in range(number):
        moment = next_after(table, anchor, moment) if moment else None
        if moment is None:
            return
        yield moment


def missed(
    table: Timetable, anchor: datetime, after: datetime, now: datetime
) -> tuple[datetime, int] | None:
    """The last due moment after one and not after the other, and how many there were; or None."""
    first = next_after(table, anchor, after)
    if first is None or first > now:
        return None
    if table.every is not None:
        more = (now - first) // table.every
        return first + more * table.every, more + 1
    moments = deque(islice(_until(table, first, now), COUNTED))
    if len(moments) < COUNTED:
        return moments[-1], len(moments)
    # Weeks of every minute were missed: the last moment is looked for from this end.
    recent = next_after(table, anchor, now - LOOK_BACK)
    last = deque(_until(table, recent or moments[-1], now), maxlen=1)
    return (last or moments)[-1], COUNTED


def _until(table: Timetable, first: datetime, now: datetime) -> Iterator[datetime]:
    moment: datetime | None = first
    while moment is not None and moment <= now:
        yield moment
        moment = next_after(table, first, moment)


_EPOCH = datetime(2000, 1, 1, tzinfo=UTC)


def _fire(trigger: CronTrigger, moment: datetime, zone: ZoneInfo) -> datetime | None:
    while True:
        # Its answer may be the very moment it is asked with.
        found = trigger.get_next_fire_time(None, moment + timedelta(microseconds=1))
        if found is None:
            return None
        moment = found.astimezone(UTC)
        if not (moment.astimezone(zone).fold and _names_hours(trigger)):
            return moment
        # This wall-clock time has been an hour ago, before the clock was set back.


def _names_hours(trigger: CronTrigger) -> bool:
    return not str(next(field for field in trigger.fields if field.name == "hour")).startswith("*")


@lru_cache(maxsize=1024)
def _triggers(line: str, timezone: str) -> tuple[CronTrigger, ...]:
    from apscheduler.triggers.cron import CronTrigger

    fields = NICKNAMES.get(line.lower(), line).split()
    if len(fields) != 5:
        raise RequestError(
            f"{line!r} is no cron line: it has five fields, minute hour day month weekday"
        )
    minute, hour, day, month, weekday = fields
    days = [(day, _weekdays(weekday, line))]
    if not day.startswith("*") and not weekday.startswith("*"):
        days = [(day, "*"), ("*", _weekdays(weekday, line))]
    try:
        return tuple(
            CronTrigger(
                minute=minute, hour=hour, day=of_month, month=month, day_of_week=of_week,
                timezone=timezone,
            )
            for of_month, of_week in days
        )  # fmt: skip
    except ValueError as error:
        raise RequestError(f"{line!r} is no cron line: {error}") from error


def _weekdays(field: str, line: str) -> str:
    """A crontab's weekdays (0 and 7 are Sunday) as names, which mean the same to APScheduler."""
    if field.startswith("*"):
        step = field.removeprefix("*").removeprefix("/")
        return "*" if not step else _named("sun", "sat", step, line)
    names = []
    for part in field.lower().split(","):
        match = WEEKDAY.fullmatch(part)
        if match is None:
            raise RequestError(f"{line!r} is no cron line: {part!r} is no weekday")
        names.append(_named(match[1], match[2], match[3] or "1", line))
    return ",".join(names)


def _named(first: str, last: str | None, step: str, line: str) -> str:
    start = _number(first, line)
    end = start if last is None else _number(last, line)
    if last is not None and end <= start and last in {"7", "sun", "0"}:
        end = 7
    if end < start or not step.isdigit() or step == "0":
        raise RequestError(f"{line!r} is no cron line: {first}-{last} is no span of weekdays")
    return ",".join(WEEKDAYS[number % 7] for number in range(start, end + 1, int(step)))


def _number(name: str, line: str) -> int:
    if name.isdigit():
        return int(name)
    if name not in WEEKDAYS:
        raise RequestError(f"{line!r} is no cron line: {name!r} is no weekday")
    return WEEKDAYS.index(name)
