"""``tracker export``: the corpus for other programs."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tracker.cli.options import configured, open_configured
from tracker.cli.output import say

if TYPE_CHECKING:
    from collections.abc import Iterable

    from storage.database import Connection
    from storage.records import Site
    from tracker.config import Config

FORMATS = ("jsonl", "csv", "parquet", "git", "warc")


@click.command("export")
@click.argument("form", metavar="FORMAT", type=click.Choice(FORMATS))
@click.argument("sites", metavar="[SITE]...", nargs=-1)
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    required=True,
    help="A folder that does not exist yet; a file for warc, or for one --table.",
)
@click.option(
    "--table",
    "tables",
    multiple=True,
    help="Only this table, as often as wanted: sites, policies, captures, versions, segments, "
    "changes, reviews [default: all].",
)
@configured
def command(
    form: str, sites: tuple[str, ...], output: Path, tables: tuple[str, ...], config: Config
) -> None:
    """Write the corpus, or some sites of it, for other programs.

    jsonl, csv and parquet hold seven tables (docs/exports.md describes their columns); git is a
    repository with one commit a version, dated by its first capture; warc holds the archived
    pages, for pywb and other replay tools.

    \b
    Example:
      tracker export parquet -o corpus
      tracker export csv --table changes -o changes.csv
      tracker export git picroma.com -o picroma && git -C picroma log -p
      tracker export warc -o policies.warc.gz
    """
    from rich.console import Console
    from rich.progress import Progress

    from storage import sites as kept_sites
    from tracker.exports.target import whole
    from tracker.kept import find_site

    progress = Progress(
        console=Console(stderr=True), disable=not sys.stderr.isatty(), transient=True
    )
    with open_configured(config) as db, db.read() as conn, progress, whole(output) as place:
        chosen = [find_site(conn, key) for key in sites] or kept_sites.every(conn)
        watched = progress.track(chosen, description="exporting")
        if form == "git":
            from tracker.exports.history import write_git

            write_git(place, conn, chosen)
        elif form == "warc":
            from tracker.exports.archive import write_warc

            write_warc(place, conn, watched)
        else:
            _write_tables(form, place, conn, watched, tables)
    say(f"{len(chosen)} {'site' if len(chosen) == 1 else 'sites'} written to {output}")


def _write_tables(
    form: str, place: Path, conn: Connection, chosen: Iterable[Site], names: tuple[str, ...]
) -> None:
    from tracker.exports.corpus import tables_named, write_one, write_tables

    # The place is named after what the user asked for: NAME.csv.123.partial.
    if f".{form}" not in place.suffixes:
        write_tables(form, place, conn, chosen, tables_named(names))
        return
    if not names:
        say("a file holds one table, the versions: -o FOLDER writes all, --table another")
    for table in tables_named(names or ("versions",))[:1]:
        write_one(form, place, conn, chosen, table)
