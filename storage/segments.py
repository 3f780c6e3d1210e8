"""Labelled segments: each text kept once, and each text with its labels kept once.

Successive versions of a policy share nearly all of theirs: what stays is one span
(`storage.spans`).
"""

from __future__ import annotations

import json
from hashlib import sha256
from typing import TYPE_CHECKING

from sqlalchemy import bindparam, delete, select, update

from storage import bulk, spans
from storage.database import insert
from storage.records import VersionSegment
from storage.schema import segment_spans, segment_texts, segments

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime
    from typing import Any

    from sqlalchemy import Table

    from storage.database import Connection
    from storage.versions import DerivedVersion

BATCH = 500


def replace(conn: Connection, site_id: int, derived: Sequence[DerivedVersion]) -> None:
    """Put the segments of newly derived versions in the place of all earlier ones of the site.

    The versions must be there, in the order of their numbers.
    """
    seen: dict[VersionSegment, datetime] = {}
    for one in derived:
        for segment in one.segments:
            seen.setdefault(segment, one.version.first_seen)
    ids = _put(conn, seen)
    woven = spans.weave((one.version.number, [ids[s] for s in one.segments]) for one in derived)
    conn.execute(delete(segment_spans).where(segment_spans.c.site_id == site_id))
    days = {one.version.number: spans.day_of(one.version.first_seen) for one in derived}
    rows = [
        (site_id, position, span.segment_id, span.first, span.last, days[span.first])
        for position, span in enumerate(woven)
    ]
    bulk.load(conn, tuple(segment_spans.columns), [rows])


def _put(conn: Connection, seen: Mapping[VersionSegment, datetime]) -> dict[VersionSegment, int]:
    """Keep segments, with the time at which each was first seen; answers their ids."""
    first: dict[str, datetime] = {}
    for segment, moment in seen.items():
        first[segment.text] = min(moment, first.get(segment.text, moment))
    digests = {text: _digest(text) for segment in seen for text in (segment.text, segment.heading)}
    text_ids = _intern(
        conn,
        segment_texts,
        {key: {"text": text, "first_seen": first.get(text)} for text, key in digests.items()},
    )
    _predate(conn, {text_ids[digests[text]]: moment for text, moment in first.items()})
    keys = {segment: _digest(_identity(segment)) for segment in seen}
    rows = {
        key: {
            "text_id": text_ids[digests[segment.text]],
            "heading_id": text_ids[digests[segment.heading]],
            "kind": segment.kind,
            "level": segment.level,
            "categories": list(segment.categories),
        }
        for segment, key in keys.items()
    }
    ids = _intern(conn, segments, rows)
    return {segment: ids[key] for segment, key in keys.items()}


def _predate(conn: Connection, first: Mapping[int, datetime]) -> None:
    """Note of texts that they were seen by then, unless they are known to be older."""
    later = []
    wanted = sorted(first)
    for start in range(0, len(wanted), BATCH):
        query = select(segment_texts.c.id, segment_texts.c.first_seen).where(
            segment_texts.c.id.in_(wanted[start : start + BATCH])
        )
        later += [key for key, seen in conn.execute(query) if seen is None or first[key] < seen]
    known = segment_texts.c.first_seen
    statement = (
        update(segment_texts)
        .where(segment_texts.c.id == bindparam("text_id"))
        .where(known.is_(None) | (known > bindparam("moment")))
        .values(first_seen=bindparam("moment"))
    )
    # All processes in one order, so that no two wait for each other.
    rows = [{"text_id": key, "moment": first[key]} for key in sorted(later)]
    if rows:
        conn.execute(statement, rows)


def of_version(conn: Connection, site_id: int, number: int) -> tuple[VersionSegment, ...]:
    """The segments of a site's version, in the order of its text."""
    return of_versions(conn, site_id, [number])[number]


def of_versions(
    conn: Connection, site_id: int, numbers: Iterable[int]
) -> dict[int, tuple[VersionSegment, ...]]:
    """The segments of several versions of a site; equal ones are one object."""
    wanted = set(numbers)
    if not wanted:
        return {}
    query = (
        select(
            segment_spans.c.segment_id, segment_spans.c.first_number, segment_spans.c.last_number
        )
        .where(
            segment_spans.c.site_id == site_id,
            segment_spans.c.first_number <= max(wanted),
            segment_spans.c.last_number >= min(wanted),
        )
        .order_by(segment_spans.c.position)
    )
    order = spans.unweave(map(tuple, conn.execute(query)), wanted)
    known = _load(conn, {segment_id for ids in order.values() for segment_id in ids})
    return {number: tuple(known[i] for i in ids) for number, ids in order.items()}


def _load(conn: Connection, ids: set[int]) -> dict[int, VersionSegment]:
    heading = segment_texts.alias("heading")
    query = (
        select(segments, segment_texts.c.text, heading.c.text.label("heading"))
        .join(segment_texts, segments.c.text_id == segment_texts.c.id)
        .join(heading, segments.c.heading_id == heading.c.id)
    )
    wanted, found = sorted(ids), {}
    for start in range(0, len(wanted), BATCH):
        for row in conn.execute(query.where(segments.c.id.in_(wanted[start : start + BATCH]))):
            found[row.id] = VersionSegment(
                text=row.text,
                kind=row.kind,
                level=row.level,
                heading=row.heading,
                categories=tuple(row.categories),
            )
    return found


def _intern(conn: Connection, table: Table, rows: Mapping[str, dict[str, Any]]) -> dict[str, int]:
    """Keep rows under their sha256 unless they are kept; answers the ids of all."""
    ids = _ids(conn, table, list(rows))
    # All processes in one order, so that no two wait for each other.
    missing = [{"sha256": key} | rows[key] for key in sorted(rows.keys() - ids.keys())]
    if missing:
        statement = insert(conn, table).on_conflict_do_nothing(index_elements=["sha256"])
        conn.execute(statement, missing)
        ids |= _ids(conn, table, [row["sha256"] for row in missing])
    return ids


def _ids(conn: Connection, table: Table, keys: list[str]) -> dict[str, int]:
    found: dict[str, int] = {}
    for start in range(0, len(keys), BATCH):
        query = select(table.c.sha256, table.c.id).where(
            table.c.sha256.in_(keys[start : start + BATCH])
        )
        found |= {row.sha256: row.id for row in conn.execute(query)}
    return found


def _identity(segment: VersionSegment) -> str:
    parts = (segment.text, segment.heading, segment.kind, segment.level, segment.categories)
    return json.dumps(parts)


def _digest(text: str) -> str:
    return sha256(text.encode()).hexdigest()
