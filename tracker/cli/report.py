"""``tracker report``: changes made readable."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tracker.cli.options import configured, day_begins, form_of, open_configured
from tracker.cli.output import say

if TYPE_CHECKING:
    from datetime import datetime

    from tracker.config import Config
    from tracker.reports.model import Report

SUFFIXES = {".html": "html", ".htm": "html", ".md": "md", ".json": "json"}


@click.command("report")
@click.argument("sites", nargs=-1, metavar="[SITE]...")
@click.option(
    "--since", metavar="DATE", callback=day_begins, help="Only changes seen since this day."
)
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path, dir_okay=False),
    help="File to write; its suffix chooses the format [default: stdout, or report.html where "
    "stdout is a terminal].",
)
@click.option("--format", "form", type=click.Choice(["html", "md", "json"]))
@configured
def command(
    sites: tuple[str, ...],
    since: datetime | None,
    output: Path | None,
    form: str | None,
    config: Config,
) -> None:
    """Write a change report: self-contained HTML, Markdown or JSON.

    \b
    Example:
      tracker report picroma.com -o picroma.html
      tracker report --since 2025-01-01 --format md
    """
    from tracker.reporting import gather

    form = form or form_of(output, SUFFIXES, "html")
    with open_configured(config) as db:
        text = render(gather(db, sites, since), form)
    if output is None and form == "html" and sys.stdout.isatty():
        output = Path("report.html")
    if output is None:
        click.echo(text, nl=not text.endswith("\n"))
    else:
        write_report(text, output)


def render(report: Report, form: str) -> str:
    """The report in one of the three formats."""
    if form == "html":
        from tracker.reports.html import render_html

        return render_html(report)
    if form == "md":
        from tracker.reports.markdown import render_markdown

        return render_markdown(report)
    from tracker.reports.document import report_document

    return json.dumps(report_document(report), ensure_ascii=False, indent=2)


def write_report(text: str, output: Path) -> None:
    """Write a report and say where it lies.

    Raises:
        TrackerError: it cannot be written there.
    """
    from tracker.exports.target import write_whole

    write_whole(output, text)
    say(f"report: {output.resolve()}")
