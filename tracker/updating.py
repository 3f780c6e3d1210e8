"""Updates: sites run now, and what there is to tell sent. What ``tracker update`` does."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial
from threading import Event as ThreadEvent
from typing import TYPE_CHECKING, Any

from storage import paces, runs, sites
from storage.records import format_time
from tracker.crawling import site_document
from tracker.notify.deliver import Delivered, deliver
from tracker.running import carry_out, worker_name

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from crawler.job import Event
    from storage.database import Connection, Database
    from storage.records import Site
    from storage.run_records import Run
    from tracker.running import SiteUpdate, Work

BATCH = 50
"""Runs that one crawl takes together."""


@dataclass(slots=True, kw_only=True)
class UpdateResult:
    """What became of an update; ``busy`` are sites that another process is at.

    ``broken_off`` says why what was claimed and is not among ``sites`` did not come to its end.
    """

    sites: list[SiteUpdate] = field(default_factory=list)
    busy: list[str] = field(default_factory=list)
    delivered: Delivered = field(default_factory=Delivered)
    broken_off: str | None = None


def update(work: Work, chosen: Sequence[Site], watch: Callable[[Event], None]) -> UpdateResult:
    """Run sites now, then send what there is to tell.

    A site that another process is at is left to it. Ctrl-C ends it as it ends a crawl: what is not
    done is handed back, then KeyboardInterrupt goes on.

    Raises:
        CrawlError: the job is senseless, or the crawling process died.
        StorageError: the database fails.
    """
    result = UpdateResult()
    worker = worker_name()
    for start in range(0, len(chosen), BATCH):
        part = chosen[start : start + BATCH]
        claims = work.claims(worker)
        claims.add(work.db.transact(partial(_take, work, part, worker)))
        ours = {run.site for run in claims.held}
        result.busy += [site.domain for site in part if site.domain not in ours]
        reason = carry_out(work, claims, result.sites.append, watch, ThreadEvent())
        result.broken_off = result.broken_off or reason
    result.delivered = deliver(work.db, work.config, work.clock)
    return result


def _take(work: Work, part: Sequence[Site], worker: str, conn: Connection) -> list[Run]:
    now = work.clock()
    until = now + work.leases.length
    return runs.take(conn, [site.id for site in part], worker, now, until=until)


def due_sites(db: Database, now: datetime) -> list[Site]:
    """Sites that are due: by their own pace, or because a run of theirs waits."""

    def read(conn: Connection) -> list[Site]:
        waiting = (run.site_id for run in runs.listed(conn, waiting=True) if run.due <= now)
        ids = list(dict.fromkeys([*waiting, *paces.due_site_ids(conn, now)]))
        known = {site.id: site for site in sites.crawlable(conn)}
        return [known[site_id] for site_id in ids if site_id in known]

    return db.retrieve(read)


def update_document(result: UpdateResult) -> dict[str, Any]:
    """The JSON of ``tracker update --format json``: as of a crawl, and what a run adds to it."""
    return {
        "sites": [update_site_document(one) for one in result.sites],
        "busy": result.busy,
        "broken_off": result.broken_off,
        "notices": {
            "sent": result.delivered.notices,
            "put_off": result.delivered.put_off,
            "dead": result.delivered.dead,
        },
    }


def update_site_document(one: SiteUpdate) -> dict[str, Any]:
    """One site of it."""
    return {
        **site_document(one.result),
        "due": format_time(one.run.due),
        "covers": one.run.covers,
        "late": one.ended.late,
        "notices": one.notices,
        "next": format_time(one.pace.next_due) if one.pace.next_due else None,
        "quarantined": one.pace.quarantined_at is not None,
    }
