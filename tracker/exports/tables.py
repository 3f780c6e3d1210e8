"""The tables of an export: a documented schema that does not follow the database's."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, Literal

from storage import (
    captures,
    changes,
    decisions,
    review_queue,
    reviews,
    segments,
    sites,
    snapshots,
    versions,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from storage.database import Connection
    from storage.records import Site

Kind = Literal[
    "text", "integer", "number", "truth", "time", "day", "texts", "segment counts", "change counts"
]

Row = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A table of an export: its columns in order, and the rows of one site.

    A column's kind is ``text``, ``integer``, ``number``, ``truth``, ``time`` (UTC), ``day``,
    ``texts`` (a list), ``segment counts`` or ``change counts`` (lists of objects). ``year_of`` is
    the time by whose year the rows of a partitioned export are kept apart.
    """

    name: str
    columns: dict[str, Kind]
    rows: Callable[[Connection, Site], Iterator[Row]]
    year_of: str | None = None


def _sites(_conn: Connection, site: Site) -> Iterator[Row]:
    yield {"site": site.domain, "name": site.name, "added_at": site.added_at}


def _policies(conn: Connection, site: Site) -> Iterator[Row]:
    for found in sites.policy_urls(conn, site.id):
        yield {
            "site": site.domain,
            "url": found.url,
            "from": found.first,
            "to": found.last,
            "how": found.how,
            "given": found.given,
            "evidence": list(found.evidence),
        }


def _captures(conn: Connection, site: Site) -> Iterator[Row]:
    kept = {one.capture_id: one for one in snapshots.of_site(conn, site.id)}
    decided = {one.snapshot_id: one for one in decisions.of_site(conn, site.id)}
    for listed in captures.of_site(conn, site.id):
        snapshot = kept.get(listed.id)
        decision = None if snapshot is None else decided.get(snapshot.id)
        yield {
            "site": site.domain,
            "url": listed.capture.original,
            "timestamp": listed.capture.timestamp,
            "captured_at": listed.capture.moment,
            "role": listed.role.value,
            "archive": listed.archive,
            "mimetype": listed.capture.mimetype,
            "digest": listed.capture.digest,
            "state": listed.state.value,
            "state_reason": listed.reason,
            "archive_url": snapshot and snapshot.archive_url,
            "status": snapshot and snapshot.status,
            "body_sha256": snapshot and snapshot.body_sha256,
            "fetched_at": snapshot and snapshot.fetched_at,
            "verdict": snapshot and snapshot.verdict and snapshot.verdict.value,
            "verdict_reason": snapshot and snapshot.reason,
            "policy_score": snapshot and snapshot.policy_score,
            "version": decision and decision.number,
            "decision": decision and decision.reason,
        }


def _versions(conn: Connection, site: Site) -> Iterator[Row]:
    for version in versions.of_site(conn, site.id):
        yield {
            "site": site.domain,
            "version": version.number,
            "id": version.id,
            "url": version.url,
            "first_seen": version.first_seen,
            "last_seen": version.last_seen,
            "captures": version.captures,
            "archive_url": version.archive_url,
            "stated_date": version.stated_date,
            "language": version.language,
            "words": version.words,
            "text_sha256": version.text_sha256,
            "practices": [
                {"category": name, "segments": count} for name, count in version.practices.items()
            ],
            "reason": version.reason,
            "text": versions.document(conn, version.id).markdown,
            "captures_live": version.live,
            "reading_grade": version.grade,
        }


def _segments(conn: Connection, site: Site) -> Iterator[Row]:
    found = versions.of_site(conn, site.id)
    of_versions = segments.of_versions(conn, site.id, [version.number for version in found])
    for version in found:
        for position, segment in enumerate(of_versions[version.number]):
            yield {
                "site": site.domain,
                "version": version.number,
                "first_seen": version.first_seen,
                "position": position,
                "kind": segment.kind,
                "level": segment.level,
                "heading": segment.heading,
                "text": segment.text,
                "practices": list(segment.categories),
            }


def _changes(conn: Connection, site: Site) -> Iterator[Row]:
    said = review_queue.of_site(conn, site.id)
    for change in changes.of_site(conn, site.id):
        review = said.get(change.new_number)
        yield {
            "site": site.domain,
            "from": change.old_number,
            "to": change.new_number,
            "after": change.after,
            "before": change.before,
            "silent": change.silent,
            "kind": change.kind,
            "words_added": change.words_added,
            "words_removed": change.words_removed,
            "practices": [
                {
                    "category": practice.category,
                    "added": practice.added,
                    "removed": practice.removed,
                    "modified": practice.modified,
                }
                for practice in change.practices
            ],
            "score": change.score,
            "reasons": list(change.reasons),
            "verdict": review and review.verdict,
        }


def _reviews(conn: Connection, site: Site) -> Iterator[Row]:
    numbers = {one.text_sha256: one.number for one in reversed(versions.of_site(conn, site.id))}
    for _, review in reviews.every(conn, site_id=site.id):
        yield {
            "site": site.domain,
            "from": numbers.get(review.old_sha256),
            "to": numbers.get(review.new_sha256),
            "from_sha256": review.old_sha256,
            "to_sha256": review.new_sha256,
            "revision": review.revision,
            "verdict": review.verdict,
            "note": review.note,
            "tags": list(review.tags),
            "reviewer": review.reviewer,
            "at": review.at,
            "restores": review.restores,
        }


TABLES = (
    Table(
        name="sites",
        columns={"site": "text", "name": "text", "added_at": "time"},
        rows=_sites,
    ),
    Table(
        name="policies",
        columns={
            "site": "text",
            "url": "text",
            "from": "time",
            "to": "time",
            "how": "text",
            "given": "truth",
            "evidence": "texts",
        },
        rows=_policies,
    ),
    Table(
        name="captures",
        columns={
            "site": "text",
            "url": "text",
            "timestamp": "text",
            "captured_at": "time",
            "role": "text",
            "archive": "text",
            "mimetype": "text",
            "digest": "text",
            "state": "text",
            "state_reason": "text",
            "archive_url": "text",
            "status": "integer",
            "body_sha256": "text",
            "fetched_at": "time",
            "verdict": "text",
            "verdict_reason": "text",
            "policy_score": "number",
            "version": "integer",
            "decision": "text",
        },
        rows=_captures,
        year_of="captured_at",
    ),
    Table(
        name="versions",
        columns={
            "site": "text",
            "version": "integer",
            "id": "text",
            "url": "text",
            "first_seen": "time",
            "last_seen": "time",
            "captures": "integer",
            "archive_url": "text",
            "stated_date": "day",
            "language": "text",
            "words": "integer",
            "text_sha256": "text",
            "practices": "segment counts",
            "reason": "text",
            "text": "text",
            "captures_live": "integer",
            "reading_grade": "number",
        },
        rows=_versions,
        year_of="first_seen",
    ),
    Table(
        name="segments",
        columns={
            "site": "text",
            "version": "integer",
            "first_seen": "time",
            "position": "integer",
            "kind": "text",
            "level": "integer",
            "heading": "text",
            "text": "text",
            "practices": "texts",
        },
        rows=_segments,
        year_of="first_seen",
    ),
    Table(
        name="changes",
        columns={
            "site": "text",
            "from": "integer",
            "to": "integer",
            "after": "time",
            "before": "time",
            "silent": "truth",
            "kind": "text",
            "words_added": "integer",
            "words_removed": "integer",
            "practices": "change counts",
            "score": "integer",
            "reasons": "texts",
            "verdict": "text",
        },
        rows=_changes,
        year_of="before",
    ),
    Table(
        name="reviews",
        columns={
            "site": "text",
            "from": "integer",
            "to": "integer",
            "from_sha256": "text",
            "to_sha256": "text",
            "revision": "integer",
            "verdict": "text",
            "note": "text",
            "tags": "texts",
            "reviewer": "text",
            "at": "time",
            "restores": "integer",
        },
        rows=_reviews,
        year_of="at",
    ),
)


def plain(value: object) -> object:
    """A value as JSON has it: times and days in ISO 8601."""
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%dT%H:%M:%SZ")
    return value.isoformat() if isinstance(value, date) else value
