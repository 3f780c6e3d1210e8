"""Puts a report together from what is kept."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from storage import segments, sites, versions
from tracker.comparison import compare
from tracker.kept import capture_times, find_site, history_of
from tracker.labels import is_classified
from tracker.reports.model import ChangeDetail, Report, SiteReport

if TYPE_CHECKING:
    from collections.abc import Sequence

    from storage.database import Connection, Database
    from storage.records import Change, Site, Version
    from tracker.segment import Segment


def gather(db: Database, keys: Sequence[str], since: datetime | None = None) -> Report:
    """The report on some sites, or on all tracked ones; changes newest first.

    Raises:
        TrackerError: a site is not tracked.
    """
    with db.read() as conn:
        chosen = [find_site(conn, key) for key in keys] if keys else sites.every(conn)
        reports = [_site(conn, site, since) for site in chosen]
    return Report(sites=tuple(reports), made_at=datetime.now(UTC), since=since)


def _site(conn: Connection, site: Site, since: datetime | None) -> SiteReport:
    history = history_of(conn, site)
    by_number = {version.number: version for version in history.versions}
    details = [
        change_detail(
            conn, site, change, by_number[change.old_number], by_number[change.new_number]
        )
        for change in reversed(history.changes)
        if since is None or change.before >= since
    ]
    return SiteReport(history=history, details=tuple(details), captures=capture_times(conn, site))


def change_detail(
    conn: Connection, site: Site, change: Change, old: Version, new: Version
) -> ChangeDetail:
    """A change with the comparison of its versions' texts, in the categories they were given."""
    comparison = compare(
        versions.document(conn, old.id).markdown,
        versions.document(conn, new.id).markdown,
        classify=KeptLabels(conn, [(site, old), (site, new)]),
        directions=is_classified(new.language),
    )
    return ChangeDetail(change=change, old=old, new=new, comparison=comparison)


class KeptLabels:
    """Answers what categories a segment was given when its version was derived."""

    def __init__(self, conn: Connection, of: Sequence[tuple[Site, Version]]) -> None:
        self._labels = {
            (one.heading, one.text): one.categories
            for site, version in of
            for one in segments.of_version(conn, site.id, version.number)
        }

    def __call__(self, asked: Sequence[Segment]) -> list[tuple[str, ...]]:
        return [self._labels.get((one.heading, one.text), ()) for one in asked]
