"""Tracked sites and the URLs under which their policies stood."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from sqlalchemy import delete, func, select

from storage.database import insert
from storage.records import PolicyUrl, Site
from storage.schema import captures, sites
from storage.schema import policy_urls as policy_urls_table

if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

    from sqlalchemy import Row

    from storage.database import Connection

NO_DOMAIN = "invalid"
"""The top level under which a service stands whose domain nobody knows (RFC 2606)."""


def add(conn: Connection, domain: str, *, name: str | None = None) -> Site:
    """Track a site; one that is tracked already stays as it is, but takes a name if given."""
    row = insert(conn, sites).values(domain=domain.lower(), name=name, added_at=datetime.now(UTC))
    kept = func.coalesce(row.excluded.name, sites.c.name)
    found = conn.execute(
        row.on_conflict_do_update(index_elements=["domain"], set_={"name": kept}).returning(sites)
    )
    return _site(found.one())


def get(conn: Connection, key: str) -> Site | None:
    """The site of this domain or, failing that, the oldest of this name (in any case)."""
    query = select(sites).where(sites.c.domain == key.lower())
    named = select(sites).where(func.lower(sites.c.name) == key.lower()).order_by(sites.c.id)
    row = conn.execute(query).one_or_none() or conn.execute(named).first()
    return None if row is None else _site(row)


def by_id(conn: Connection, site_id: int) -> Site | None:
    """The site of this id."""
    row = conn.execute(select(sites).where(sites.c.id == site_id)).one_or_none()
    return None if row is None else _site(row)


def every(conn: Connection) -> list[Site]:
    """All tracked sites, by domain."""
    return [_site(row) for row in conn.execute(select(sites).order_by(sites.c.domain))]


def crawlable(conn: Connection) -> list[Site]:
    """All tracked sites that an archive can be asked for, by domain.

    A service that was imported without a domain has one that no archive knows (RFC 2606).
    """
    return [site for site in every(conn) if is_crawlable(site)]


def is_crawlable(site: Site) -> bool:
    """Whether an archive can be asked for a site: its domain is known."""
    return has_domain(site.domain)


def has_domain(domain: str) -> bool:
    """Whether a site stands under a domain of its own."""
    return not domain.endswith(f".{NO_DOMAIN}")


def forget_unseen(conn: Connection, site_ids: Iterable[int]) -> None:
    """Track those of the sites no longer of which no capture is known."""
    known = select(captures.c.id).where(captures.c.site_id == sites.c.id)
    for site_id in site_ids:
        conn.execute(delete(sites).where(sites.c.id == site_id, ~known.exists()))


def add_url(conn: Connection, site_id: int, url: str, *, how: str = "given by the user") -> None:
    """Keep a policy URL that the user named; discovery never drops it."""
    _keep(conn, site_id, PolicyUrl(url=url, how=how, given=True))


def set_discovered_urls(conn: Connection, site_id: int, urls: Iterable[PolicyUrl]) -> None:
    """Put what discovery found in the place of what it found before; given URLs stay given."""
    discovered = policy_urls_table.c.given.is_(False)
    conn.execute(
        delete(policy_urls_table).where(policy_urls_table.c.site_id == site_id, discovered)
    )
    for found in urls:
        _keep(conn, site_id, found)


def _keep(conn: Connection, site_id: int, found: PolicyUrl) -> None:
    row = insert(conn, policy_urls_table).values(
        site_id=site_id,
        url=found.url,
        how=found.how,
        first=found.first,
        last=found.last,
        given=found.given,
        evidence=list(found.evidence),
    )
    new = row.excluded
    if found.given:
        update: dict[str, Any] = {"given": True, "how": new.how}
    else:
        update = {"first": new["first"], "last": new["last"], "evidence": new.evidence}
    conn.execute(row.on_conflict_do_update(index_elements=["site_id", "url"], set_=update))


def policy_urls(conn: Connection, site_id: int) -> list[PolicyUrl]:
    """The site's policy URLs in time order; those without a span first, as they were added."""
    table = policy_urls_table
    query = (
        select(table)
        .where(table.c.site_id == site_id)
        .order_by(table.c.first.asc().nulls_first(), table.c.id)
    )
    return [
        PolicyUrl(
            url=row.url,
            how=row.how,
            first=row.first,
            last=row.last,
            given=row.given,
            evidence=tuple(row.evidence),
        )
        for row in conn.execute(query)
    ]


def _site(row: Row[Any]) -> Site:
    return Site(id=row.id, domain=row.domain, name=row.name, added_at=row.added_at)
