"""Tags of sites: free words by which schedules, notifications and trends choose."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import delete, select

from storage.database import insert
from storage.work_schema import site_tags

if TYPE_CHECKING:
    from collections.abc import Iterable

    from storage.database import Connection


def add(conn: Connection, site_id: int, tags: Iterable[str]) -> None:
    """Give a site tags, further to those it has."""
    rows = [{"site_id": site_id, "tag": tag} for tag in tags]
    if rows:
        conn.execute(insert(conn, site_tags).on_conflict_do_nothing(), rows)


def remove(conn: Connection, site_id: int, tag: str) -> None:
    """Take a tag from a site."""
    conn.execute(delete(site_tags).where(site_tags.c.site_id == site_id, site_tags.c.tag == tag))


def of_site(conn: Connection, site_id: int) -> tuple[str, ...]:
    """A site's tags, in order."""
    query = select(site_tags.c.tag).where(site_tags.c.site_id == site_id)
    return tuple(conn.execute(query.order_by(site_tags.c.tag)).scalars())


def site_ids(conn: Connection, tag: str) -> list[int]:
    """The sites that have a tag."""
    query = select(site_tags.c.site_id).where(site_tags.c.tag == tag)
    return list(conn.execute(query.order_by(site_tags.c.site_id)).scalars())
