"""``tracker save``: have the archive capture the policy now."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

import click

from tracker.cli.options import archived, configured, open_configured, output_format
from tracker.cli.output import console, json_document, json_lines, say, table

if TYPE_CHECKING:
    from typing import Any

    from storage.database import Database
    from storage.records import Site
    from tracker.config import Config

PARTLY = 3


@click.command("save")
@click.argument("sites", nargs=-1, metavar="SITE...", required=True)
@click.option("--url", "urls", multiple=True, help="Save this page of the site; may be repeated.")
@click.option(
    "--wait",
    type=click.FloatRange(min=0),
    metavar="SECONDS",
    help="How long to wait until the capture is made [default: 60].",
)
@click.option("--status", is_flag=True, help="Ask for nothing: say how earlier requests stand.")
@output_format("text", "json", "jsonl")
@configured
@archived
def command(
    sites: tuple[str, ...],
    urls: tuple[str, ...],
    wait: float | None,
    status: bool,
    form: str,
    config: Config,
) -> None:
    """Ask the archive to capture the sites' policies now: where they were last, or --url.

    Only the Wayback Machine takes such requests, at most ten a day for one page; what it has not
    done when this ends is followed up by the next `tracker update`, or with --status. Environment:
    IA_ACCESS_KEY_ID and IA_SECRET_ACCESS_KEY, the keys of an archive.org account.

    \b
    Example:
      tracker save picroma.com
      tracker save picroma.com --url https://picroma.com/privacy
      tracker save picroma.com --status
    """
    from crawler.archives.registry import open_archive
    from tracker.save_requests import must_have_both_keys, must_take_requests
    from tracker.saving import requests_of, save, save_document

    if urls and len(sites) != 1:
        raise click.UsageError("--url goes with exactly one SITE")
    archive = open_archive(config.archive.where)
    must_take_requests(archive)
    must_have_both_keys(os.environ)
    found: list[dict[str, Any]] = []
    with open_configured(config, create=not status) as db:
        for key in sites:
            site, own = _target(db, key, urls)
            results = (
                requests_of(db, config, site)
                if status
                else save(db, config, site, urls=own, wait=wait)
            )
            found += [save_document(site, one, archive) for one in results]
    if form == "json":
        json_document(found)
    elif form == "jsonl":
        json_lines(found)
    else:
        _print(found)
    sys.exit(0 if status else _status(found))


def _target(db: Database, key: str, urls: tuple[str, ...]) -> tuple[Site, list[str]]:
    """The site of a key, tracked from now on where its policy's URL is named, and those URLs."""
    from storage import sites as kept
    from tracker.cli.crawl import track
    from tracker.kept import find_site
    from tracker.targets import policy_url, policy_url_in

    with db.read() as conn:
        is_name = kept.get(conn, key) is not None
    own = None if is_name else policy_url_in(key)
    named = [policy_url(url) for url in urls] or ([own] if own else [])
    if named:
        return track(db, (key,), urls)[0], named
    with db.read() as conn:
        return find_site(conn, key), []


def _status(found: list[dict[str, Any]]) -> int:
    bad = [one for one in found if one["state"] in {"refused", "failed"}]
    for one in bad:
        say(f"tracker: {one['url']}: {one['reason']}")
    if not bad:
        return 0
    only_failed = len(bad) == len(found) and all(one["state"] == "failed" for one in bad)
    return 1 if only_failed else PARTLY


def _print(found: list[dict[str, Any]]) -> None:
    if not found:
        say("nothing was asked to be saved")
        return
    rows = table("site", "asked", "state", "url", "capture")
    for one in found:
        told = one["archive_url"] or one["reason"] or ""
        rows.add_row(one["site"], one["asked"], one["state"], one["url"], told)
    console().print(rows)
    if any(one["state"] in {"asked", "pending"} for one in found):
        say("it is being captured; to see later: tracker save SITE --status")
