"""The vocabulary of unattended work: schedules, the runs that they ask for, a site's pace.

Standard library only, as `storage.records`.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime, timedelta


class RunState(StrEnum):
    """Where a run stands: asked for, claimed by a worker until its lease ends, or over."""

    DUE = "due"
    RUNNING = "running"
    ENDED = "ended"


class Origin(StrEnum):
    """Who made a schedule: a section of the configuration, or a command."""

    CONFIG = "config"
    COMMAND = "command"


@dataclass(frozen=True, slots=True, kw_only=True)
class Timetable:
    """When something is due: either every so long, or by a cron line read in a timezone.

    ``jitter`` is the most by which a site's run is put off; ``adaptive``: only sites that are due
    by their own pace are run.
    """

    every: timedelta | None
    cron: str | None
    timezone: str
    jitter: timedelta
    adaptive: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """A timetable for one target: ``site:DOMAIN``, ``tag:TAG`` or ``all``.

    ``anchor`` is the first due moment of an interval; ``enqueued_until`` the last due moment for
    which runs were asked for, None before the first.
    """

    id: int
    target: str
    timetable: Timetable
    paused: bool
    origin: Origin
    anchor: datetime
    enqueued_until: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One look at a site. ``covers`` counts the due moments that it stands for.

    ``lease_until`` is, of a running one, when its worker counts as dead unless heard of; of a due
    one that was broken off, when it may be tried again. ``attempts`` counts claims.
    """

    id: int
    site_id: int
    site: str
    schedule_id: int | None
    due: datetime
    state: RunState
    worker: str | None = None
    lease_until: datetime | None = None
    attempts: int = 0
    covers: int = 1
    started: datetime | None = None
    ended: datetime | None = None
    outcome: str | None = None
    reason: str | None = None
    captures: int = 0
    late: int = 0
    versions: int = 0
    requests_cdx: int = 0
    requests_replay: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class RunResult:
    """How a run ended; ``outcome`` in the words of a crawl."""

    outcome: str
    reason: str | None = None
    captures: int = 0
    late: int = 0
    versions: int = 0
    requests_cdx: int = 0
    requests_replay: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """How often a site is looked at, and how it fares.

    ``failures`` in a row, the first of which was at ``failing_since``; ``quarantined_at`` once they
    were too many. ``next_due`` is when it is to be looked at again.
    """

    interval: timedelta | None = None
    next_due: datetime | None = None
    failures: int = 0
    failing_since: datetime | None = None
    quarantined_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Scheduler:
    """A scheduler that is at work, or was killed; ``seen`` is its last sign of life."""

    name: str
    started: datetime
    seen: datetime
