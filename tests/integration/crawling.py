"""Running a crawl in a test: its events, and what the database then holds."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeVar

from crawler.config import ArchiveConfig
from crawler.job import Event, Job, RunDone, SiteDone, SiteJob
from crawler.run import run_crawl
from storage import sites
from storage.database import open_database

if TYPE_CHECKING:
    from pathlib import Path

E = TypeVar("E")


@dataclass(slots=True)
class Crawler:
    """Crawls into one database."""

    database: Path
    events: list[Event] = field(default_factory=list)

    def job(self, where: str, *domains: str, **options: object) -> Job:
        """A job for these sites, made known to the database; ``options`` are the job's."""
        archive = ArchiveConfig(
            where=where,
            cdx_per_minute=0.0,
            replay_per_minute=0.0,
            pause_seconds=0.05,
            timeout_seconds=20.0,
        )
        with open_database(str(self.database)) as db, db.write() as conn:
            known = [sites.add(conn, domain) for domain in domains]
        return Job(
            database=str(self.database),
            sites=tuple(SiteJob(id=site.id, domain=site.domain) for site in known),
            **{"archive": archive, "strategy": "digest"} | options,  # type: ignore[arg-type]
        )

    def __call__(self, where: str, *domains: str, **options: object) -> RunDone:
        """Crawl; the events are in ``events``."""
        self.events = list(run_crawl(self.job(where, *domains, **options)))
        last = self.events[-1]
        assert isinstance(last, RunDone)
        return last

    def all(self, kind: type[E]) -> list[E]:
        """The events of one kind."""
        return [event for event in self.events if isinstance(event, kind)]

    def site_done(self) -> SiteDone:
        """How the only site ended."""
        (done,) = self.all(SiteDone)
        return done

    def snapshots(self) -> dict[tuple[str, str], tuple[int, str, str]]:
        """Policy snapshots by URL and timestamp: status, digest of the body, verdict."""
        with sqlite3.connect(self.database) as conn:
            rows = conn.execute(
                "SELECT original, timestamp, status, body_sha256, verdict FROM snapshots"
                " JOIN captures ON captures.id = capture_id WHERE role = 'policy'"
            ).fetchall()
        conn.close()
        return {(url, when): (status, body, verdict) for url, when, status, body, verdict in rows}

    def states(self) -> dict[str, int]:
        """How many policy captures are in which state."""
        with sqlite3.connect(self.database) as conn:
            found = dict(
                conn.execute(
                    "SELECT state, count(*) FROM captures WHERE role = 'policy' GROUP BY state"
                ).fetchall()
            )
        conn.close()
        return found
