"""Many sites at a glance: a page of them with their state, and what changed lately on all.

Every question is answered from an index for one page at a time, whatever the corpus holds: pages
follow a key (the last row shown), never a number of rows to skip.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import func, or_, select, tuple_

from storage.changes import change_of
from storage.records import CaptureState
from storage.schema import captures, change_practices, changes, crawls, policy_urls, sites, versions
from storage.work_schema import reviews

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy import Row, ScalarSelect, Select, Table

    from storage.database import Connection
    from storage.records import Change


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteState:
    """A site with what is known of it; ``outcome`` and ``reason`` are its newest crawl's."""

    id: int
    domain: str
    name: str | None
    versions: int
    first_seen: datetime | None
    last_seen: datetime | None
    changed: datetime | None
    silent: bool
    crawled: datetime | None
    outcome: str | None
    reason: str | None


Edition = tuple[Any, ...]
"""Equal editions of a site are the same to whoever reads its pages."""


class Place(NamedTuple):
    """Where a change stands among all: later ones first."""

    before: datetime
    site_id: int
    number: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RecentChange:
    """A change with its site and both its versions, as far as a list of changes shows them."""

    site_id: int
    site: str
    change: Change
    old_id: str
    new_id: str
    archive_url: str

    @property
    def id(self) -> str:
        """Names the change for good, as reviews do: the ids of its versions."""
        return f"{self.old_id}-{self.new_id}"

    @property
    def place(self) -> Place:
        """The key of the page that follows this change."""
        return Place(self.change.before, self.site_id, self.change.new_number)


def count_sites(conn: Connection) -> int:
    """How many sites are tracked."""
    return conn.execute(select(func.count()).select_from(sites)).scalar_one()


def count_versions(conn: Connection, site_id: int) -> int:
    """How many versions a site's policy has; they are numbered from 1 to this."""
    query = select(func.max(versions.c.number)).where(versions.c.site_id == site_id)
    return conn.execute(query).scalar_one() or 0


def page_of_sites(
    conn: Connection, *, match: str = "", after: str = "", before: str = "", limit: int
) -> list[SiteState]:
    """Sites by domain: those behind ``after``, or the last ones ahead of ``before``.

    ``match`` is a part of their domain or name, in any case.
    """
    query = select(sites)
    if match:
        here = sites.c.domain.contains(match.lower(), autoescape=True)
        named = func.lower(sites.c.name).contains(match.lower(), autoescape=True)
        query = query.where(or_(here, named))
    if before:
        query = query.where(sites.c.domain < before).order_by(sites.c.domain.desc())
    else:
        query = query.where(sites.c.domain > after).order_by(sites.c.domain)
    rows = list(conn.execute(query.limit(limit)))
    return _with_state(conn, rows[::-1] if before else rows)


def count_failures(conn: Connection, site_id: int) -> int:
    """How many of a site's captures could not be had."""
    query = select(func.count()).where(
        captures.c.site_id == site_id, captures.c.state == CaptureState.FAILED.value
    )
    return conn.execute(query).scalar_one()


def edition(conn: Connection, site_id: int) -> Edition:
    """What is another as soon as anything is that pages of a site show."""

    def of(table: Table, *figures: Any) -> list[ScalarSelect[Any]]:
        here = table.c.site_id == site_id
        return [select(figure).where(here).scalar_subquery() for figure in figures]

    query = select(
        sites.c.derivations,
        sites.c.name,
        *of(crawls, func.max(crawls.c.id), func.count(crawls.c.ended)),
        *of(
            policy_urls,
            func.count(),
            func.min(policy_urls.c["first"]),
            func.max(policy_urls.c["last"]),
        ),
        *of(reviews, func.count()),
    ).where(sites.c.id == site_id)
    return tuple(conn.execute(query).one())


def edition_of_all(conn: Connection) -> Edition:
    """What is another as soon as a site is added or any site's versions are derived anew."""
    query = select(func.count(), func.sum(sites.c.derivations), func.max(sites.c.id))
    return tuple(conn.execute(query).one())


def state_of_site(conn: Connection, site_id: int) -> SiteState:
    """One site, which must be known."""
    return _with_state(conn, [conn.execute(select(sites).where(sites.c.id == site_id)).one()])[0]


def recent_changes(
    conn: Connection,
    *,
    site_id: int | None = None,
    category: str | None = None,
    silent: bool = False,
    after: Place | None = None,
    limit: int,
) -> list[RecentChange]:
    """Changes of all sites or of one, the latest first; ``after`` is the last one shown before."""
    by = changes if category is None else change_practices
    old, new = versions.alias("old"), versions.alias("new")
    key = (by.c.before, by.c.site_id, by.c.new_number)
    query = (
        select(
            changes,
            sites.c.domain,
            old.c.id.label("old_id"),
            new.c.id.label("new_id"),
            new.c.archive_url,
        )
        .join(sites, sites.c.id == changes.c.site_id)
        .join(old, (old.c.site_id == changes.c.site_id) & (old.c.number == changes.c.old_number))
        .join(new, (new.c.site_id == changes.c.site_id) & (new.c.number == changes.c.new_number))
        .order_by(*(column.desc() for column in key))
        .limit(limit)
    )
    if category is not None:
        here = (by.c.site_id == changes.c.site_id) & (by.c.new_number == changes.c.new_number)
        query = query.join(by, here).where(by.c.category == category)
    if site_id is not None:
        query = query.where(by.c.site_id == site_id)
    if silent:
        query = query.where(changes.c.silent)
    if after is not None:
        query = query.where(tuple_(*key) < after)
    return [_recent(row) for row in conn.execute(query)]


def _recent(row: Row[Any]) -> RecentChange:
    return RecentChange(
        site_id=row.site_id,
        site=row.domain,
        change=change_of(row),
        old_id=row.old_id,
        new_id=row.new_id,
        archive_url=row.archive_url,
    )


def _with_state(conn: Connection, rows: Sequence[Row[Any]]) -> list[SiteState]:
    ids = [row.id for row in rows]
    seen = {row.site_id: row for row in conn.execute(_seen(ids))}
    changed = {row.site_id: row for row in conn.execute(_changed(ids))}
    crawled = {row.site_id: row for row in conn.execute(_crawled(ids))}
    states = []
    for row in rows:
        versions_of, last, crawl = seen.get(row.id), changed.get(row.id), crawled.get(row.id)
        states.append(
            SiteState(
                id=row.id,
                domain=row.domain,
                name=row.name,
                versions=versions_of.versions if versions_of else 0,
                first_seen=versions_of.first_seen if versions_of else None,
                last_seen=versions_of.last_seen if versions_of else None,
                changed=last.before if last else None,
                silent=last.silent if last else False,
                crawled=crawl.started if crawl else None,
                outcome=crawl.outcome if crawl else None,
                reason=crawl.reason if crawl else None,
            )
        )
    return states


def _seen(ids: list[int]) -> Select[Any]:
    return (
        select(
            versions.c.site_id,
            func.count().label("versions"),
            func.min(versions.c.first_seen).label("first_seen"),
            func.max(versions.c.last_seen).label("last_seen"),
        )
        .where(versions.c.site_id.in_(ids))
        .group_by(versions.c.site_id)
    )


def _changed(ids: list[int]) -> Select[Any]:
    last = (
        select(func.max(versions.c.number))
        .where(versions.c.site_id == changes.c.site_id)
        .scalar_subquery()
    )
    return select(changes.c.site_id, changes.c.before, changes.c.silent).where(
        changes.c.site_id.in_(ids), changes.c.new_number == last
    )


def _crawled(ids: list[int]) -> Select[Any]:
    newest = (
        select(func.max(crawls.c.id))
        .where(crawls.c.site_id == sites.c.id)
        .correlate(sites)
        .scalar_subquery()
    )
    return (
        select(crawls.c.site_id, crawls.c.started, crawls.c.outcome, crawls.c.reason)
        .join(sites, sites.c.id == crawls.c.site_id)
        .where(crawls.c.site_id.in_(ids), crawls.c.id == newest)
        .order_by(crawls.c.id)
    )
