"""What the readers of each site's notices know already: a change is told once."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import select

from storage.database import insert
from storage.notices import KnownChange, Watch
from storage.records import format_time
from storage.work_schema import announced

if TYPE_CHECKING:
    from storage.database import Connection

DIGITS = 16
"""Of a text's SHA-256, enough to tell a site's texts from each other."""


def of_site(conn: Connection, site_id: int) -> Watch | None:
    """What is known of a site; None before its watch began."""
    row = conn.execute(select(announced).where(announced.c.site_id == site_id)).one_or_none()
    if row is None:
        return None
    return Watch(
        made_by=row.made_by,
        until=row.until,
        changes=tuple(
            KnownChange(
                old=old,
                new=new,
                after=datetime.fromisoformat(after),
                before=datetime.fromisoformat(before),
            )
            for old, new, after, before in row.changes
        ),
    )


def keep(conn: Connection, site_id: int, watch: Watch) -> None:
    """Put this in the place of what was known of a site before."""
    row = insert(conn, announced).values(
        site_id=site_id,
        made_by=watch.made_by,
        until=watch.until,
        changes=[
            [one.old, one.new, format_time(one.after), format_time(one.before)]
            for one in watch.changes
        ],
    )
    conn.execute(
        row.on_conflict_do_update(
            index_elements=["site_id"],
            set_={name: row.excluded[name] for name in ("made_by", "until", "changes")},
        )
    )
