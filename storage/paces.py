"""How often each site is looked at, and how it fares: a row a site, once it has been run."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import func, or_, select

from storage.database import insert
from storage.run_records import Pace
from storage.schema import changes, sites, versions
from storage.sites import NO_DOMAIN
from storage.work_schema import paces

if TYPE_CHECKING:
    from datetime import datetime
    from typing import Any

    from sqlalchemy import Row

    from storage.database import Connection


def of_site(conn: Connection, site_id: int) -> Pace:
    """A site's pace; that of one which was never run is empty."""
    row = conn.execute(select(paces).where(paces.c.site_id == site_id)).one_or_none()
    return Pace() if row is None else _pace(row)


def keep(conn: Connection, site_id: int, pace: Pace) -> None:
    """Put a site's pace in the place of the one before."""
    interval = pace.interval
    values = {
        "interval_seconds": None if interval is None else round(interval.total_seconds()),
        "next_due": pace.next_due,
        "failures": pace.failures,
        "failing_since": pace.failing_since,
        "quarantined_at": pace.quarantined_at,
    }
    row = insert(conn, paces).values(site_id=site_id, **values)
    conn.execute(row.on_conflict_do_update(index_elements=["site_id"], set_=values))


def due_site_ids(conn: Connection, now: datetime) -> list[int]:
    """Sites that are to be looked at by then, or never were; the longest overdue first."""
    ready = or_(paces.c.next_due.is_(None), paces.c.next_due <= now)
    query = select(sites.c.id).outerjoin(paces, paces.c.site_id == sites.c.id).where(ready)
    ordered = query.order_by(paces.c.next_due.asc().nulls_first(), sites.c.id)
    return list(conn.execute(ordered).scalars())


def resting_site_ids(conn: Connection, moment: datetime, *, all_of_them: bool) -> set[int]:
    """Sites that are not to be looked at yet: the quarantined ones, or all of them."""
    query = select(paces.c.site_id).where(paces.c.next_due > moment)
    if not all_of_them:
        query = query.where(paces.c.quarantined_at.is_not(None))
    return set(conn.execute(query).scalars())


def quarantined(conn: Connection) -> list[tuple[str, Pace]]:
    """Quarantined sites with their pace, by domain."""
    query = select(sites.c.domain, paces).join(paces, paces.c.site_id == sites.c.id)
    rows = conn.execute(query.where(paces.c.quarantined_at.is_not(None)).order_by(sites.c.domain))
    return [(row.domain, _pace(row)) for row in rows]


def next_due(conn: Connection) -> tuple[str, datetime] | None:
    """The site that is to be looked at next by its own pace, and when."""
    query = select(sites.c.domain, paces.c.next_due).join(paces, paces.c.site_id == sites.c.id)
    row = conn.execute(
        query.where(paces.c.next_due.is_not(None), ~sites.c.domain.endswith(f".{NO_DOMAIN}"))
        .order_by(paces.c.next_due, sites.c.id)
        .limit(1)
    ).one_or_none()
    return None if row is None else (row.domain, row.next_due)


def told_by_archive(conn: Connection, site_id: int) -> tuple[datetime | None, list[datetime]]:
    """When a site's policy was first seen, and by when each of its changes had happened."""
    first = select(func.min(versions.c.first_seen)).where(versions.c.site_id == site_id)
    moments = select(changes.c.before).where(changes.c.site_id == site_id)
    seen: datetime | None = conn.execute(first).scalar_one()
    return seen, list(conn.execute(moments.order_by(changes.c.before)).scalars())


def _pace(row: Row[Any]) -> Pace:
    seconds = row.interval_seconds
    return Pace(
        interval=None if seconds is None else timedelta(seconds=seconds),
        next_due=row.next_due,
        failures=row.failures,
        failing_since=row.failing_since,
        quarantined_at=row.quarantined_at,
    )
