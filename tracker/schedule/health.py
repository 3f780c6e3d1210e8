"""Is it well: is a scheduler alive, what is overdue, which sites are quarantined."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from storage import paces, runs, schedules
from storage.run_records import RunState

if TYPE_CHECKING:
    from datetime import datetime

    from storage.database import Connection

SILENT_AFTER = timedelta(minutes=3)
"""After which a scheduler that gives no sign of life counts as dead."""

OVERDUE_AFTER = timedelta(hours=1)
"""How long a run may wait for a free worker."""

GOOD = ("done", "partial")


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """How the unattended work fares.

    ``seen`` is the last sign of life of any scheduler, ``oldest`` the due moment of the run that
    has waited longest, ``last_good`` when a run went well last.
    """

    schedules: int
    alive: int
    seen: datetime | None
    waiting: int
    oldest: datetime | None
    running: int
    quarantined: tuple[str, ...]
    last_good: datetime | None
    last_failed: datetime | None
    now: datetime

    @property
    def overdue(self) -> timedelta:
        """How long the run that has waited longest has waited."""
        return self.now - self.oldest if self.oldest else timedelta(0)

    @property
    def is_dead(self) -> bool:
        """Whether there is something to do by schedule and nobody does it."""
        return self.schedules > 0 and not self.alive

    @property
    def ok(self) -> bool:
        """Whether nobody needs to look. A quarantined site has been told of, and is no fault."""
        return not self.is_dead and self.overdue < OVERDUE_AFTER


def health(conn: Connection, now: datetime) -> Health:
    """Look at what schedules, schedulers and runs say."""
    signed_in = schedules.signed_in(conn)
    states = runs.states(conn, now)
    waiting, oldest = states.get(RunState.DUE, (0, None))
    return Health(
        schedules=sum(not schedule.paused for schedule in schedules.every(conn)),
        alive=sum(one.seen > now - SILENT_AFTER for one in signed_in),
        seen=max((one.seen for one in signed_in), default=None),
        waiting=waiting,
        oldest=oldest,
        running=states.get(RunState.RUNNING, (0, None))[0],
        quarantined=tuple(domain for domain, _ in paces.quarantined(conn)),
        last_good=runs.last_ended(conn, GOOD),
        last_failed=runs.last_ended(conn, ("failed",)),
        now=now,
    )


def health_line(found: Health) -> str:
    """The same in a line, with the remedy where one is needed."""
    parts = []
    if found.is_dead:
        since = f", last seen {found.seen:%Y-%m-%d %H:%M} UTC" if found.seen else ""
        parts.append(
            f"{_number(found.schedules, 'schedule')} and no scheduler at work{since}:"
            " run `tracker schedule`"
        )
    elif found.schedules or found.alive:
        alive = _number(found.alive, "scheduler")
        parts.append(f"{_number(found.schedules, 'schedule')}, {alive} at work")
    else:
        parts.append("nothing is scheduled")
    if found.oldest and found.overdue >= OVERDUE_AFTER:
        waiting = _number(found.waiting, "run")
        parts.append(f"{waiting} overdue since {found.oldest:%Y-%m-%d %H:%M} UTC")
    if found.last_failed and (found.last_good is None or found.last_failed > found.last_good):
        parts.append("the last runs failed: `tracker runs --failed`")
    if found.quarantined:
        more = ", …" if len(found.quarantined) > 3 else ""
        names = ", ".join(found.quarantined[:3]) + more
        parts.append(f"{len(found.quarantined)} quarantined ({names})")
    return "; ".join(parts)


def _number(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number or 'no'} {noun}s"
