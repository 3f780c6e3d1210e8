"""``tracker trends``: figures over all tracked sites by period."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import TYPE_CHECKING, cast

import click

from tracker.cli.options import configured, day_begins, day_ends, form_of, open_configured
from tracker.cli.output import say

if TYPE_CHECKING:
    from datetime import datetime

    from storage.database import Database
    from storage.trends import Which
    from tracker.config import Config
    from tracker.trends.documents import TrendsJson
    from tracker.trends.spans import By

SUFFIXES = {".csv": "csv", ".json": "json", ".svg": "svg", ".txt": "table"}


@click.command("trends")
@click.option(
    "--by", type=click.Choice(["month", "quarter", "year"]), default="year", show_default=True
)
@click.option("--from", "since", callback=day_begins, metavar="DATE", help="From this day on.")
@click.option("--to", "until", callback=day_ends, metavar="DATE", help="To this day.")
@click.option("--site", "sites", multiple=True, metavar="SITE", help="Only this one; repeatable.")
@click.option("--tag", help="Only sites with this tag.")
@click.option(
    "--gap",
    "gap_months",
    type=click.IntRange(min=1, max=1200),
    default=12,
    show_default=True,
    metavar="MONTHS",
    help="A longer gap in the archive, in which a policy changed, leaves open what was in force.",
)
@click.option("--findings", "only_findings", is_flag=True, help="First year against last, alone.")
@click.option(
    "--format", "form", type=click.Choice(["table", "csv", "json", "svg"]), help="[default: table]"
)
@click.option(
    "-o", "output", type=click.Path(path_type=Path, dir_okay=False), help="File; stdout without."
)
@configured
def command(
    by: By,
    since: datetime | None,
    until: datetime | None,
    sites: tuple[str, ...],
    tag: str | None,
    gap_months: int,
    only_findings: bool,
    form: str | None,
    output: Path | None,
    config: Config,
) -> None:
    """Length, reading grade, practices and changes of policies over time.

    All tracked sites, each once a period; what each figure means is told in docs/trends.md.

    \b
    Example:
      tracker trends
      tracker trends --by quarter --from 2016 --to 2020 -o trends.svg
      tracker trends --findings
    """
    from tracker.practice_filter import known_categories
    from tracker.trends.asked import Asked
    from tracker.trends.asking import trends_of

    form = form or form_of(output, SUFFIXES, "table")
    if only_findings and form in {"csv", "svg"}:
        raise click.UsageError("--findings is printed as table or json")
    with open_configured(config) as db:
        asked = Asked(
            categories=known_categories(config.classifier.path),
            by=by,
            since=since.date() if since else None,
            until=until.date() if until else None,
            which=_which(db, sites, tag),
            gap_months=gap_months,
        )
        found = trends_of(db, asked)
    if not found["periods"]:
        say("tracker: no version lies there: `tracker crawl` derives them")
    _write(_rendered(found, form, only_findings=only_findings), output)


def _which(db: Database, keys: tuple[str, ...], tag: str | None) -> Which:
    from storage.trends import Which
    from tracker.kept import find_site, known_tag

    with db.read() as conn:
        ids = tuple(sorted({find_site(conn, key).id for key in keys})) if keys else None
        return Which(site_ids=ids, tag=known_tag(conn, tag) if tag is not None else None)


def _rendered(found: TrendsJson, form: str, *, only_findings: bool) -> str:
    if form == "json":
        shown = found["findings"] if only_findings else found
        return json.dumps(shown, ensure_ascii=False, indent=2) + "\n"
    if form == "svg":
        from tracker.trends.plots import standalone

        return standalone(found)
    if form == "csv":
        from tracker.trends.rows import COLUMNS, rows

        text = io.StringIO()
        writer = csv.DictWriter(text, COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(cast("dict[str, object]", row) for row in rows(found))
        return text.getvalue()
    from tracker.cli.trends_view import findings_text, tables

    return findings_text(found) if only_findings else tables(found)


def _write(text: str, output: Path | None) -> None:
    if output is None:
        click.echo(text, nl=False)
        return
    from tracker.exports.target import write_whole

    write_whole(output, text)
    say(f"tracker: wrote {output}")
