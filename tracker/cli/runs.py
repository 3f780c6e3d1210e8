"""``tracker runs``: what ran, when, with what outcome; what runs next."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from tracker.cli.options import configured, open_configured, output_format
from tracker.cli.output import console, json_document, json_lines, say, table
from tracker.errors import RequestError

if TYPE_CHECKING:
    from datetime import datetime

    from storage.database import Connection, Database
    from storage.run_records import Run
    from tracker.config import Config


@click.command("runs")
@click.option("--site", metavar="SITE", help="Only this site's.")
@click.option("--failed", is_flag=True, help="Only those that were not done in full.")
@click.option("--next", "upcoming", is_flag=True, help="What runs next, soonest first.")
@click.option("--limit", type=click.IntRange(min=1), default=50, show_default=True)
@output_format("text", "json", "jsonl", "prometheus")
@configured
def command(
    site: str | None, failed: bool, upcoming: bool, limit: int, form: str, config: Config
) -> None:
    """What ran, when, with what outcome, newest first; what runs next.

    \b
    Example:
      tracker runs
      tracker runs --failed --site picroma.com
      tracker runs --next --format json
      tracker runs --format prometheus
    """
    from tracker.clocks import utc_now

    now = utc_now()
    with open_configured(config, create=True) as db:
        if form == "prometheus":
            from tracker.schedule.metrics import metrics

            click.echo(db.retrieve(lambda conn: metrics(conn, now)), nl=False)
            return
        if upcoming:
            found = _upcoming(db, site, now, limit)
        else:
            found = db.retrieve(lambda conn: _runs(conn, site, failed=failed, limit=limit))
    if form == "text":
        _print(found, upcoming=upcoming)
    elif form == "jsonl":
        json_lines(found)
    else:
        json_document(found)


def _runs(
    conn: Connection, site: str | None, *, failed: bool = False, limit: int, waiting: bool = False
) -> list[dict[str, Any]]:
    from storage import runs, sites
    from tracker.targets import site_in

    site_id = None
    if site is not None:
        known = sites.get(conn, site) or sites.get(conn, site_in(site))
        if known is None:
            raise RequestError(f"{site} is not tracked; see `tracker runs`")
        site_id = known.id
    found = runs.listed(conn, site_id=site_id, failed=failed, waiting=waiting, limit=limit)
    return [_document(run) for run in found]


def _upcoming(db: Database, site: str | None, now: datetime, limit: int) -> list[dict[str, Any]]:
    """Runs that wait, then the next due moment of each schedule that concerns the site."""
    from storage import schedules, sites
    from storage.records import format_time
    from tracker.schedule.enqueueing import next_moments, site_ids_of
    from tracker.schedule_rules import shown_target

    def read(conn: Connection) -> list[dict[str, Any]]:
        waiting = _runs(conn, site, limit=limit, waiting=True)
        found = []
        own = sites.get(conn, site) if site else None
        for schedule in schedules.every(conn):
            if own is not None and own.id not in site_ids_of(conn, schedule.target):
                continue
            for moment in next_moments(schedule, now, 1):
                kind, _, name = schedule.target.partition(":")
                domain = own.domain if own else name if kind == "site" else None
                target = shown_target(schedule.target)
                found.append(
                    EMPTY | {"site": domain, "due": format_time(moment), "schedule": target}
                )
        return (waiting + sorted(found, key=lambda one: str(one["due"])))[:limit]

    return db.retrieve(read)


EMPTY: dict[str, Any] = dict.fromkeys(
    ("site", "due", "started", "ended", "outcome", "captures", "versions", "requests", "reason")
)


def _document(run: Run) -> dict[str, Any]:
    from storage.records import format_time

    def written(moment: datetime | None) -> str | None:
        return format_time(moment) if moment else None

    seconds = (run.ended - run.started).total_seconds() if run.ended and run.started else None
    return {
        "site": run.site,
        "due": format_time(run.due),
        "started": written(run.started),
        "ended": written(run.ended),
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


def _print(found: list[dict[str, Any]], *, upcoming: bool) -> None:
    if not found:
        say("nothing is scheduled" if upcoming else "no run yet: `tracker update`")
        return
    if upcoming:
        rows = table("due", "site", "of")
        for one in found:
            rows.add_row(_short(one["due"]), one["site"] or "", one.get("schedule") or "waiting")
        console().print(rows)
        return
    right = ("seconds", "captures", "new", "requests")
    rows = table("due", "started", "site", "outcome", *right, "reason", right=right)
    for one in found:
        seconds = "" if one["seconds"] is None else f"{one['seconds']:.0f}"
        numbers = (one["captures"], one["versions"], one["requests"])
        rows.add_row(
            _short(one["due"]),
            _short(one["started"]),
            one["site"],
            one["outcome"] or one["state"],
            seconds,
            *map(str, numbers),
            one["reason"] or (f"stands for {one['covers']}" if one["covers"] > 1 else ""),
        )
    console().print(rows)


def _short(moment: str | None) -> str:
    return "" if moment is None else moment.replace("T", " ").removesuffix("Z")
