"""Schedules: which sites are to be looked at when. And the schedulers that see to it."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import delete, select, update

from storage.database import insert
from storage.run_records import Origin, Schedule, Scheduler, Timetable
from storage.work_schema import schedulers, schedules

if TYPE_CHECKING:
    from datetime import datetime
    from typing import Any

    from sqlalchemy import Row

    from storage.database import Connection


def put(
    conn: Connection, target: str, table: Timetable, *, origin: Origin, now: datetime
) -> Schedule:
    """Give a target a timetable, in the place of the one it has.

    From a timetable that differs from the one before, nothing is due that lies in the past; one
    that is the same stays as it is, paused or not.
    """
    values: dict[str, Any] = {
        "every_seconds": None if table.every is None else round(table.every.total_seconds()),
        "cron": table.cron,
        "timezone": table.timezone,
        "jitter_seconds": round(table.jitter.total_seconds()),
        "adaptive": table.adaptive,
        "origin": origin.value,
    }
    before = get(conn, target)
    if before is not None and before.timetable == table:
        same = update(schedules).where(schedules.c.id == before.id).values(origin=origin.value)
        return _schedule(conn.execute(same.returning(schedules)).one())
    values |= {"anchor": now, "enqueued_until": None}
    row = insert(conn, schedules).values(target=target, **values)
    made = row.on_conflict_do_update(index_elements=["target"], set_=values)
    return _schedule(conn.execute(made.returning(schedules)).one())


def get(conn: Connection, target: str) -> Schedule | None:
    """The schedule of a target."""
    row = conn.execute(select(schedules).where(schedules.c.target == target)).one_or_none()
    return None if row is None else _schedule(row)


def every(conn: Connection) -> list[Schedule]:
    """All schedules, by target."""
    return [_schedule(row) for row in conn.execute(select(schedules).order_by(schedules.c.target))]


def held(conn: Connection, schedule_id: int) -> Schedule | None:
    """One that is not paused, kept from other schedulers until this transaction ends.

    None where another one holds it, or it is gone or paused.
    """
    query = select(schedules).where(schedules.c.id == schedule_id, schedules.c.paused.is_(False))
    row = conn.execute(query.with_for_update(skip_locked=True)).one_or_none()
    return None if row is None else _schedule(row)


def mark(conn: Connection, schedule_id: int, enqueued_until: datetime) -> None:
    """Note up to which due moment runs were asked for."""
    chosen = update(schedules).where(schedules.c.id == schedule_id)
    conn.execute(chosen.values(enqueued_until=enqueued_until))


def pause(conn: Connection, target: str, *, paused: bool, now: datetime) -> bool:
    """Pause a schedule, or let it go on with what is due from then; False where there is none."""
    values: dict[str, Any] = {"paused": paused}
    if not paused:
        values["enqueued_until"] = now
    chosen = update(schedules).where(schedules.c.target == target)
    return bool(conn.execute(chosen.values(**values)).rowcount)


def remove(conn: Connection, target: str) -> bool:
    """Remove a schedule; its runs stay. False: there is none."""
    return bool(conn.execute(delete(schedules).where(schedules.c.target == target)).rowcount)


def sign_in(conn: Connection, name: str, now: datetime, *, dead_before: datetime) -> None:
    """Note that a scheduler lives, and forget those that have not been heard of since."""
    conn.execute(delete(schedulers).where(schedulers.c.seen < dead_before))
    row = insert(conn, schedulers).values(name=name, started=now, seen=now)
    conn.execute(row.on_conflict_do_update(index_elements=["name"], set_={"seen": now}))


def sign_out(conn: Connection, name: str) -> None:
    """Note that a scheduler has ended in order."""
    conn.execute(delete(schedulers).where(schedulers.c.name == name))


def signed_in(conn: Connection) -> list[Scheduler]:
    """Schedulers that have not signed out, the one that was heard of last first."""
    query = select(schedulers).order_by(schedulers.c.seen.desc(), schedulers.c.name)
    return [
        Scheduler(name=row.name, started=row.started, seen=row.seen) for row in conn.execute(query)
    ]


def _schedule(row: Row[Any]) -> Schedule:
    seconds = row.every_seconds
    return Schedule(
        id=row.id,
        target=row.target,
        timetable=Timetable(
            every=None if seconds is None else timedelta(seconds=seconds),
            cron=row.cron,
            timezone=row.timezone,
            jitter=timedelta(seconds=row.jitter_seconds),
            adaptive=row.adaptive,
        ),
        paused=row.paused,
        origin=Origin(row.origin),
        anchor=row.anchor,
        enqueued_until=row.enqueued_until,
    )
