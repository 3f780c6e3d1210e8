"""Puts a report together from what is kept."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import lru_cache
from itertools import groupby
from typing import TYPE_CHECKING

from storage import decisions, documents, segments, sites, versions
from storage.records import CaptureState
from tracker.classified_languages import is_classified
from tracker.comparison import compare
from tracker.kept import capture_times, find_site, history_of
from tracker.reports.model import ChangeDetail, Report, SiteReport
from tracker.segment import segment

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from storage.database import Connection, Database
    from storage.records import Change, Site, Version
    from tracker.comparison import ComparisonJson
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
    wanted = [c for c in history.changes if since is None or c.before >= since]
    joined = [(c, by_number[c.old_number], by_number[c.new_number]) for c in wanted]
    labels = KeptLabels(conn, [(site, one) for _, *both in joined for one in both])
    texts, edges = _Texts(conn, site), decisions.edges(conn, site.id)
    details = []
    for change, old, new in joined:
        before, after = texts.segments(old.number), texts.segments(new.number)
        # Where commitments went takes as long to find out as all the rest; most changes have none.
        directions = bool(change.directions)
        comparison = compare(before, after, classify=labels, directions=directions)
        details.append(_detail(change, old, new, comparison, edges))
    return SiteReport(
        history=history,
        details=tuple(reversed(details)),
        captures=capture_times(conn, site),
        unread=capture_times(conn, site, CaptureState.LISTED),
    )


class _Texts:
    """The texts of a site's versions in segments, each read once for both its changes."""

    def __init__(self, conn: Connection, site: Site) -> None:
        self._conn = conn
        self._digests = versions.texts(conn, site.id)
        self.segments = lru_cache(maxsize=2)(self._read)

    def _read(self, number: int) -> tuple[Segment, ...]:
        return segment(documents.markdown(self._conn, self._digests[number]))


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
    return _detail(change, old, new, comparison, decisions.edges(conn, site.id))


def _detail(
    change: Change,
    old: Version,
    new: Version,
    comparison: ComparisonJson,
    edges: Mapping[int, tuple[str, str]],
) -> ChangeDetail:
    # What was derived by an older release may lack decisions: any capture of the text will do then.
    (_, last), (first, _) = (
        edges.get(one.number, (one.archive_url, one.archive_url)) for one in (old, new)
    )
    return ChangeDetail(
        change=change,
        old=old,
        new=new,
        comparison=comparison,
        after_url=last,
        before_url=first,
    )


class KeptLabels:
    """Answers what categories a segment was given when its version was derived."""

    def __init__(self, conn: Connection, of: Sequence[tuple[Site, Version]]) -> None:
        self._labels = {
            (one.heading, one.text): one.categories
            for site, own in groupby(of, key=lambda pair: pair[0])
            for kept in segments.of_versions(conn, site.id, [v.number for _, v in own]).values()
            for one in kept
        }

    def __call__(self, asked: Sequence[Segment]) -> list[tuple[str, ...]]:
        return [self._labels.get((one.heading, one.text), ()) for one in asked]
