"""Has an archive capture a site's policy now, within its limits, and follows that up."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

from crawler.archives.registry import open_archive
from storage import saves
from storage.records import format_time, parse_timestamp
from storage.save_records import SaveState
from tracker.errors import TrackerError
from tracker.kept import last_policy_url
from tracker.save_requests import SHORT_CAPTURE, Clocks, Saver

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from crawler.archives.base import Archive
    from storage.database import Connection, Database
    from storage.records import Site
    from storage.save_records import Save
    from tracker.config import Config

AGAIN_AFTER = timedelta(days=7)
"""How long a stale page is let be whose capture failed."""


def save(
    db: Database,
    config: Config,
    site: Site,
    *,
    urls: Sequence[str] = (),
    wait: float | None = None,
    clocks: Clocks | None = None,
) -> list[Save]:
    """Ask the archive to capture a site's policy; answers what came of each URL.

    Args:
        db: where it is noted.
        config: the archive and its limits.
        site: whose policy.
        urls: which pages; without any, the one that held the policy last.
        wait: seconds to wait for a job to end, None for the configuration's.
        clocks: the time.

    Raises:
        RequestError: this archive takes no requests.
        TrackerError: no URL is known.
        StorageError: the database fails.
    """
    saver = Saver(db, config, site, clocks or Clocks())
    chosen = urls or [_policy_url(db, site)]
    patience = config.save.wait_seconds if wait is None else wait
    return [saver.save(url, patience) for url in chosen]


def follow_up(
    db: Database, config: Config, site: Site, *, clocks: Clocks | None = None
) -> list[Save]:
    """Learn what became of earlier requests; answers those of which something new is known.

    Raises:
        StorageError: the database fails.
    """
    archive = open_archive(config.archive.where)
    if archive.saves_at is None:
        return []
    with db.read() as conn:
        left = saves.to_follow_up(conn, site.id, archive.name)
    if not left:
        return []
    saver = Saver(db, config, site, clocks or Clocks())
    looked_at = [(one, saver.follow_up(one)) for one in left]
    return [now for before, now in looked_at if now.state is not before.state]


def requests_of(
    db: Database, config: Config, site: Site, *, clocks: Clocks | None = None
) -> list[Save]:
    """All that the archive was asked for a site, newest first, as it stands now.

    Raises:
        StorageError: the database fails.
    """
    follow_up(db, config, site, clocks=clocks)
    name = open_archive(config.archive.where).name
    return db.retrieve(lambda conn: saves.of_site(conn, site.id, archive=name))


def save_if_stale(
    db: Database, config: Config, site: Site, *, clocks: Clocks | None = None
) -> list[Save]:
    """Follow up, and ask for a capture where the newest is older than the configuration wants.

    Does nothing unless ``[save] when = "stale"`` and the archive takes requests, nor while others
    have used what it takes in a minute: this is for runs, which must not wait in line.

    Raises:
        StorageError: the database fails.
    """
    clocks = clocks or Clocks()
    followed = follow_up(db, config, site, clocks=clocks)
    archive = open_archive(config.archive.where)
    if config.save.when != "stale" or archive.saves_at is None:
        return followed
    days = timedelta(days=config.save.days)
    if not db.retrieve(partial(_is_stale, site, archive.name, days, clocks.now())):
        return followed
    url = db.retrieve(lambda conn: last_policy_url(conn, site))
    if url is None:
        return followed
    asked = Saver(db, config, site, clocks, longest=SHORT_CAPTURE).save_now(url)
    return [*followed, asked] if asked else followed


def save_document(site: Site, one: Save, archive: Archive) -> dict[str, Any]:
    """One request as ``tracker save --format json`` prints it."""
    page = None
    if one.timestamp and archive.saves_at:
        page = f"{archive.saves_at}/web/{one.timestamp}/{one.url}"
    return {
        "site": site.domain,
        "url": one.url,
        "archive": one.archive,
        "state": one.state.value,
        "asked": format_time(one.asked),
        "timestamp": one.timestamp,
        "archive_url": page,
        "job": one.job,
        "reason": one.reason,
    }


def _policy_url(db: Database, site: Site) -> str:
    """Where the site's policy was last.

    Raises:
        TrackerError: nobody knows.
    """
    with db.read() as conn:
        found = last_policy_url(conn, site)
    if found is None:
        raise TrackerError(
            f"no policy of {site.domain} is known: name it with --url, or "
            f"`tracker crawl {site.domain}`"
        )
    return found


def _is_stale(site: Site, archive: str, days: timedelta, now: datetime, conn: Connection) -> bool:
    """Whether the newest capture known is too old, and nobody has asked for another lately."""
    newest = saves.newest_listed(conn, site.id, archive)
    if newest is None or now - parse_timestamp(newest) <= days:
        return False
    asked = saves.of_site(conn, site.id, archive=archive)
    if any(one.state.is_open for one in asked):
        return False
    last = next((one for one in asked if one.state is not SaveState.REFUSED), None)
    return last is None or now - last.asked > min(days, AGAIN_AFTER)
