"""A site's policy captures as a crawl reads them: all, or so few that any number fits in memory."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import and_, func, or_, select

from storage.captures import listed_of
from storage.records import CaptureState, Role
from storage.schema import captures, snapshots

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import Any

    from sqlalchemy import ColumnElement, Select

    from storage.database import Connection
    from storage.records import Capture, ListedCapture


def count(
    conn: Connection, site_id: int, archive: str, *, first: str | None, last: str | None
) -> int:
    """How many policy captures are listed from ``first`` to ``last``, timestamps of 14 digits."""
    query = select(func.count()).select_from(captures)
    return int(conn.execute(query.where(*_within(site_id, archive, first, last))).scalar_one())


def every(
    conn: Connection, site_id: int, archive: str, *, first: str | None, last: str | None
) -> Iterator[ListedCapture]:
    """All of them, in time order, streaming."""
    return _listed(conn, select(captures).where(*_within(site_id, archive, first, last)))


def sparse(
    conn: Connection, site_id: int, archive: str, *, first: str | None, last: str | None
) -> Iterator[ListedCapture]:
    """The first and the last usable one of each day, and whatever was tried already; likewise."""
    within = _within(site_id, archive, first, last)
    status = captures.c.statuscode
    usable = or_(status.is_(None), status.between(200, 299))
    ends = (
        select(func.min(captures.c.timestamp).label("begin"), func.max(captures.c.timestamp))
        .where(*within, usable)
        .group_by(func.substr(captures.c.timestamp, 1, 8))
    )
    moments = {moment for row in conn.execute(ends) for moment in row}
    tried = select(captures.c.timestamp).where(
        *within, captures.c.state != CaptureState.LISTED.value
    )
    moments |= set(conn.execute(tried).scalars())
    ordered = sorted(moments)
    for start in range(0, len(ordered), 500):
        chosen = captures.c.timestamp.in_(ordered[start : start + 500])
        yield from _listed(conn, select(captures).where(*within, chosen))


def find(
    conn: Connection, site_id: int, archive: str, wanted: Iterable[Capture]
) -> list[ListedCapture]:
    """Those policy captures that are listed, each by timestamp and URL, in time order."""
    identities = [
        and_(captures.c.timestamp == one.timestamp, captures.c.original == one.original)
        for one in wanted
    ]
    if not identities:
        return []
    query = select(captures).where(*_within(site_id, archive, None, None), or_(*identities))
    return list(_listed(conn, query))


def snapshot_ids(conn: Connection, site_id: int, archive: str) -> dict[int, int]:
    """The snapshot of each policy capture that is kept, by the capture's id."""
    query = (
        select(snapshots.c.capture_id, snapshots.c.id)
        .join(captures)
        .where(*_within(site_id, archive, None, None))
    )
    return {row.capture_id: row.id for row in conn.execute(query)}


def _listed(conn: Connection, query: Select[Any]) -> Iterator[ListedCapture]:
    ordered = query.order_by(captures.c.timestamp, captures.c.original, captures.c.id)
    return map(listed_of, conn.execute(ordered))


def _within(
    site_id: int, archive: str, first: str | None, last: str | None
) -> list[ColumnElement[bool]]:
    conditions = [
        captures.c.site_id == site_id,
        captures.c.archive == archive,
        captures.c.role == Role.POLICY.value,
    ]
    if first is not None:
        conditions.append(captures.c.timestamp >= first)
    if last is not None:
        conditions.append(captures.c.timestamp <= last)
    return conditions
