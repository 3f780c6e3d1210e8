"""Captures that an archive's index listed: the frontier of a crawl.

What a killed crawl left is found again by its ``state``; nothing else remembers the queue.
"""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import islice
from sys import intern
from typing import TYPE_CHECKING

from sqlalchemy import bindparam, func, select, update

from storage import bulk
from storage.records import Capture, CaptureState, How, ListedCapture, Role
from storage.schema import captures

if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

    from sqlalchemy import Row

    from storage.database import Connection

BATCH = 5_000
"""Rows sent to the database at once, so that a stream of any length needs bounded memory."""

CAPTURE_FIELDS = (
    "urlkey",
    "timestamp",
    "original",
    "mimetype",
    "statuscode",
    "digest",
    "length",
    "memento_url",
)

MARK = (
    update(captures)
    .where(captures.c.id == bindparam("capture"))
    .values(
        state=bindparam("new_state"),
        attempts=captures.c.attempts + 1,
        reason=bindparam("new_reason"),
        transient=bindparam("new_transient"),
        tried_at=bindparam("now"),
    )
)
"""Made once: to put it together takes as long as to run it."""


def record(
    conn: Connection,
    site_id: int,
    archive: str,
    role: Role | str,
    listed: Iterable[Capture],
    *,
    how: How = How.INDEX,
) -> int:
    """Keep listed captures, streaming; answers how many were new.

    One that is known in this role (same URL and timestamp) stays as it is: indexes repeat rows
    across pages.
    """
    known = ["site_id", "archive", "role", "timestamp", "original"]
    common = {
        "site_id": site_id,
        "archive": archive,
        "role": Role(role).value,
        "state": CaptureState.LISTED.value,
        "attempts": 0,
        "transient": False,
        "how": how.value,
    }
    stream, new = iter(listed), 0
    while batch := [common | _row(capture) for capture in islice(stream, BATCH)]:
        new += bulk.insert_unknown(conn, captures, batch, known)
    return new


def of_site(
    conn: Connection,
    site_id: int,
    *,
    archive: str | None = None,
    role: Role | str | None = None,
    state: CaptureState | str | None = None,
) -> list[ListedCapture]:
    """A site's captures in time order, narrowed down as asked."""
    query = select(captures).where(captures.c.site_id == site_id)
    if archive is not None:
        query = query.where(captures.c.archive == archive)
    if role is not None:
        query = query.where(captures.c.role == Role(role).value)
    if state is not None:
        query = query.where(captures.c.state == CaptureState(state).value)
    query = query.order_by(captures.c.timestamp, captures.c.original, captures.c.id)
    return [listed_of(row) for row in conn.execute(query)]


def find(
    conn: Connection, site_id: int, archive: str, role: Role | str, capture: Capture
) -> ListedCapture | None:
    """A capture of the frontier by its timestamp and URL; None where it is not listed."""
    query = select(captures).where(
        captures.c.site_id == site_id,
        captures.c.archive == archive,
        captures.c.role == Role(role).value,
        captures.c.timestamp == capture.timestamp,
        captures.c.original == capture.original,
    )
    row = conn.execute(query).one_or_none()
    return None if row is None else listed_of(row)


def unread(conn: Connection, site_id: int) -> int:
    """How many listed captures of the site's policy were not fetched: none needed reading."""
    query = select(func.count()).where(
        captures.c.site_id == site_id,
        captures.c.state == CaptureState.LISTED.value,
        captures.c.role == Role.POLICY.value,
    )
    return int(conn.execute(query).scalar_one())


def by_id(conn: Connection, capture_id: int) -> ListedCapture | None:
    """One capture of the frontier."""
    row = conn.execute(select(captures).where(captures.c.id == capture_id)).one_or_none()
    return None if row is None else listed_of(row)


def mark_failed(
    conn: Connection, capture_id: int, reason: str, *, transient: bool, at: datetime | None = None
) -> None:
    """Note that fetching failed, and whether another try may succeed."""
    _mark(conn, capture_id, CaptureState.FAILED, reason, transient=transient, at=at)


def mark_excluded(
    conn: Connection, capture_id: int, reason: str, *, at: datetime | None = None
) -> None:
    """Note that the archive keeps this capture from everyone; it is not asked for again."""
    _mark(conn, capture_id, CaptureState.EXCLUDED, reason, transient=False, at=at)


def mark_fetched(conn: Connection, capture_id: int, *, at: datetime | None = None) -> None:
    """Note that the capture is kept; `storage.snapshots.keep` does this."""
    _mark(conn, capture_id, CaptureState.FETCHED, None, transient=False, at=at)


def _mark(
    conn: Connection,
    capture_id: int,
    state: CaptureState,
    reason: str | None,
    *,
    transient: bool,
    at: datetime | None,
) -> None:
    marked = {
        "capture": capture_id,
        "new_state": state.value,
        "new_reason": reason,
        "new_transient": transient,
        "now": at or datetime.now(UTC),
    }
    conn.execute(MARK, marked)


def _row(capture: Capture) -> dict[str, Any]:
    return {name: getattr(capture, name) for name in CAPTURE_FIELDS}


def capture_of(row: Row[Any]) -> Capture:
    """The capture in a row that has all its columns; what most rows share is kept once."""
    return Capture(
        urlkey=intern(row.urlkey),
        timestamp=row.timestamp,
        original=intern(row.original),
        mimetype=intern(row.mimetype),
        statuscode=row.statuscode,
        digest=row.digest,
        length=row.length,
        memento_url=row.memento_url,
    )


def listed_of(row: Row[Any]) -> ListedCapture:
    """The listed capture in a row of the table."""
    return ListedCapture(
        id=row.id,
        site_id=row.site_id,
        archive=intern(row.archive),
        role=Role(row.role),
        capture=capture_of(row),
        state=CaptureState(row.state),
        attempts=row.attempts,
        reason=row.reason,
        transient=row.transient,
        tried_at=row.tried_at,
        how=How(row.how),
    )
