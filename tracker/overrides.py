"""The rules by which a site's pages are read: configured ones, then those of its declaration."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crawler.overrides import Overrides, override_of
from storage import overrides as kept

if TYPE_CHECKING:
    from collections.abc import Sequence

    from storage.database import Connection
    from storage.records import Site
    from tracker.config import Config


def overrides_of(conn: Connection, site: Site, config: Config) -> Overrides:
    """The rules of a tracked site; what a person has configured goes before what was declared."""
    return overrides_by_site(conn, [site], config)[site.id]


def overrides_by_site(
    conn: Connection, sites: Sequence[Site], config: Config
) -> dict[int, Overrides]:
    """The same of many sites, by their ids."""
    configured = Overrides(rules=config.overrides)
    declared = kept.of_sites(conn, [site.id for site in sites])
    return {
        site.id: Overrides(
            rules=(
                *configured.of_site(site.domain).rules,
                *map(override_of, declared.get(site.id, ())),
            )
        )
        for site in sites
    }
