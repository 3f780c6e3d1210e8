"""Changes between successive versions of a site's policy."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import delete, select

from storage.records import Change, PracticeCount
from storage.schema import changes

if TYPE_CHECKING:
    from collections.abc import Iterable

    from storage.database import Connection

SAME_NAME = (
    "old_number",
    "new_number",
    "after",
    "before",
    "silent",
    "words_added",
    "words_removed",
    "kind",
)
"""Fields of a Change that are columns of the same name and type."""


def replace(conn: Connection, site_id: int, derived: Iterable[Change]) -> None:
    """Put newly derived changes in the place of the site's earlier ones; versions come first."""
    conn.execute(delete(changes).where(changes.c.site_id == site_id))
    rows = [
        {name: getattr(change, name) for name in SAME_NAME}
        | {
            "site_id": site_id,
            "practices": [[p.category, p.added, p.removed, p.modified] for p in change.practices],
        }
        for change in derived
    ]
    if rows:
        conn.execute(changes.insert(), rows)


def of_site(conn: Connection, site_id: int) -> list[Change]:
    """A site's changes, oldest first."""
    query = select(changes).where(changes.c.site_id == site_id).order_by(changes.c.new_number)
    return [
        Change(
            practices=tuple(
                PracticeCount(category=category, added=added, removed=removed, modified=modified)
                for category, added, removed, modified in row.practices
            ),
            **{name: getattr(row, name) for name in SAME_NAME},
        )
        for row in conn.execute(query)
    ]
