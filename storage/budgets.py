"""An archive's budget of requests, shared by every process that opens the database.

The generic cell rate algorithm (ITU-T I.371, virtual scheduling) on one row per archive and kind:
``next_at`` is when the request after all those granted is due. Times are epoch seconds, so the
processes need clocks that agree.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from sqlalchemy import and_, case, select

from storage.database import insert
from storage.schema import budgets, pauses

if TYPE_CHECKING:
    from collections.abc import Callable

    from storage.database import Connection, Database

SLACK = 2.0
"""Seconds by which the archive may see two requests closer together than they were granted.

A minute's requests are spread over a minute and this: however the way delays one and not the next,
no window of a minute at the archive's end holds more than its budget, and 96.8 % of that are used.
"""

CATCH_UP = 0.25
"""Seconds, of those, by which a turn may lie in the past: what was lost in waking up."""

FARTHEST = 60.0
CROWD = 16
"""Seconds, and processes that wait for a turn, beyond which the last turn's moment is not believed:
the clock has been set back since."""


LONGEST_REST = 3600.0
"""Seconds that a pause may last. One that ends later than that is not believed, for the same reason
(``FARTHEST`` aside: clocks differ a little)."""


def acquire(
    db: Database,
    archive: str,
    kind: str,
    per_minute: float,
    *,
    clock: Callable[[], float] = time.time,
) -> float:
    """Take the next turn; answers the moment from which the request may go out.

    A turn lasts for ``SLACK - CATCH_UP`` seconds at most: who is later takes another one. A
    ``per_minute`` of 0 sets no rate; a pause holds all the same.

    Raises:
        StorageError: the database fails.
    """
    if per_minute <= 0:
        return clock() + paused_for(db, archive, clock=clock)
    interval = (60.0 + SLACK) / per_minute

    def take(conn: Connection) -> float:
        now = clock()
        start = max(now - CATCH_UP, _pause_ends(conn, archive, now))
        row = insert(conn, budgets).values(archive=archive, kind=kind, next_at=start + interval)
        # Turns lie ahead by one a process; a clock that was set back must not cost the difference.
        stale = budgets.c.next_at > start + FARTHEST + CROWD * interval
        next_free = case(
            (stale, start + interval),
            (budgets.c.next_at > start, budgets.c.next_at),
            else_=start,
        )
        due = next_free + interval
        next_at = conn.execute(
            row.on_conflict_do_update(
                index_elements=["archive", "kind"], set_={"next_at": due}
            ).returning(budgets.c.next_at)
        ).scalar_one()
        return float(next_at) - interval

    return db.transact(take)


def pause(
    db: Database, archive: str, seconds: float, *, clock: Callable[[], float] = time.time
) -> None:
    """Stop every kind of request to an archive for a while, in all processes.

    A pause only ever extends one that holds, and lasts ``LONGEST_REST`` at most. Turns granted
    before are not taken back: who holds one asks `paused_for` when it comes, and takes another if a
    pause holds.
    """

    def extend(conn: Connection) -> None:
        now = clock()
        until = now + min(seconds, LONGEST_REST)
        row = insert(conn, pauses).values(archive=archive, until=until, count=1)
        new = row.excluded.until
        believed = now + LONGEST_REST + FARTHEST
        holds = and_(pauses.c.until > new, pauses.c.until <= believed)
        conn.execute(
            row.on_conflict_do_update(
                index_elements=["archive"],
                set_={
                    "until": case((holds, pauses.c.until), else_=new),
                    "count": pauses.c["count"] + 1,
                },
            )
        )

    db.transact(extend)


def paused_for(db: Database, archive: str, *, clock: Callable[[], float] = time.time) -> float:
    """Seconds until the archive's pause ends; 0.0 where none holds."""
    return db.retrieve(lambda conn: pause_left(conn, archive, clock=clock))


def pause_left(conn: Connection, archive: str, *, clock: Callable[[], float] = time.time) -> float:
    """The same within a transaction."""
    now = clock()
    return max(0.0, _pause_ends(conn, archive, now) - now)


def _pause_ends(conn: Connection, archive: str, now: float) -> float:
    query = select(pauses.c.until).where(pauses.c.archive == archive)
    until = float(conn.execute(query).scalar_one_or_none() or 0.0)
    return until if until <= now + LONGEST_REST + FARTHEST else 0.0
