"""Crawls of a site: when, how many requests, with what outcome."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from sqlalchemy import insert, select, update

from storage.schema import crawls

if TYPE_CHECKING:
    from storage.database import Connection


@dataclass(frozen=True, slots=True, kw_only=True)
class CrawlRun:
    """One crawl of a site; ``ended``, ``outcome`` are None while it runs, or if it was killed."""

    id: int
    site_id: int
    started: datetime
    ended: datetime | None = None
    requests_cdx: int = 0
    requests_replay: int = 0
    outcome: str | None = None
    reason: str | None = None


def start(conn: Connection, site_id: int, *, at: datetime | None = None) -> int:
    """Note that a crawl begins; answers its id."""
    row = insert(crawls).values(
        site_id=site_id, started=at or datetime.now(UTC), requests_cdx=0, requests_replay=0
    )
    return int(conn.execute(row.returning(crawls.c.id)).scalar_one())


def finish(
    conn: Connection,
    crawl_id: int,
    *,
    outcome: str,
    reason: str | None = None,
    requests_cdx: int,
    requests_replay: int,
    at: datetime | None = None,
) -> None:
    """Note how a crawl ended."""
    conn.execute(
        update(crawls)
        .where(crawls.c.id == crawl_id)
        .values(
            ended=at or datetime.now(UTC),
            outcome=outcome,
            reason=reason,
            requests_cdx=requests_cdx,
            requests_replay=requests_replay,
        )
    )


def of_site(conn: Connection, site_id: int) -> list[CrawlRun]:
    """A site's crawls, newest first."""
    query = select(crawls).where(crawls.c.site_id == site_id).order_by(crawls.c.id.desc())
    return [
        CrawlRun(
            id=row.id,
            site_id=row.site_id,
            started=row.started,
            ended=row.ended,
            requests_cdx=row.requests_cdx,
            requests_replay=row.requests_replay,
            outcome=row.outcome,
            reason=row.reason,
        )
        for row in conn.execute(query)
    ]
