"""What an archive's index was asked and answered: the next run asks only for what is newer."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from sqlalchemy import func, insert, select

from storage.records import IndexQuery
from storage.schema import index_queries

if TYPE_CHECKING:
    from storage.database import Connection


def record(
    conn: Connection,
    site_id: int,
    archive: str,
    url: str,
    *,
    rows: int,
    newest: str | None,
    complete: bool,
    asked_at: datetime | None = None,
) -> None:
    """Note an answer: how many rows, the newest timestamp in it, and whether it came to its end."""
    conn.execute(
        insert(index_queries).values(
            site_id=site_id,
            archive=archive,
            url=url,
            asked_at=asked_at or datetime.now(UTC),
            rows=rows,
            newest=newest,
            complete=complete,
        )
    )


def unfinished(conn: Connection, site_id: int, archive: str, url: str) -> int:
    """How many answers to this question were not complete, since the last one that was."""
    of_url = (
        index_queries.c.site_id == site_id,
        index_queries.c.archive == archive,
        index_queries.c.url == url,
    )
    complete = select(func.max(index_queries.c.id)).where(
        *of_url, index_queries.c.complete.is_(True)
    )
    since = func.coalesce(complete.scalar_subquery(), 0)
    query = select(func.count()).where(*of_url, index_queries.c.id > since)
    return conn.execute(query).scalar_one()


def latest(conn: Connection, site_id: int, archive: str, url: str) -> IndexQuery | None:
    """The last complete answer to this question; None if it was never answered in full.

    ``newest`` is that of the last complete answer that had rows: an update with nothing new does
    not forget how far the site is known.
    """
    query = (
        select(index_queries)
        .where(
            index_queries.c.site_id == site_id,
            index_queries.c.archive == archive,
            index_queries.c.url == url,
            index_queries.c.complete.is_(True),
        )
        .order_by(index_queries.c.id.desc())
    )
    answers = conn.execute(query).all()
    if not answers:
        return None
    newest = max((row.newest for row in answers if row.newest is not None), default=None)
    last = answers[0]
    return IndexQuery(
        url=last.url, asked_at=last.asked_at, rows=last.rows, newest=newest, complete=True
    )
