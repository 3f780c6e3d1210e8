"""``tracker demo``: the whole path on a sample archive that ships with the tool, no network."""

from __future__ import annotations

import sys
from dataclasses import replace
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tracker.cli.options import configured, open_configured
from tracker.cli.output import console, say

if TYPE_CHECKING:
    from tracker.config import Config

SITES = (
    "lumenpost.example",
    "harborcart.example",
    "tidewell-health.example",
    "nordlicht-karten.example",
)


@click.command("demo")
@click.option(
    "--dir",
    "folder",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("tracker-demo"),
    show_default=True,
    help="Folder for the demo's database and report.",
)
@configured
def command(folder: Path, config: Config) -> None:
    """Crawl a sample archive, print its history, write its report: no network, no set-up.

    Four invented companies over ten years. Look at `tracker history`, `show` and `diff` next, with
    --db pointing to the demo's database.

    \b
    Example:
      tracker demo
      tracker diff 'lumenpost.example#1' 'lumenpost.example#2' --db tracker-demo/tracker.db
    """
    from tracker.cli.crawl import end, track
    from tracker.cli.history import print_history
    from tracker.cli.progress import CrawlProgress
    from tracker.cli.report import render, write_report
    from tracker.crawling import CrawlOptions, crawl
    from tracker.kept import load_history
    from tracker.reporting import gather

    database = folder / "tracker.db"
    sample = resources.files("tracker.demo") / "archive.warc.gz"
    with resources.as_file(sample) as warc:
        config = replace(
            config,
            database=replace(config.database, url=str(database)),
            archive=replace(config.archive, where=f"warc:{warc}"),
        )
        with open_configured(config, create=True) as db:
            with CrawlProgress(config) as progress:
                options = CrawlOptions(strategy="all")
                result = crawl(db, config, track(db, SITES), options, progress)
            out = console()
            for domain in SITES:
                print_history(load_history(db, domain), out)
            write_report(render(gather(db, SITES), "html"), folder / "report.html")
    say(f"look closer: export TRACKER_DB={database}, then")
    say(f"  tracker diff '{SITES[0]}#1' '{SITES[0]}#2'")
    say("  tracker review next")
    say("  tracker serve")
    sys.exit(end(result))
