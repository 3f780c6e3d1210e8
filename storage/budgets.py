"""An archive's budget of requests, shared by every process that opens the database.

The generic cell rate algorithm (ITU-T I.371, virtual scheduling) on one row per archive and kind:
``next_at`` is when the request after all those granted is due. Times are epoch seconds, so the
processes need clocks that agree.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from sqlalchemy import case, select

from storage.database import insert
from storage.schema import budgets, pauses

if TYPE_CHECKING:
    from collections.abc import Callable

    from storage.database import Connection, Database

BURST = 4
"""Requests that may go out at once after a silence; the rate holds over any longer span."""


def acquire(
    db: Database,
    archive: str,
    kind: str,
    per_minute: float,
    *,
    clock: Callable[[], float] = time.time,
) -> float:
    """Take the next slot; answers how many seconds from now the request may go out.

    A ``per_minute`` of 0 sets no rate; a pause holds all the same.

    Raises:
        StorageError: the database fails.
    """

    def take(conn: Connection) -> float:
        now = clock()
        pause_ends = _pause_ends(conn, archive)
        if per_minute <= 0:
            return max(0.0, pause_ends - now)
        interval = 60.0 / per_minute
        start = max(now, pause_ends)
        row = insert(conn, budgets).values(archive=archive, kind=kind, next_at=start + interval)
        due = case((budgets.c.next_at > start, budgets.c.next_at), else_=start) + interval
        next_at = conn.execute(
            row.on_conflict_do_update(
                index_elements=["archive", "kind"], set_={"next_at": due}
            ).returning(budgets.c.next_at)
        ).scalar_one()
        return max(0.0, start - now, float(next_at) - BURST * interval - now)

    return db.transact(take)


def pause(
    db: Database, archive: str, seconds: float, *, clock: Callable[[], float] = time.time
) -> None:
    """Stop every kind of request to an archive for a while, in all processes.

    A pause only ever extends one that holds. Slots granted before are not taken back: who holds
    one asks `paused_for` when its time comes.
    """

    def extend(conn: Connection) -> None:
        row = insert(conn, pauses).values(archive=archive, until=clock() + seconds, count=1)
        new = row.excluded.until
        conn.execute(
            row.on_conflict_do_update(
                index_elements=["archive"],
                set_={
                    "until": case((pauses.c.until > new, pauses.c.until), else_=new),
                    "count": pauses.c["count"] + 1,
                },
            )
        )

    db.transact(extend)


def paused_for(db: Database, archive: str, *, clock: Callable[[], float] = time.time) -> float:
    """Seconds until the archive's pause ends; 0.0 where none holds."""
    return max(0.0, db.retrieve(lambda conn: _pause_ends(conn, archive)) - clock())


def _pause_ends(conn: Connection, archive: str) -> float:
    query = select(pauses.c.until).where(pauses.c.archive == archive)
    return float(conn.execute(query).scalar_one_or_none() or 0.0)
