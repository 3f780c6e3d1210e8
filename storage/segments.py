"""Labelled segments: each text kept once, and each text with its labels kept once.

Successive versions of a policy share nearly all of theirs.
"""

from __future__ import annotations

import json
from hashlib import sha256
from typing import TYPE_CHECKING

from sqlalchemy import select

from storage.database import insert
from storage.records import VersionSegment
from storage.schema import segment_texts, segments, version_segments

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import Any

    from sqlalchemy import Table

    from storage.database import Connection

BATCH = 500


def put(conn: Connection, kept: Iterable[VersionSegment]) -> dict[VersionSegment, int]:
    """Keep segments; answers their ids."""
    distinct = dict.fromkeys(kept)
    texts = {
        text: _digest(text) for segment in distinct for text in (segment.text, segment.heading)
    }
    text_ids = _intern(conn, segment_texts, {key: {"text": text} for text, key in texts.items()})
    keys = {segment: _digest(_identity(segment)) for segment in distinct}
    rows = {
        key: {
            "text_id": text_ids[texts[segment.text]],
            "heading_id": text_ids[texts[segment.heading]],
            "kind": segment.kind,
            "level": segment.level,
            "categories": list(segment.categories),
        }
        for segment, key in keys.items()
    }
    ids = _intern(conn, segments, rows)
    return {segment: ids[key] for segment, key in keys.items()}


def of_version(conn: Connection, site_id: int, number: int) -> tuple[VersionSegment, ...]:
    """The segments of a site's version, in the order of its text."""
    return of_versions(conn, site_id, [number])[number]


def of_versions(
    conn: Connection, site_id: int, numbers: Iterable[int]
) -> dict[int, tuple[VersionSegment, ...]]:
    """The segments of several versions of a site; equal ones are one object."""
    wanted = sorted(set(numbers))
    order: dict[int, list[int]] = {number: [] for number in wanted}
    for start in range(0, len(wanted), BATCH):
        query = (
            select(version_segments.c.number, version_segments.c.segment_id)
            .where(
                version_segments.c.site_id == site_id,
                version_segments.c.number.in_(wanted[start : start + BATCH]),
            )
            .order_by(version_segments.c.number, version_segments.c.position)
        )
        for number, segment_id in conn.execute(query):
            order[number].append(segment_id)
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
