"""What the derivation made of every snapshot of a site, and why: what `tracker explain` shows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import delete, func, select

from storage.records import Decision, Role
from storage.schema import captures, decisions, snapshots

if TYPE_CHECKING:
    from collections.abc import Iterable

    from storage.database import Connection


def replace(conn: Connection, site_id: int, derived: Iterable[Decision]) -> None:
    """Put newly derived decisions in the place of the site's earlier ones; versions come first."""
    conn.execute(delete(decisions).where(decisions.c.site_id == site_id))
    rows = [
        {
            "site_id": site_id,
            "snapshot_id": decision.snapshot_id,
            "number": decision.number,
            "reason": decision.reason,
        }
        for decision in derived
    ]
    if rows:
        conn.execute(decisions.insert(), rows)


def are_missing(conn: Connection, site_id: int) -> bool:
    """Whether a judged capture of the policy was not there when the versions were derived."""
    # One that two archives hold is decided on once (`storage.series.observations`).
    judged = (
        select(captures.c.timestamp, captures.c.original)
        .join(snapshots, snapshots.c.capture_id == captures.c.id)
        .where(
            captures.c.site_id == site_id,
            captures.c.role == Role.POLICY.value,
            snapshots.c.verdict.is_not(None),
        )
        .distinct()
        .subquery()
    )
    decided = select(func.count()).select_from(decisions).where(decisions.c.site_id == site_id)
    wanted = select(func.count()).select_from(judged)
    return bool(conn.execute(wanted).scalar_one() > conn.execute(decided).scalar_one())


def edges(conn: Connection, site_id: int) -> dict[int, tuple[str, str]]:
    """The archive's addresses of the first and the last capture that show a version, by number."""
    query = (
        select(decisions.c.number, snapshots.c.archive_url)
        .join(snapshots, decisions.c.snapshot_id == snapshots.c.id)
        .join(captures, snapshots.c.capture_id == captures.c.id)
        .where(decisions.c.site_id == site_id, decisions.c.number.is_not(None))
        .order_by(captures.c.timestamp, snapshots.c.id)
    )
    found: dict[int, tuple[str, str]] = {}
    for number, address in conn.execute(query):
        first, _ = found.get(number, (address, address))
        found[number] = first, address
    return found


def of_site(conn: Connection, site_id: int, *, number: int | None = None) -> list[Decision]:
    """A site's decisions in the captures' time order; of one version, if its number is given."""
    query = (
        select(decisions)
        .join(snapshots, decisions.c.snapshot_id == snapshots.c.id)
        .join(captures, snapshots.c.capture_id == captures.c.id)
        .where(decisions.c.site_id == site_id)
        .order_by(captures.c.timestamp, snapshots.c.id)
    )
    if number is not None:
        query = query.where(decisions.c.number == number)
    return [
        Decision(snapshot_id=row.snapshot_id, number=row.number, reason=row.reason)
        for row in conn.execute(query)
    ]
