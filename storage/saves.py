"""What archives were asked to capture, and what came of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import func, insert, select, update

from storage.records import Role
from storage.save_records import Save, SaveState
from storage.schema import captures
from storage.work_schema import saves

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Row

    from storage.database import Connection

OPEN = tuple(state.value for state in SaveState if state.is_open)


def begin(conn: Connection, site_id: int, archive: str, url: str, at: datetime) -> int:
    """Note that an archive is about to be asked; answers the request's id."""
    row = insert(saves).values(
        site_id=site_id, archive=archive, url=url, asked=at, state=SaveState.ASKED.value
    )
    return int(conn.execute(row.returning(saves.c.id)).scalar_one())


def settle(
    conn: Connection,
    save_id: int,
    state: SaveState,
    *,
    at: datetime,
    job: str | None = None,
    timestamp: str | None = None,
    reason: str | None = None,
) -> None:
    """Note what the archive said; a job and a timestamp that are known stay known."""
    conn.execute(
        update(saves)
        .where(saves.c.id == save_id)
        .values(
            state=state.value,
            checked=at,
            job=func.coalesce(job, saves.c.job),
            timestamp=func.coalesce(timestamp, saves.c.timestamp),
            reason=reason,
        )
    )


def by_id(conn: Connection, save_id: int) -> Save:
    """One request."""
    return _save(conn.execute(select(saves).where(saves.c.id == save_id)).one())


def of_site(conn: Connection, site_id: int, *, archive: str | None = None) -> list[Save]:
    """What was asked for a site, newest first."""
    query = select(saves).where(saves.c.site_id == site_id)
    if archive is not None:
        query = query.where(saves.c.archive == archive)
    return [_save(row) for row in conn.execute(query.order_by(saves.c.id.desc()))]


def to_follow_up(conn: Connection, site_id: int, archive: str) -> list[Save]:
    """Requests for a site of which more is to be learned, oldest first."""
    query = select(saves).where(
        saves.c.site_id == site_id, saves.c.archive == archive, saves.c.state.in_(OPEN)
    )
    return [_save(row) for row in conn.execute(query.order_by(saves.c.id))]


def asked_since(conn: Connection, archive: str, url: str, since: datetime) -> int:
    """How often an archive was asked for a page since then, and did not refuse."""
    query = select(func.count()).where(
        saves.c.archive == archive,
        saves.c.url == url,
        saves.c.asked > since,
        saves.c.state != SaveState.REFUSED.value,
    )
    return int(conn.execute(query).scalar_one())


def asked_at(conn: Connection, archive: str, nth: int) -> datetime | None:
    """When the n-th newest request went to an archive, None where there are fewer."""
    query = (
        select(saves.c.asked)
        .where(saves.c.archive == archive)
        .order_by(saves.c.id.desc())
        .offset(nth - 1)
        .limit(1)
    )
    found: datetime | None = conn.execute(query).scalar_one_or_none()
    return found


def newest_listed(conn: Connection, site_id: int, archive: str) -> str | None:
    """The timestamp of the newest capture that the archive's index has of a site's policy."""
    query = select(func.max(captures.c.timestamp)).where(
        captures.c.site_id == site_id,
        captures.c.archive == archive,
        captures.c.role == Role.POLICY.value,
    )
    found: str | None = conn.execute(query).scalar_one()
    return found


def is_listed(conn: Connection, site_id: int, archive: str, urlkey: str, since: str) -> bool:
    """Whether the index shows a capture of a page, by its SURT key, of this timestamp or later."""
    query = select(captures.c.id).where(
        captures.c.site_id == site_id,
        captures.c.archive == archive,
        captures.c.urlkey == urlkey,
        captures.c.timestamp >= since,
    )
    return conn.execute(query.limit(1)).one_or_none() is not None


def _save(row: Row[Any]) -> Save:
    return Save(
        id=row.id,
        site_id=row.site_id,
        archive=row.archive,
        url=row.url,
        asked=row.asked,
        state=SaveState(row.state),
        job=row.job,
        timestamp=row.timestamp,
        checked=row.checked,
        reason=row.reason,
    )
