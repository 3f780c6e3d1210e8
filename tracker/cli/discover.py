"""``tracker discover``: a site's policy URLs over time, and why."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from tracker.cli.crawl import end, tracked
from tracker.cli.options import archived, configured, open_configured, output_format
from tracker.cli.output import console, json_document, json_lines

if TYPE_CHECKING:
    from tracker.config import Config
    from tracker.crawling import CrawlResult


@click.command("discover")
@click.argument("sites", nargs=-1, required=True, metavar="SITE...")
@output_format("text", "json", "jsonl")
@configured
@archived
def command(sites: tuple[str, ...], form: str, config: Config) -> None:
    """Find the URLs that held a site's policy over time, and say why each was chosen.

    \b
    Example:
      tracker discover picroma.com
    """
    from tracker.cli.progress import CrawlProgress
    from tracker.crawling import CrawlOptions, crawl, discovery_document
    from tracker.kept import must_have_domain

    with (
        open_configured(config, create=True) as db,
        tracked(db, sites) as chosen,
        CrawlProgress(config) as progress,
    ):
        for site in chosen:
            must_have_domain(site)
        result = crawl(db, config, chosen, CrawlOptions(mode="discover"), progress)
    if form == "json":
        json_document(discovery_document(result))
    elif form == "jsonl":
        json_lines(discovery_document(result)["sites"])
    elif result.outcome != "failed":
        _print(result)
    sys.exit(end(result))


def _print(result: CrawlResult) -> None:
    from rich.markup import escape

    out = console()
    for site in result.sites:
        out.print(f"[bold]{escape(site.site)}[/bold]")
        for found in site.policies:
            span = " – ".join(f"{m:%Y-%m-%d}" if m else "…" for m in (found.first, found.last))
            out.print(
                f"  [green]{escape(found.url)}[/green]  {span}  [dim]{escape(found.how)}[/dim]"
            )
            for line in found.evidence:
                out.print(f"      [dim]{escape(line)}[/dim]")
        for link in site.passed_over:
            out.print(
                f"  [dim]passed over {escape(link.url)} “{escape(link.text)}”: "
                f"{escape(link.why)}[/dim]"
            )
