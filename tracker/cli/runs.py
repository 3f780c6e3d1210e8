"""``tracker runs``: what ran, when, with what outcome; what runs next."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from tracker.cli.options import configured, open_configured, output_format
from tracker.cli.output import console, json_document, json_lines, say, table
from tracker.errors import RequestError

if TYPE_CHECKING:
    from storage.database import Connection
    from storage.records import Site
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

    def read(conn: Connection) -> list[dict[str, Any]]:
        from tracker.schedule import listing

        of = _site(conn, site)
        if upcoming:
            return listing.upcoming(conn, of, now, limit=limit)
        return listing.ran(conn, of, failed=failed, limit=limit)

    with open_configured(config) as db:
        if form == "prometheus":
            from tracker.schedule.metrics import metrics

            click.echo(db.retrieve(lambda conn: metrics(conn, now)), nl=False)
            return
        found = db.retrieve(read)
    if form == "text":
        _print(found, upcoming=upcoming)
    elif form == "jsonl":
        json_lines(found)
    else:
        json_document(found)


def _site(conn: Connection, key: str | None) -> Site | None:
    from storage import sites
    from tracker.targets import site_in

    if key is None:
        return None
    known = sites.get(conn, key) or sites.get(conn, site_in(key))
    if known is None:
        raise RequestError(f"{key} is not tracked; see `tracker runs`")
    return known


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
