"""``tracker plan``: what a list of sites costs, and what a crawl would ask."""

from __future__ import annotations

from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import click

from storage.errors import MissingError
from tracker.cli.options import archived, configured, open_configured, output_format
from tracker.cli.output import console, json_document, json_lines, say, table

if TYPE_CHECKING:
    from collections.abc import Iterator

    from storage.database import Database
    from tracker.config import Config
    from tracker.crawling import CrawlOptions

COLUMNS = ("index requests", "replay requests", "days", "GB fetched", "GB kept")


@click.command("plan")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False, exists=True))
@click.option(
    "--years",
    type=click.FloatRange(min=0, max=50),
    default=10.0,
    show_default=True,
    help="How far the sites' history goes back.",
)
@output_format("text", "json")
@configured
@archived
def command(file: Path, years: float, form: str, config: Config) -> None:
    """Say what crawling a list of sites costs: requests, days within the budget, gigabytes.

    FILE is a list as for `tracker add --from`. By measured averages; nothing is asked of an archive
    and nothing is kept. For tracked sites `tracker crawl --dry-run` knows more.

    \b
    Example:
      tracker plan top-1000.csv
    """
    from tracker.cli.add import say_refused
    from tracker.costs import cost_document, first_crawl, update
    from tracker.site_lists import read_list

    found = read_list(file)
    say_refused(found.refused)
    sites = len({listed.domain for listed in found.sites})
    costs = {"first": first_crawl(years) * sites, "update": update(1 / 52) * sites}
    documents = {name: cost_document(cost, config.archive) for name, cost in costs.items()}
    if form == "json":
        first, weekly = documents.values()
        json_document({"sites": sites, "years": years, **first, "weekly_update": weekly})
        return
    rows = table("", *COLUMNS, right=COLUMNS)
    for name, shown in (("first crawl", "first"), ("each weekly update", "update")):
        rows.add_row(name, *_cells(documents[shown]))
    console().print(rows)
    say(f"{sites} sites, {years:g} years of history each, by measured averages")


def _cells(document: dict[str, Any]) -> tuple[str, ...]:
    requests = document["requests"]
    return (
        f"{requests['cdx']:,}",
        f"{requests['replay']:,}",
        f"{document['days']:,.2f}",
        f"{document['gigabytes']:,.2f}",
        f"{document['gigabytes_kept']:,.2f}",
    )


def show_dry_run(config: Config, keys: tuple[str, ...], options: CrawlOptions, form: str) -> None:
    """Print what ``tracker crawl`` with these options would ask."""
    from tracker.planning import dry_run_document, plan_crawl

    with _opened_or_empty(config, keys) as db:
        plan = plan_crawl(db, config, _domains(db, keys), options)
    document = dry_run_document(plan, config.archive)
    if form == "json":
        json_document(document)
    elif form == "jsonl":
        json_lines(document["sites"])
    else:
        _print(document)


@contextmanager
def _opened_or_empty(config: Config, keys: tuple[str, ...]) -> Iterator[Database]:
    """The configured database; where there is none yet, one that is gone afterwards."""
    from storage.database import open_database

    try:
        db = open_configured(config)
    except MissingError:
        if not keys:
            raise
        with (
            TemporaryDirectory() as folder,
            open_database(str(Path(folder) / "plan.db")) as empty,
        ):
            yield empty
        return
    with db:
        yield db


def _domains(db: Database, keys: tuple[str, ...]) -> list[str]:
    from storage import sites as kept
    from tracker.errors import TrackerError
    from tracker.targets import site_in

    with db.read() as conn:
        if not keys:
            domains = [site.domain for site in kept.crawlable(conn)]
            if not domains:
                raise TrackerError("no site is tracked: name one, or add some with `tracker add`")
            return domains
        known = [(key, kept.get(conn, key)) for key in keys]
    return list(dict.fromkeys(site.domain if site else site_in(key) for key, site in known))


def _print(document: dict[str, Any]) -> None:
    numbers = ("listed", "fetched", "index requests", "replay requests", "minutes")
    rows = table("site", *numbers, "by", right=numbers)
    for site in document["sites"]:
        rows.add_row(
            site["site"],
            str(site["captures_listed"]),
            str(site["captures_fetched"]),
            f"{site['requests']['cdx']:,}",
            f"{site['requests']['replay']:,}",
            f"{site['minutes']:,.1f}",
            site["basis"],
        )
    console().print(rows)
    requests = document["requests"]
    say(
        f"about {requests['cdx']:,} index and {requests['replay']:,} replay requests,"
        f" {document['minutes']:,.1f} minutes within the budget,"
        f" {document['gigabytes']:,.3f} GB; nothing was asked and nothing is kept"
    )
