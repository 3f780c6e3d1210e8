"""What ran and what runs next, as ``tracker runs --format json`` and the web app tell it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from storage import runs, schedules
from storage.records import format_time
from tracker.schedule.enqueueing import next_moments, site_ids_of
from tracker.schedule_rules import shown_target

if TYPE_CHECKING:
    from datetime import datetime

    from storage.database import Connection
    from storage.records import Site
    from storage.run_records import Run

EMPTY: dict[str, Any] = dict.fromkeys(
    ("site", "due", "started", "ended", "outcome", "captures", "versions", "requests", "reason")
)


def ran(
    conn: Connection, site: Site | None, *, failed: bool = False, limit: int
) -> list[dict[str, Any]]:
    """Runs that began, of one site or of all, newest first; ``failed``: not done in full."""
    site_id = site.id if site else None
    found = runs.listed(conn, site_id=site_id, failed=failed, limit=limit)
    return [run_document(run) for run in found]


def upcoming(
    conn: Connection, site: Site | None, now: datetime, *, limit: int
) -> list[dict[str, Any]]:
    """Runs that wait, then the next due moment of each schedule that concerns the site."""
    site_id = site.id if site else None
    waiting = runs.listed(conn, site_id=site_id, waiting=True, limit=limit)
    found = []
    for schedule in schedules.every(conn):
        if site is not None and site.id not in site_ids_of(conn, schedule.target):
            continue
        for moment in next_moments(schedule, now, 1):
            kind, _, name = schedule.target.partition(":")
            domain = site.domain if site else name if kind == "site" else None
            target = shown_target(schedule.target)
            found.append(EMPTY | {"site": domain, "due": format_time(moment), "schedule": target})
    documents = [run_document(run) for run in waiting]
    return (documents + sorted(found, key=lambda one: str(one["due"])))[:limit]


def run_document(run: Run) -> dict[str, Any]:
    """One run as JSON tells it."""
    seconds = (run.ended - run.started).total_seconds() if run.ended and run.started else None
    return {
        "site": run.site,
        "due": format_time(run.due),
        "started": _written(run.started),
        "ended": _written(run.ended),
        "outcome": run.outcome,
        "captures": run.captures,
        "versions": run.versions,
        "requests": run.requests_cdx + run.requests_replay,
        "reason": run.reason,
        "id": run.id,
        "state": run.state.value,
        "covers": run.covers,
        "attempts": run.attempts,
        "late": run.late,
        "requests_cdx": run.requests_cdx,
        "requests_replay": run.requests_replay,
        "seconds": seconds,
    }


def _written(moment: datetime | None) -> str | None:
    return format_time(moment) if moment else None
