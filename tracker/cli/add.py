"""``tracker add``: track sites."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tracker.cli.options import configured, open_configured, output_format
from tracker.cli.output import json_document, say

if TYPE_CHECKING:
    from collections.abc import Sequence

    from storage.database import Connection
    from storage.records import Site
    from tracker.config import Config
    from tracker.declarations import Declaration
    from tracker.site_lists import Listed

PARTLY = 3
SHOWN = 10
"""Refused lines of a list that are named."""


@click.command("add")
@click.argument("sites", nargs=-1, metavar="SITE...")
@click.option("--url", "urls", multiple=True, help="A policy URL of the site; may be repeated.")
@click.option("--tag", "own_tags", multiple=True, help="Tag the sites; may be repeated.")
@click.option("--name", help="The service's name, to be used in SITE's place later.")
@click.option(
    "--from",
    "source",
    type=click.Path(path_type=Path, dir_okay=False, exists=True),
    help="A list: a domain a line, Tranco's rank,domain, or JSONL.",
)
@click.option(
    "--ota",
    "declarations",
    multiple=True,
    type=click.Path(path_type=Path, dir_okay=False, exists=True),
    help="A declaration of Open Terms Archive: its URLs are tracked, its selectors kept.",
)
@output_format("text", "json")
@configured
def command(
    sites: tuple[str, ...],
    urls: tuple[str, ...],
    own_tags: tuple[str, ...],
    name: str | None,
    source: Path | None,
    declarations: tuple[Path, ...],
    form: str,
    config: Config,
) -> None:
    """Track sites: domains, or policy URLs.

    \b
    Example:
      tracker add picroma.com
      tracker add github.com --url https://docs.github.com/site-policy/privacy
      tracker add --from top-1000.csv --tag top
      tracker add --ota declarations/GitHub.json
    """
    from storage import sites as kept
    from storage import tags
    from tracker.site_lists import read_list

    if not sites and source is None and not declarations:
        raise click.UsageError("name a site, a list with --from, or a declaration with --ota")
    if sites and declarations:
        raise click.UsageError("--ota names its site itself")
    if (urls or name) and len(sites) != 1:
        raise click.UsageError("--url and --name go with exactly one SITE")
    wanted = [_given(site, urls, name) for site in sites]
    refused: tuple[str, ...] = ()
    if source:
        listed = read_list(source)
        wanted += listed.sites
        refused = listed.refused
        say_refused(refused)
    declared = _declared(declarations)
    with open_configured(config, create=True) as db, db.write() as conn:
        before = {site.domain for site in kept.every(conn)}
        for one in wanted:
            site = kept.add(conn, one.domain, name=one.name)
            for url in one.urls:
                kept.add_url(conn, site.id, url)
            tags.add(conn, site.id, own_tags)
        for declaration in declared:
            tags.add(conn, _keep(conn, declaration).id, own_tags)
    named = [one.domain for one in wanted] + [one.domain for one in declared]
    domains = list(dict.fromkeys(named))
    new = [domain for domain in domains if domain not in before]
    if form == "json":
        known = [domain for domain in domains if domain in before]
        json_document({"added": new, "known": known, "refused": list(refused)})
    else:
        following = f"crawl {' '.join(domains)}" if len(domains) == 1 else "crawl"
        if declared and not new:
            following = f"reprocess {' '.join(domains)}"
        again = len(domains) - len(new)
        say(f"{len(new)} added, {again} tracked already; next: tracker {following}")
    if refused:
        sys.exit(PARTLY)


def say_refused(lines: Sequence[str]) -> None:
    """Name the lines of a list that are no sites, the first of many."""
    for line in lines[:SHOWN]:
        say(f"tracker: {line}")
    if len(lines) > SHOWN:
        say(f"tracker: and {len(lines) - SHOWN} more")


def _given(text: str, urls: tuple[str, ...], name: str | None) -> Listed:
    from tracker.site_lists import Listed
    from tracker.targets import policy_url, policy_url_in, site_in

    own = policy_url_in(text)
    given = tuple(map(policy_url, urls))
    return Listed(domain=site_in(text), name=name, urls=((own,) if own else ()) + given)


def _declared(paths: tuple[Path, ...]) -> list[Declaration]:
    if not paths:
        return []
    from tracker.declarations import read_declaration

    declared = [read_declaration(path) for path in paths]
    for declaration in declared:
        for remark in declaration.remarks:
            say(remark)
    return declared


def _keep(conn: Connection, declaration: Declaration) -> Site:
    from crawler.overrides import override_document
    from storage import overrides, sites

    site = sites.add(conn, declaration.domain, name=declaration.name)
    for url in declaration.urls:
        sites.add_url(conn, site.id, url, how="declared for Open Terms Archive")
    overrides.keep(conn, site.id, [override_document(rule) for rule in declaration.rules])
    return site
