"""The rules by which a site's pages are read: configured ones, then those of its declaration."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crawler.overrides import Overrides, override_of
from storage import overrides as kept

if TYPE_CHECKING:
    from storage.database import Connection
    from storage.records import Site
    from tracker.config import Config


def overrides_of(conn: Connection, site: Site, config: Config) -> Overrides:
    """The rules of a tracked site; what a person has configured goes before what was declared."""
    configured = Overrides(rules=config.overrides).of_site(site.domain).rules
    return Overrides(rules=(*configured, *map(override_of, kept.of_site(conn, site.id))))
