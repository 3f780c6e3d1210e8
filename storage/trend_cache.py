"""Figures that were worked out once, each with the edition of what they were worked out of."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, select

from storage.database import insert
from storage.work_schema import trend_cache

if TYPE_CHECKING:
    from collections.abc import Mapping

    from storage.database import Connection

MOST = 200
"""Documents that are kept; the oldest give way."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """A document and the edition that it tells of."""

    edition: str
    document: dict[str, Any]


def get(conn: Connection, key: str) -> Kept | None:
    """What was kept under a key, whatever its edition."""
    row = conn.execute(select(trend_cache).where(trend_cache.c.key == key)).one_or_none()
    return None if row is None else Kept(edition=row.edition, document=row.document)


def put(conn: Connection, key: str, edition: str, document: Mapping[str, Any]) -> None:
    """Keep a document in the place of what was kept under its key."""
    row = insert(conn, trend_cache).values(
        key=key, edition=edition, computed=datetime.now(UTC), document=dict(document)
    )
    new = row.excluded
    changed = {"edition": new.edition, "computed": new.computed, "document": new.document}
    conn.execute(row.on_conflict_do_update(index_elements=["key"], set_=changed))
    newest = select(trend_cache.c.key).order_by(trend_cache.c.computed.desc()).limit(MOST)
    conn.execute(delete(trend_cache).where(trend_cache.c.key.not_in(newest)))
