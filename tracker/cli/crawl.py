"""``tracker crawl``: fetch captures, derive versions and changes."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

from tracker.cli.options import (
    archived,
    configured,
    day_begins,
    day_ends,
    live_checked,
    open_configured,
    output_format,
)
from tracker.cli.output import console, json_document, json_lines, say, table

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from storage.database import Database
    from storage.records import Site
    from tracker.config import Config
    from tracker.crawling import CrawlResult

STATUS = {"done": 0, "partial": 3, "stopped": 3, "failed": 1}


@click.command("crawl")
@click.argument("sites", nargs=-1, metavar="[SITE]...")
@click.option("--url", "urls", multiple=True, help="A policy URL of the site; may be repeated.")
@click.option(
    "--from",
    "first",
    metavar="DATE",
    callback=day_begins,
    help="Leave out captures before this day.",
)
@click.option(
    "--to", "last", metavar="DATE", callback=day_ends, help="Leave out captures after this day."
)
@click.option(
    "--strategy",
    default="adaptive",
    show_default=True,
    metavar="adaptive|digest|all|every:6mo",
    help="Which captures to fetch.",
)
@click.option(
    "--max-requests",
    type=click.IntRange(min=1),
    help="Stop after so many requests in all; each site gets an equal part.",
)
@click.option(
    "--max-requests-per-site",
    type=click.IntRange(min=1),
    help="Stop each site after so many requests.",
)
@click.option(
    "--dry-run", is_flag=True, help="Only say what would be asked, and how long that takes."
)
@output_format("text", "json", "jsonl")
@configured
@archived
@live_checked
def command(
    sites: tuple[str, ...],
    urls: tuple[str, ...],
    first: datetime | None,
    last: datetime | None,
    strategy: str,
    max_requests: int | None,
    max_requests_per_site: int | None,
    dry_run: bool,
    form: str,
    config: Config,
) -> None:
    """Fetch captures of the sites' policies, keep them, derive versions and changes.

    Without SITE, all tracked sites. What is kept already is not fetched again; a crawl that was
    stopped goes on where it was.

    \b
    Example:
      tracker crawl picroma.com
      tracker crawl picroma.com --archive warc:captures/ --strategy all
      tracker crawl picroma.com --dry-run
    """
    from tracker.cli.progress import CrawlProgress
    from tracker.crawling import CrawlOptions, crawl, crawl_document
    from tracker.kept import must_have_domain

    if urls and len(sites) != 1:
        raise click.UsageError("--url goes with exactly one SITE")
    options = CrawlOptions(
        first=first,
        last=last,
        strategy=strategy,
        max_requests=max_requests,
        max_requests_per_site=max_requests_per_site,
    )
    if dry_run:
        from tracker.cli.plan import show_dry_run

        show_dry_run(config, sites, options, form)
        return
    with (
        open_configured(config, create=bool(sites)) as db,
        tracked(db, sites, urls) as chosen,
        CrawlProgress(config) as progress,
    ):
        for site in chosen:
            must_have_domain(site)
        result = crawl(db, config, chosen, options, progress)
    if form == "json":
        json_document(crawl_document(result))
    elif form == "jsonl":
        json_lines(crawl_document(result)["sites"])
    elif result.outcome != "failed":
        print_result(result)
    sys.exit(end(result))


def track(db: Database, keys: tuple[str, ...], urls: tuple[str, ...] = ()) -> list[Site]:
    """The sites of the keys, tracked from now on if they were not; without keys, all tracked."""
    from storage import sites as kept
    from tracker.targets import policy_url, policy_url_in, site_in

    if not keys:
        with db.read() as conn:
            return kept.crawlable(conn)
    chosen: dict[int, Site] = {}
    with db.write() as conn:
        for key in keys:
            site, own = kept.get(conn, key), None
            if site is None:
                site, own = kept.add(conn, site_in(key)), policy_url_in(key)
            chosen[site.id] = site
            for url in (*map(policy_url, urls), *([own] if own else ())):
                kept.add_url(conn, site.id, url)
    return list(chosen.values())


@contextmanager
def tracked(
    db: Database, keys: tuple[str, ...], urls: tuple[str, ...] = ()
) -> Iterator[list[Site]]:
    """The sites of the keys as by `track`; a new one that the archive does not know is let go.

    A mistyped domain would otherwise be crawled in vain from now on.
    """
    from storage import sites as kept
    from tracker.targets import site_in

    with db.read() as conn:
        known = [kept.get(conn, key) or kept.get(conn, site_in(key)) for key in keys]
    before = {site.id for site in known if site is not None}
    chosen = track(db, keys, urls)
    try:
        yield chosen
    finally:
        new = [site.id for site in chosen if site.id not in before] if keys else []
        with db.write() as conn:
            kept.forget_unseen(conn, new)


def end(result: CrawlResult) -> int:
    """Say why a crawl is not whole, and give the exit status."""
    for site in result.sites:
        if site.outcome != "done" and site.reason:
            say(f"tracker: {site.site}: {site.reason.removeprefix(f'{site.site}: ')}")
        if site.live and site.live.verdict != "policy":
            say(f"tracker: {site.site}: its page itself: {site.live.reason}")
    told = {site.reason for site in result.sites}
    if result.outcome != "done" and result.reason and result.reason not in told:
        say(f"tracker: {result.reason}")
    return STATUS[result.outcome]


def print_result(result: CrawlResult) -> None:
    """A crawl's sites as a table."""
    rows = table(
        "site",
        "captures",
        "fetched",
        "requests",
        "versions",
        "new",
        "failures",
        "seconds",
        right=("captures", "fetched", "requests", "versions", "new", "failures", "seconds"),
    )
    for site in result.sites:
        rows.add_row(
            site.site,
            str(site.captures_listed),
            str(site.captures_fetched),
            str(site.requests.cdx + site.requests.replay),
            str(site.versions),
            str(site.versions_new),
            str(len(site.failures)),
            f"{site.seconds:.1f}",
        )
    console().print(rows)
    if any(site.versions for site in result.sites):
        say(f"next: tracker history {result.sites[0].site}")
