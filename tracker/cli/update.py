"""``tracker update``: crawl what is due, analyse, notify."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from tracker.cli.options import (
    archived,
    configured,
    live_checked,
    open_configured,
    output_format,
)
from tracker.cli.output import console, json_document, json_lines, say, table

if TYPE_CHECKING:
    from storage.database import Database
    from tracker.config import Config
    from tracker.updating import UpdateResult


@click.command("update")
@click.argument("sites", nargs=-1, metavar="[SITE]...")
@click.option("--all", "everything", is_flag=True, help="All tracked sites, due or not.")
@output_format("text", "json", "jsonl")
@configured
@archived
@live_checked
def command(sites: tuple[str, ...], everything: bool, form: str, config: Config) -> None:
    """Crawl what is due, derive what changed, and send the notices that are wanted.

    Without SITE, the tracked sites that are due: a site is looked at as often as its policy has
    been found to change, within the limits of [pace] in config.toml. Exit status 0: all done;
    3: in part; 1: nothing could be had.

    \b
    Example:
      tracker update
      tracker update picroma.com
      tracker update --all --format json
    """
    from tracker.cli.crawl import tracked
    from tracker.cli.progress import CrawlProgress
    from tracker.clocks import utc_now
    from tracker.kept import must_have_domain
    from tracker.running import Work
    from tracker.updating import due_sites, update, update_document

    if sites and everything:
        raise click.UsageError("--all goes without SITE")
    with (
        open_configured(config, create=bool(sites)) as db,
        CrawlProgress(config) as progress,
    ):
        work = Work(db=db, config=config, clock=utc_now)
        if sites or everything:
            with tracked(db, sites) as chosen:
                for site in chosen:
                    must_have_domain(site)
                result = update(work, chosen, progress)
        else:
            result = update(work, due_sites(db, utc_now()), progress)
        if form == "json":
            json_document(update_document(result))
        elif form == "jsonl":
            json_lines(update_document(result)["sites"])
        else:
            _print(db, result)
    sys.exit(_end(result))


def _print(db: Database, result: UpdateResult) -> None:
    if not result.sites:
        say(_nothing(db, result))
        return
    right = ("captures", "late", "requests", "new", "notices")
    rows = table("site", "outcome", *right, "next", right=right)
    for one in result.sites:
        numbers = (
            one.ended.captures,
            one.ended.late,
            one.ended.requests_cdx + one.ended.requests_replay,
            one.ended.versions,
            one.notices,
        )
        following = f"{one.pace.next_due:%Y-%m-%d %H:%M}" if one.pace.next_due else ""
        rows.add_row(one.run.site, one.ended.outcome, *map(str, numbers), following)
    console().print(rows)


def _nothing(db: Database, result: UpdateResult) -> str:
    from storage import paces, sites

    if result.busy or result.broken_off:
        return "nothing could be done"
    with db.read() as conn:
        following, number = paces.next_due(conn), len(sites.every(conn))
    if not number:
        return "no site is tracked: name one, or add some with `tracker add`"
    if following is None:
        return "nothing is due"
    site, moment = following
    return f"nothing is due; next: {site} at {moment:%Y-%m-%d %H:%M} UTC (--all does not wait)"


def _end(result: UpdateResult) -> int:
    """Say what is not whole, and give the exit status."""
    for one in result.sites:
        if one.ended.reason:
            say(f"tracker: {one.run.site}: {one.ended.reason.removeprefix(f'{one.run.site}: ')}")
    for domain in result.busy:
        say(f"tracker: {domain}: another process is at it")
    for channel, reason in result.delivered.failures.items():
        say(f"tracker: notices to {channel}: {reason}; they are tried again")
    if result.broken_off:
        say(f"tracker: {result.broken_off}")
    outcomes = {one.ended.outcome for one in result.sites}
    whole = outcomes <= {"done"} and not (
        result.busy or result.broken_off or result.delivered.failures
    )
    if whole:
        return 0
    nothing = outcomes == {"failed"} or (not outcomes and result.broken_off)
    return 1 if nothing else 3
