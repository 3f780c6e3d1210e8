"""What a crawl would ask: per site from what the database knows, by measured averages elsewhere.

Nothing is asked of an archive and nothing is written, but that the index of WARC files is read, as
it is free.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from crawler.frontier import Frontier
from crawler.job import Job
from crawler.known_policies import known_policies
from crawler.session import check_job
from crawler.text_series import text_series, without_accidents
from storage import sites as kept
from storage.database import open_database
from tracker import costs
from tracker.costs import Cost
from tracker.crawling import CrawlOptions, crawl
from tracker.overrides import overrides_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from crawler.config import ArchiveConfig
    from crawler.selection import Choice
    from storage.database import Database
    from tracker.config import Config

DAYS_A_YEAR = 365.25


@dataclass(frozen=True, slots=True, kw_only=True)
class SitePlan:
    """What a crawl of one site would ask.

    ``basis`` says what the figures rest on: ``averages`` where nothing is known of the site,
    ``captures`` where they are listed.
    """

    site: str
    cost: Cost
    basis: str = "averages"
    policies: int = 0
    captures_listed: int = 0
    captures_fetched: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class CrawlPlan:
    """The plans of all sites; ``cost`` is their sum, cut at what the crawl may ask at most."""

    sites: tuple[SitePlan, ...]
    cost: Cost


def plan_crawl(
    db: Database, config: Config, domains: Sequence[str], options: CrawlOptions
) -> CrawlPlan:
    """Plan a crawl of sites, tracked or not.

    Raises:
        CrawlError: the options make no sense.
        StorageError: the database fails.
    """
    archive = check_job(
        Job(
            database=config.database.url,
            sites=(),
            archive=config.archive,
            first=options.first,
            last=options.last,
            strategy=options.strategy,
            max_requests=options.max_requests,
            max_requests_per_site=options.max_requests_per_site,
        )
    )
    plans = [_plan(db, config, domain, options, archive.name) for domain in domains]
    unknown = [plan.site for plan in plans if plan.basis == "averages"]
    if archive.local and unknown:
        listed = _listed_locally(config, unknown, options, archive.name)
        plans = [listed.get(plan.site, plan) for plan in plans]
    most = options.max_requests_per_site
    plans = [replace(plan, cost=plan.cost.limited(most)) for plan in plans]
    cost = sum((plan.cost for plan in plans), Cost())
    return CrawlPlan(sites=tuple(plans), cost=cost.limited(options.max_requests))


def dry_run_document(plan: CrawlPlan, archive: ArchiveConfig) -> dict[str, Any]:
    """The JSON of ``tracker crawl --dry-run``."""
    sites = [
        {
            "site": one.site,
            "basis": one.basis,
            "policies": one.policies,
            "captures_listed": one.captures_listed,
            "captures_fetched": one.captures_fetched,
            "requests": one.cost.requests,
            "minutes": round(one.cost.minutes(archive), 1),
        }
        for one in plan.sites
    ]
    return {"dry_run": True, "sites": sites, **costs.cost_document(plan.cost, archive)}


def _plan(
    db: Database, config: Config, domain: str, options: CrawlOptions, archive: str
) -> SitePlan:
    with db.read() as conn:
        site = kept.get(conn, domain)
        if site is None:
            return SitePlan(site=domain, cost=costs.first_crawl())
        known = known_policies(conn, site.id, archive)
        frontier = Frontier(
            site_id=site.id,
            archive=archive,
            strategy_name=options.strategy,
            normalizer=overrides_of(conn, site, config).normalizer,
            first=options.first,
            last=options.last,
        )
        frontier.load(conn)
    if not frontier.listed and not known.settled:
        return SitePlan(site=domain, cost=costs.first_crawl())
    index = len(known.current) if known.settled else costs.DISCOVERY_CDX
    return SitePlan(
        site=domain,
        cost=Cost(cdx=index, replay=_still_to_fetch(frontier, frontier.choose(db))),
        basis="captures",
        policies=len(known.policies),
        captures_listed=frontier.listed,
        captures_fetched=len(frontier.snapshots),
    )


def _still_to_fetch(frontier: Frontier, choice: Choice) -> float:
    """Captures that the strategy will ask for; of ``adaptive``, which goes by answers, about."""
    if frontier.strategy_name != "adaptive" or not choice.fetch:
        return len(choice.fetch)
    points = without_accidents(text_series(list(frontier.items.values()), frontier.keys))
    usable = len({point.item.capture.digest for point in points if not point.known})
    known = [place for place, point in enumerate(points) if point.known]
    if not known:
        years = (points[-1].day - points[0].day) / DAYS_A_YEAR
        return min(usable, costs.history(years).replay)
    # Halving a gap finds the place of a change.
    halvings = sum(
        math.ceil(math.log2(new - old))
        for old, new in pairwise(known)
        if points[old].key != points[new].key
    )
    return min(usable, max(len(choice.fetch), halvings))


def _listed_locally(
    config: Config, domains: Sequence[str], options: CrawlOptions, archive: str
) -> dict[str, SitePlan]:
    """The plans of sites as they would be once their captures are listed, by domain."""
    with TemporaryDirectory() as folder:
        database = replace(config.database, url=str(Path(folder) / "plan.db"))
        config = replace(config, database=database)
        with open_database(database.url) as db:
            with db.write() as conn:
                sites = [kept.add(conn, domain) for domain in domains]
            crawl(db, config, sites, CrawlOptions(mode="discover"), _unwatched)
            plans = [_plan(db, config, domain, options, archive) for domain in domains]
    return {plan.site: plan for plan in plans if plan.basis == "captures"}


def _unwatched(_event: object) -> None:
    """Nobody is told what a crawl that only lists does."""
