"""Lengths of time as people write them: ``90s``, ``10m``, ``6h``, ``7d``, ``2w``."""

from __future__ import annotations

import re
from datetime import timedelta

from tracker.errors import RequestError

UNITS = {"w": 604_800, "d": 86_400, "h": 3_600, "m": 60, "s": 1}
WRITTEN = re.compile(r"(?:\d+[wdhms])+")
PART = re.compile(r"(\d+)([wdhms])")


def duration(text: str) -> timedelta:
    """Read a length of time; parts add up (``1h30m``), ``0`` is none.

    Raises:
        RequestError: it is none, or longer than a calendar.
    """
    bare = text.strip().lower()
    if bare == "0":
        return timedelta(0)
    if not WRITTEN.fullmatch(bare):
        raise RequestError(f"{text!r} is no length of time; write it as 90s, 10m, 6h, 7d or 2w")
    seconds = sum(int(number) * UNITS[unit] for number, unit in PART.findall(bare))
    if seconds > LONGEST.total_seconds():
        raise RequestError(f"{text!r} is longer than {LONGEST.days} days")
    return timedelta(seconds=seconds)


LONGEST = timedelta(days=3_660)


def written(length: timedelta) -> str:
    """Write a length of time, to the second, as `duration` reads it: ``1h30m``."""
    left = round(length.total_seconds())
    parts = []
    for unit, size in UNITS.items():
        number, left = divmod(left, size)
        if number:
            parts.append(f"{number}{unit}")
    return "".join(parts) or "0s"
